"""Whether D or G has learnt its training images by heart."""

from collections.abc import Iterator

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs", "signs_of_copying"]

_MEAN_OF = 4  # looks of a hundred images: a single one is off by 0.15


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield d_overfits from the newest validations."""
    share = history.mean("validation", "overfitting", _MEAN_OF)
    train = history.mean("validation", "d_accuracy_train", _MEAN_OF)
    held_out = history.mean("validation", "d_accuracy_held_out", _MEAN_OF)
    if share is None or train is None or held_out is None:
        return
    if share > limit("overfitting") and train - held_out > limit("accuracy_gap"):
        severity = "error" if share > limit("overfitting_badly") else "warning"
        evidence = {
            "overfitting": round(share, 3),
            "d_accuracy_train": round(train, 3),
            "d_accuracy_held_out": round(held_out, 3),
        }
        yield Sign(name="d_overfits", severity=severity, evidence=evidence)  # type: ignore[arg-type]


def signs_of_copying(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield g_memorises from the newest probe."""
    nearness = history.last("probe", "copying")
    if nearness is not None and nearness < limit("copying") and history.images >= facts.grace:
        yield Sign(name="g_memorises", severity="warning", evidence={"copying": nearness})
