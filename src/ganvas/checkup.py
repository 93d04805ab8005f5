"""A run under the doctor: its signals are taken on a schedule and written down.

All of it happens at places counted in images and draws from streams of its own: a run has the
same weights with and without.
"""

import math
from typing import Any

from ganvas.data.points import PointSet
from ganvas.evaluation.discriminator import Validation
from ganvas.evaluation.inspection import Inspection, network_figures
from ganvas.judge import judge_for
from ganvas.judge.card import user_folders
from ganvas.trainer import Trainer

__all__ = ["take_signals"]


def take_signals(trainer: Trainer, validation: Validation, *, every_images: int) -> None:
    """Have `trainer` add a line with `probe` to metrics.jsonl right after each validation."""
    dataset, recipe = trainer.dataset, trainer.recipe
    inspection: Inspection | None = None
    if not isinstance(dataset, PointSet):
        judge = judge_for(dataset, folders=user_folders())
        inspection = Inspection(
            dataset, judge, seed=recipe.seed, asks_classes=recipe.conditioning == "class"
        )

    def look() -> None:
        step = trainer.step
        asked = validation.ask(
            trainer.images, generator=step.generator, discriminator=step.discriminator
        )
        figures: dict[str, Any] = {} if step.gauge is None else step.gauge.figures()
        figures |= network_figures(
            asked, discriminator=step.discriminator, pack=recipe.discriminator.pack
        )
        if inspection is not None:
            figures |= inspection(asked, average=step.average.average)
        trainer.append_metrics(
            {
                "images": trainer.images,
                "seconds": round(trainer.seconds, 3),
                "probe": {name: _plain(value) for name, value in figures.items()},
            }
        )

    trainer.gauge_every(every_images)
    trainer.probe_every(every_images, look)


def _plain(value: Any) -> Any:
    """Return a figure as JSON has it, to six digits; null for what is not finite."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
