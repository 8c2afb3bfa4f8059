"""Writes OUT, a line for every component of the source tree: {"<kind>/<key>", {"<hash>", "<hash it counts as>"}},

usage: component_hashes.py SOURCE OUT

The hash is of the component's own file and of the helpers of its folder that it includes, directly or not; what the
folder's interface includes is not among them. Comments, white space and the texts of help change no hash.
src/equal_sources.txt says which hashes stand for the same numbers. OUT is touched only when it changes.
"""
import hashlib
import pathlib
import re
import sys

# what its keys begin with, where the components are in src/, how one is recognised, what all of them include
KINDS = [("regularizers", "regularizers/builtin/*.cpp", "KLBENCH_REGULARIZER", "regularizers/registry.h"),
         ("data", "data/*/*.cpp", "DatasetRegistrar k", "data/dataset.h"),
         ("models/encoders", "models/encoders/*.cpp", "KLBENCH_ENCODER", "models/encoder.h"),
         ("models/decoders", "models/decoders/*.cpp", "KLBENCH_DECODER", "models/decoder.h"),
         ("latent/families", "latent/families/*.cpp", "KLBENCH_FAMILY", "latent/family.h"),
         ("latent/priors", "latent/priors/*.cpp", "KLBENCH_PRIOR", "latent/prior.h")]

TOKEN = re.compile(r'''R"(?P<end>[^()\\\s]{0,16})\(.*?\)(?P=end)"|"(?:\\.|[^"\\\n])*"|'(?:\\[^'\n]{1,8}|[^'\\\n])'|'''
                   r'''(?P<space>(?://(?:\\\n|[^\n])*|/\*.*?\*/|\s)+)|.''', re.S)
HELP = re.compile('\\.(?:help|summary|paper|recipe)\1=\1(?:"(?:\\\\.|[^"\\\\])*"\1?)+')
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def code_of(text):
    """The text without comments, with one space where white space separates, none beside brackets and commas."""
    code = TOKEN.sub(lambda token: "\1" if token["space"] else token[0], text)
    return re.sub("\1?([][(){};,])\1?", r"\1", HELP.sub("", code)).strip("\1")


def reachable(root, file, outside):
    """`file` and the headers and sources of its top folder that it includes, directly or not, sorted."""
    folder = file.relative_to(root).parts[0]
    found, left = set(), [file]
    while left:
        path = left.pop()
        if path in found or path in outside or not path.is_file():
            continue
        found.add(path)
        included = [root / name for name in INCLUDE.findall(path.read_text()) if name.startswith(folder + "/")]
        left += included + [header.with_suffix(".cpp") for header in included if header not in outside]
    return sorted(found)


def hash_of(root, file, outside):
    digest = hashlib.sha256()
    for path in reachable(root, file, outside):
        digest.update(f"{path.relative_to(root)}\0{code_of(path.read_text())}\0".encode())
    return digest.hexdigest()[:16]


def equal_sources(path):
    """new hash -> old hash"""
    equal = {}
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or any(not re.fullmatch("[0-9a-f]{16}", word) for word in words) or words[0] == words[1]:
            sys.exit(f"{path}:{number}: a line is '<new hash> <old hash>  # why', hashes of 16 digits as klbench describe shows")
        if words[0] in equal:
            sys.exit(f"{path}:{number}: {words[0]} stands here twice")
        equal[words[0]] = words[1]
    return equal


def counts_as(present, equal):
    seen = []
    while present in equal and present not in seen:
        seen.append(present)
        present = equal[present]
    return min(seen) if present in seen else present


def table(source):
    root = source / "src"
    equal = equal_sources(root / "equal_sources.txt")
    lines = []
    for kind, pattern, mark, interface in KINDS:
        outside = set(reachable(root, root / interface, set()))
        for file in sorted(root.glob(pattern)):
            if mark in file.read_text():
                present = hash_of(root, file, outside)
                lines.append(f'{{"{kind}/{file.stem}", {{"{present}", "{counts_as(present, equal)}"}}}},\n')
    return "".join(lines)


if __name__ == "__main__":
    text, out = table(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])
    if not out.exists() or out.read_text() != text:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
