"""A look at the data itself: copies, the range of brightness, labels that a judge doubts."""

from typing import Any

import numpy as np

from ganvas.data.health import duplicates
from ganvas.data.images import DataSet, Images
from ganvas.doctor.samples import near_copies
from ganvas.judge import Judge, judge_for
from ganvas.judge.card import user_folders
from ganvas.seeding import numpy_stream

__all__ = ["data_figures"]

_MOST_COMPARED = 200_000  # images; a second of reading


def data_figures(dataset: DataSet, *, most: int) -> dict[str, Any]:
    """Return what the doctor looks at in data; its `figure_signs` says what each is.

    Exact copies are counted among all images, up to 200,000. Near copies, range and labels are
    those of `most` training images drawn by chance, the same ones every time; labels only where a
    judge of this very data is there.
    """
    judge = judge_for(dataset, folders=user_folders())
    part: Images = dataset.train
    rows = np.sort(numpy_stream(0, "diagnosis", 0).permutation(len(part))[:most])
    images = np.ascontiguousarray(part.take(rows))
    features, seen = judge.features_and_labels(images)
    wrong = None
    if seen is not None and part.labels is not None:
        places = np.asarray([judge.class_names.index(name) for name in dataset.class_names])
        wrong = round(float((places[part.labels[rows]] != seen).mean()), 4)
    total = len(part) + len(dataset.held_out)
    return {
        "images": total,
        "copies": duplicates(dataset) if total <= _MOST_COMPARED else None,
        "looked_at": len(rows),
        "near_copies": round(near_copies(features), 4),
        "low": int(np.quantile(images, 0.001)),
        "high": int(np.quantile(images, 0.999)),
        "wrong": wrong,
        "judge_errs": _error_of(judge),
    }


def _error_of(judge: Judge) -> float:
    """Return the share of real images that a judge classes wrongly; 0 where nobody counted."""
    counted = judge.card.get("accuracy")
    return round(1 - counted["correct"] / counted["count"], 4) if counted else 0.0
