"""A model of a disk that loses its power: what was not synced is lost, torn or zeroed, as unkindly as POSIX allows.

Data of a file is safe up to its last fsync; of the writes and truncations since, any number may have reached the disk,
the last of them in part or as zeros. Names in a folder are safe up to the folder's last fsync; of the changes since, any
number may have reached the disk, in their order."""
import os
import pathlib


class File:
    def __init__(self):
        self.safe = b""
        self.pending = []  # since the last sync: (offset, data), or (size, None) for a truncation

    def sync(self):
        self.safe = apply(self.safe, self.pending)
        self.pending = []

    def after_loss(self, random):
        kept = self.pending[:random.choice([0, len(self.pending), random.randint(0, len(self.pending))])]
        if kept and kept[-1][1]:
            offset, data = kept[-1]
            cut = random.randint(0, len(data))
            kept[-1] = random.choice([(offset, data), (offset, data[:cut]),
                                      (offset, data[:cut] + bytes(len(data) - cut))])
        return apply(self.safe, kept)


def apply(content, changes):
    for offset, data in changes:
        if data is None:
            content = content[:offset].ljust(offset, b"\0")
        else:
            content = content[:offset].ljust(offset, b"\0") + data + content[offset + len(data):]
    return content


class Disk:
    """Replays the calls of a log on a folder that was empty and safe."""

    def __init__(self, root):
        self.root = str(root)
        self.now = {}        # path -> File, or None for a folder
        self.safe = {}       # the same, as far as synced
        self.pending = {}    # folder -> its changes since its last sync

    def change(self, path, *change):
        folder = os.path.dirname(path)
        self.pending.setdefault(folder, []).append((path, *change))
        apply_name(self.now, (path, *change))

    def do(self, call, path, other, data):
        if call in ("mkdir", "create"):
            self.change(path, "add", None if call == "mkdir" else File())
        elif call == "remove":
            self.change(path, "remove")
        elif call == "rename":
            assert os.path.dirname(path) == os.path.dirname(other), "only renames within a folder"
            self.change(path, "rename", other)
        elif call == "write":
            self.now[path].pending.append((int(other), data))
        elif call == "truncate":
            self.now[path].pending.append((int(other), None))
        elif call == "sync" and self.now.get(path) is not None:
            self.now[path].sync()
        elif call == "sync":
            for change in self.pending.pop(path, []):
                apply_name(self.safe, change)

    def image(self, random):
        """path -> bytes, or None for a folder: what is there after a loss of power."""
        names = dict(self.safe)
        for changes in self.pending.values():
            for change in changes[:random.choice([0, len(changes), random.randint(0, len(changes))])]:
                apply_name(names, change)
        reachable = {}
        for path in sorted(names):
            parent = os.path.dirname(path)
            if parent == self.root or names.get(parent, 0) is None:
                reachable[path] = names[path].after_loss(random) if names[path] else None
        return reachable


def apply_name(names, change):
    path, what, *more = change
    if what == "add":
        names[path] = more[0]
    elif what == "remove":
        names.pop(path, None)
    elif path in names:
        names[more[0]] = names.pop(path)


def write_image(image, root, target):
    """Puts an image of `root` below `target`; a cell file gets the time that the manifest has for it, where they agree
    in size, so that the manifest's trust is put to the test as well."""
    for path, content in image.items():
        place = pathlib.Path(str(target) + path[len(str(root)):])
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir(exist_ok=True)
        else:
            place.write_bytes(content)
    for manifest in pathlib.Path(target).rglob("manifest.tsv"):
        for line in manifest.read_bytes().decode(errors="replace").split("\n"):
            fields = line.split("\t")
            cell = manifest.parent / (fields[0] + ".h5")
            if len(fields) == 5 and fields[2] == str(cell.stat().st_size if cell.exists() else -1):
                os.utime(cell, ns=(int(fields[3]), int(fields[3])))
