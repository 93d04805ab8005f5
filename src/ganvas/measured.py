"""What an evaluation says of how it was made: plain values, as `status.json` keeps them."""

from collections.abc import Mapping
from typing import Any

__all__ = ["flatters", "samples_counted"]


def samples_counted(evaluation: Mapping[str, Any]) -> int:
    """Return how many samples the distance and the neighbour figures of an evaluation are of.

    That is all, or as many as there are real images to set beside them.
    """
    for name in ("fd", "coverage"):
        if name in evaluation["metrics"]:
            return int(evaluation["metrics"][name].get("samples", evaluation["samples"]))
    return int(evaluation["samples"])


def flatters(evaluation: Mapping[str, Any]) -> bool:
    """Return whether a distance of many samples stands beside that of fewer real images.

    So it was before they were counted alike. Chance adds more to the distance of fewer images, so
    such a figure compares with no other.
    """
    fd = evaluation["metrics"].get("fd")
    if fd is None or fd["real"] is None or "samples" in fd:
        return False
    return bool(evaluation.get("real_samples", evaluation["samples"]) < evaluation["samples"])
