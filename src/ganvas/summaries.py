"""What a judge makes of real images, computed once: statistics and accuracy of a split, cached.

Looked up in the package first (the embedded data's are shipped), then in the user's cache. The
key holds everything the numbers depend on, so a stale entry is never found.
"""

import json
import logging
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files as package_files
from pathlib import Path

import numpy as np
import torch

from ganvas.data.find import cache_folder
from ganvas.data.images import DataSet, Images
from ganvas.errors import GanvasError
from ganvas.files import read_json, write_json
from ganvas.judge.architecture import NUM_FEATURES
from ganvas.judge.judge import Judge
from ganvas.metrics.frechet import Statistics, features_to_statistics
from ganvas.metrics.labels import label_accuracy
from ganvas.seeding import numpy_stream
from ganvas.weights import Layout, read_weights, write_weights

__all__ = ["Summary", "real_summary", "summarise", "summary_key"]

_VERSION = 1  # to be raised with any change of how features or statistics are computed
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Summary:
    """Feature statistics of images, and the share whose class the judge finds (None: no labels)."""

    statistics: Statistics
    label_accuracy: float | None


def summarise(images: np.ndarray, labels: np.ndarray | None, judge: Judge) -> Summary:
    """Return the summary of images uint8 (N, C, H, W) and their labels int64 (N,) or None."""
    features, predicted = judge.features_and_labels(images)
    accuracy = None
    if labels is not None:
        accuracy = label_accuracy(asked=labels, predicted=predicted)
    return Summary(statistics=features_to_statistics(features), label_accuracy=accuracy)


def real_summary(dataset: DataSet, part: Images, count: int, judge: Judge) -> Summary:
    """Return the summary of `count` images of a split (all of them, or a fixed random choice)."""
    name = f"{summary_key(dataset, part, count, judge)}.safetensors"
    shipped = Path(str(package_files("ganvas") / "assets" / "summaries" / name))
    cached = _cached(name)
    for path in (shipped, cached):
        try:
            if path is not None and path.is_file():
                digest = None if path is shipped else str(read_json(_digest_of(path)))
                return _read(path, digest, with_labels=part.labels is not None)
        except (OSError, GanvasError) as error:
            _log.warning("computing again what a damaged file held: %s", error)
    order = numpy_stream(0, "evaluation.real").permutation(len(part))
    rows = np.sort(order[:count])
    labels = None if part.labels is None else part.labels[rows]
    summary = summarise(part.images[rows], labels, judge)
    if cached is not None:
        try:
            cached.parent.mkdir(parents=True, exist_ok=True)
            write_json(_digest_of(cached), write_summary(cached, summary))
        except (OSError, GanvasError) as error:
            _log.warning("not cached: %s", error)
    return summary


def summary_key(dataset: DataSet, part: Images, count: int, judge: Judge) -> str:
    """Return the name under which a summary is kept: a hash of all it depends on."""
    held_out = 0 if part.split == "test" else len(dataset.held_out)
    parts = [_VERSION, judge.digest, dataset.digest, part.split, held_out, count]
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def write_summary(path: Path, summary: Summary) -> str:
    """Write a summary atomically; return the file's digest."""
    statistics = summary.statistics
    tensors = {
        "mean": torch.from_numpy(statistics.mean),
        "covariance": torch.from_numpy(statistics.covariance),
        "count": torch.tensor([statistics.count], dtype=torch.int64),
    }
    if summary.label_accuracy is not None:
        tensors["label_accuracy"] = torch.tensor([summary.label_accuracy], dtype=torch.float64)
    return write_weights(path, tensors, {})


def _cached(name: str) -> Path | None:
    try:
        return cache_folder() / "summaries" / name
    except GanvasError as error:  # there is no home
        _log.warning("not cached: %s", error)
        return None


def _digest_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _read(path: Path, digest: str | None, *, with_labels: bool) -> Summary:
    layout: Layout = {
        "mean": ((NUM_FEATURES,), torch.float64),
        "covariance": ((NUM_FEATURES, NUM_FEATURES), torch.float64),
        "count": ((1,), torch.int64),
    }
    if with_labels:
        layout["label_accuracy"] = ((1,), torch.float64)
    tensors = read_weights(path, layout, digest)
    statistics = Statistics(
        mean=tensors["mean"].numpy(),
        covariance=tensors["covariance"].numpy(),
        count=int(tensors["count"]),
    )
    accuracy = float(tensors["label_accuracy"]) if with_labels else None
    return Summary(statistics=statistics, label_accuracy=accuracy)
