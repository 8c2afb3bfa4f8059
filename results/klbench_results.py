"""A klbench study as pandas DataFrames (python3-pandas, python3-h5py; this one file can be copied anywhere):

    import klbench_results
    study = klbench_results.read("results/quickstart.h5")
    study.cells                         # one row a cell: method, status, tags, options, facts, provenance
    study.final                         # cell, split, metric, dimension, value, units, and how it was estimated
    study.epochs                        # cell, split, metric, epoch, step, value
    study.diagnostics                   # cell, name, dimension, epoch, step, value
    study.examples("nll")               # one row a cell, one column an example
    study.final.query("split == 'test' and metric == 'kl'").join(study.cells.method, on="cell")

    klbench_results.weights("results/quickstart/<id>.model")    # name -> array, of a cell with keep.model

What a cell has not is missing (in `cells`: NaN or None), and has no row in the other tables.
"""
import json
import struct
from dataclasses import dataclass

import h5py
import numpy as np
import pandas as pd

_ESTIMATE = ["estimator", "examples", "samples", "error", "error_over"]  # of `final`, where a metric has them
_TYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1", "BOOL": "?"}
_ABSENT = np.uint64(0x7FF80000000007A2)  # a NaN of klbench's own: not there, where other NaNs were measured


@dataclass
class Study:
    name: str
    yaml: str            # the study's YAML
    figures: list        # as declared
    baseline: str | None
    cells: pd.DataFrame  # index: id
    missing: pd.DataFrame  # cells without results: id, and why where it is known
    final: pd.DataFrame
    epochs: pd.DataFrame
    diagnostics: pd.DataFrame
    path: str

    def examples(self, metric, split="test"):
        """rec, kl or nll of every example, in the order of the data; NaN where it was not measured."""
        with h5py.File(self.path) as file:
            group = file["examples"].get(split, {})
            if metric not in group:
                raise KeyError(f"{self.path} keeps no values by example of {metric} on {split}")
            return pd.DataFrame(group[metric][()], index=self.cells.index)


def read(path):
    """The whole study. Raises ValueError where the file is none, or of another version of klbench."""
    with h5py.File(path) as file:
        if file.attrs.get("kind") != "study" or file.attrs["schema_version"] != 2:
            raise ValueError(f"{path}: no study's file of schema version 2")
        ids = _texts(file["cells/id"])
        cells = {"method": _texts(file["cells/method"]), "status": _texts(file["cells/status"])}
        if "tags" in file["cells"]:
            cells["tags"] = [text.split(",") if text else [] for text in _texts(file["cells/tags"])]
        for group in ("config", "facts", "provenance"):
            for name, dataset in file[group].items():
                cells[name if name not in cells else f"{group}.{name}"] = _values(dataset)
        missing = {"cell": _texts(file["missing/id"]), "outcome": _values(file["missing/json"])}
        return Study(file.attrs["study"], file.attrs["study_yaml"], json.loads(file.attrs["figures"]),
                     file.attrs.get("baseline"), pd.DataFrame(cells, index=pd.Index(ids, name="cell")),
                     pd.DataFrame(missing), _final(file, ids), _epochs(file, ids), _diagnostics(file, ids), str(path))


def weights(path):
    """The arrays of a kept model by name. It is in the safetensors format: size of the header, header in JSON, data."""
    with open(path, "rb") as file:
        header = json.loads(file.read(*struct.unpack("<Q", file.read(8))))
        data = file.read()
    header.pop("__metadata__")  # the cell's configuration
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], _TYPES[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in header.items()}


def _texts(dataset):
    return [text.decode() for text in dataset[()]]


def _values(dataset):
    """A column of options, facts or provenance (src/storage/value_column.h says which forms there are)."""
    form = dataset.attrs["values"]
    if form == "texts":
        return _texts(dataset)
    if form == "texts or empty":
        return [text or None for text in _texts(dataset)]
    if form == "tagged texts":
        make = {"b": lambda text: text == "true", "i": int, "r": float, "t": str}
        return [make[text[0]](text[1:]) if text else None for text in _texts(dataset)]
    values = dataset[()]
    if form == "booleans":
        return [None if np.isnan(value) else bool(value) for value in values]
    return values


def _is_there(values):
    return values.view(np.uint64) != _ABSENT


def _final(file, ids):
    parts = []
    for split, metrics in file["final"].items():
        for metric, dataset in metrics.items():
            values = dataset[()].reshape(len(ids), -1)
            rows, dimensions = np.nonzero(_is_there(values))
            estimate = file["estimates"][split].get(metric, {})
            parts.append(pd.DataFrame({
                "cell": np.array(ids)[rows], "split": split, "metric": metric,
                "dimension": dimensions if values.shape[1] > 1 else pd.NA, "value": values[rows, dimensions],
                "units": dataset.attrs["units"],
                **{name: np.asarray(_values(estimate[name]))[rows] if name in estimate else dataset.attrs.get(name, np.nan)
                   for name in _ESTIMATE}}))
    return _joined(parts, ["cell", "split", "metric", "dimension", "value", "units", *_ESTIMATE])


def _epochs(file, ids):
    numbers, steps = file["epochs/epoch"][()], file["epochs/step"][()]
    parts = []
    for split, metrics in file["epochs"].items():
        if isinstance(metrics, h5py.Dataset):
            continue
        for metric, dataset in metrics.items():
            values = dataset[()]
            rows, columns = np.nonzero(_is_there(values))
            parts.append(pd.DataFrame({"cell": np.array(ids)[rows], "split": split, "metric": metric,
                                       "epoch": numbers[columns], "step": steps[rows, columns],
                                       "value": values[rows, columns]}))
    return _joined(parts, ["cell", "split", "metric", "epoch", "step", "value"])


def _diagnostics(file, ids):
    numbers, steps = file["epochs/epoch"][()], file["epochs/step"][()]
    parts = []
    for name, dataset in file["diagnostics"].items():
        values = dataset[()].reshape(*steps.shape, -1)
        rows, columns, dimensions = np.nonzero(_is_there(values))
        parts.append(pd.DataFrame({"cell": np.array(ids)[rows], "name": name, "dimension": dimensions,
                                   "epoch": numbers[columns], "step": steps[rows, columns],
                                   "value": values[rows, columns, dimensions]}))
    return _joined(parts, ["cell", "name", "dimension", "epoch", "step", "value"])


def _joined(parts, columns):
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
