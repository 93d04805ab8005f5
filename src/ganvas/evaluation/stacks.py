"""Stacks of three digits: how many of the thousand triples a generator draws, and how evenly.

Each channel is read by the judge of what was stacked, so no classifier of a thousand classes is
needed (Lin et al., PacGAN, arXiv 1712.04086, section 4.2).
"""

from typing import Any

import numpy as np

from ganvas.data.images import DataSet
from ganvas.data.named.kinds import StackedSource
from ganvas.data.named.sources import SOURCES
from ganvas.evaluation.table import METRICS
from ganvas.judge.judge import Judge
from ganvas.judge.store import load_judge
from ganvas.metrics.modes import NUM_MODES, Modes, modes_floor, stacked_modes
from ganvas.real.reference import Reference, rows_of

__all__ = ["PROTOCOL_SAMPLES", "STACK_METRICS", "holds_stacks", "stack_figures"]

PROTOCOL_SAMPLES = 26_000
"""Samples that published figures of modes are of (arXiv 1705.07761, 1712.04086)."""

STACK_METRICS = ("modes", "modes_kl")
"""The figures that stacks alone have."""

_ARRAYS = (*STACK_METRICS, "confident")


def holds_stacks(dataset: DataSet) -> bool:
    """Return whether a data set is the whole of one of stacks, with each of their modes."""
    source = SOURCES.get(dataset.reference)
    return isinstance(source, StackedSource) and dataset.num_classes == NUM_MODES


def stack_figures(images: np.ndarray, reference: Reference) -> dict[str, dict[str, Any]]:
    """Return the entries `modes` and `modes_kl` of stacks uint8 (N, 3, H, W), N >= 1000.

    modes     how many triples are met at least once; `confident`, among stacks of whose three
              digits the judge is sure by more than 0.9
    modes_kl  KL(found || even), in nats; `floor` is what as many stacks of evenly drawn digits
              give by chance

    `real` are the same of as many unseen stacks, or of all there are. Raises UsageError for fewer
    images than modes.
    """
    judge = _judge_of(reference.dataset)
    found = _modes(judge, images)
    floor = modes_floor(NUM_MODES, len(images))
    real = _real_modes(judge, reference, len(images))
    said = {"judge": f"{judge.name} {judge.digest[7:15]}"}
    details = {
        "modes": {"of": NUM_MODES, "confident": found.confident, **said},
        "modes_kl": {"floor": floor, **said},
    }
    values: dict[str, float] = {"modes": found.found, "modes_kl": found.kl}
    return {
        name: {
            "value": values[name],
            "real": real.get(name),
            "higher_is_better": METRICS[name].higher_is_better,
            **details[name],
        }
        for name in STACK_METRICS
    }


def _judge_of(dataset: DataSet) -> Judge:
    source = SOURCES[dataset.reference]
    assert isinstance(source, StackedSource)
    judge = load_judge(source.of.name)
    assert isinstance(judge, Judge)
    return judge


def _modes(judge: Judge, images: np.ndarray) -> Modes:
    count, channels, height, width = images.shape
    digits, confidence = judge.predict_surely(images.reshape(-1, 1, height, width))
    return stacked_modes(
        predicted=digits.reshape(count, channels), confidence=confidence.reshape(count, channels)
    )


def _real_modes(judge: Judge, reference: Reference, count: int) -> dict[str, float]:
    """Return the figures of unseen stacks; {} where there are fewer of them than modes."""
    unseen = reference.unseen
    rows = rows_of(unseen, min(count, len(unseen)))
    if len(rows) < NUM_MODES:
        return {}

    def fresh() -> dict[str, np.ndarray]:
        found = _modes(judge, unseen.take(rows))
        return {
            "modes": np.array([found.found]),
            "modes_kl": np.array([found.kl]),
            "confident": np.array([found.confident]),
        }

    arrays = reference.figures(_ARRAYS, ["modes", judge.digest, len(rows)], fresh)
    return {"modes": int(arrays["modes"][0]), "modes_kl": float(arrays["modes_kl"][0])}
