"""A run under the doctor: its signals taken, its findings told and written down.

All of it happens at places counted in images and draws from streams of its own: a run has the
same weights with and without.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ganvas.checkpoint import best_checkpoint, load_checkpoint
from ganvas.data.points import PointSet
from ganvas.doctor import Doctor, Facts, Finding
from ganvas.doctor.treatment import Order, decide
from ganvas.errors import GanvasError, UsageError
from ganvas.evaluation.data_figures import data_figures
from ganvas.evaluation.discriminator import Validation
from ganvas.evaluation.inspection import Inspection, network_figures
from ganvas.events import Found, Noted, Watcher
from ganvas.judge import judge_for
from ganvas.judge.card import user_folders
from ganvas.plan import require_shareable
from ganvas.recipe import Recipe
from ganvas.trainer import Trainer

__all__ = ["Checkup", "look_at_data", "signals_of", "take_signals"]

_DATA_IMAGES = 1_000  # a tenth of a second for the judge


class Checkup:
    """The doctor of a running training: every line of metrics.jsonl is read as it is written.

    What is found follows from those lines alone. So findings.jsonl is written anew whenever the run
    goes on from a checkpoint, and holds every finding once, whatever happened in between.
    """

    def __init__(self, trainer: Trainer, tell: Watcher, facts: Facts) -> None:
        self._trainer, self._tell, self._facts = trainer, tell, facts
        self._doctor = Doctor(facts)
        self._listens = False
        self._is_new = False
        self._unreadable: set[Path] = set()
        recipe = trainer.recipe
        # Mostly long enough for a finding to end, which takes as many looks without it.
        self._patience = max(
            15 * recipe.log.every_images,
            6 * recipe.evaluation.validation_every_images,
            trainer.total_images // 10,
        )

    def begin(self) -> None:
        """Read what the run has said so far; of a young run, tell what recipe and data show."""
        doctor = self._doctor = Doctor(self._facts)
        told = doctor.begin()
        for line in self._trainer.directory.read_metrics("images", dict):
            told += doctor.read(line)
        if not self._trainer.images:  # what a look at the data found, too
            self._say(told)
        with self._trainer.patience():
            self._trainer.directory.write_findings([finding.to_json() for finding in told])
        if not self._listens:
            self._trainer.listen(self._read)
            self._listens = True
            if self._facts.recipe.doctor.remedy == "apply":
                self._trainer.at_boundary(self._treat)
        if self._facts.recipe.doctor.remedy == "apply" and not self._trainer.images:
            # Before the first update: one by bad settings leaves its mark in the optimisers.
            while self._give():
                pass

    def diverge(self, reason: str) -> None:
        """Take in that the run diverged."""
        self._tell_all([self._doctor.diverge(reason, self._trainer.images)])

    def _read(self, line: dict[str, Any]) -> None:
        self._tell_all(self._doctor.read(line))
        self._is_new = True

    def _treat(self) -> None:
        """Between two iterations: give the next remedy, or undo the last."""
        if not self._is_new or self._trainer.is_spent:  # at its end nothing can help
            return
        self._is_new = False
        self._give()

    def _give(self) -> bool:
        """Give the next remedy, or undo the last; return whether there was any."""
        trainer = self._trainer
        if trainer.found_best:  # what is about to be saved as the best must be that model
            return False
        order, best = self._decide()
        if order is None:
            return False
        trainer.revise(order.changes)
        words = order.words
        if best is not None:
            trainer.go_back(best)
            words += f", which are those of {best['images']:,} images"
        if order.stop:
            trainer.end_soon()
        if order.restart is not None:
            trainer.restart(order.restart, beginning=len(trainer.remedies))
        with trainer.patience():
            trainer.directory.write_remedies(trainer.remedies)
        self._tell(Noted(text=f"{words} (at {trainer.images:,} images)"))
        return True

    def _decide(self) -> tuple[Order | None, dict[str, Any] | None]:
        """Return what is to be done, and the state of the best model where that goes back to it.

        Where that state cannot be read, what comes next is done instead.
        """
        trainer = self._trainer
        slack = trainer.procedure.images_per_iteration
        least = [
            self._doctor.least_to_end(one["finding"], slack)
            for one in trainer.remedies
            if one["outcome"] == "trying"
        ]
        while True:
            path = best_checkpoint(trainer.directory.checkpoints, at_most=trainer.images)
            if path in self._unreadable:
                path = None
            order = decide(
                trainer.remedies,
                recipe=trainer.recipe,
                published=self._facts.published,
                changes=trainer.changes,
                findings=self._doctor.open_under(trainer.step.recipe),
                images=trainer.images,
                total_images=trainer.total_images,
                patience=max([self._patience, *least]),
                has_best=path is not None,
                allows=self._allows,
            )
            if order is None or not order.back or path is None:
                return order, None
            try:
                return order, load_checkpoint(path)
            except GanvasError as error:
                self._unreadable.add(path)
                trainer.remedies.pop()  # it was not given
                self._tell(Noted(text=f"the best networks cannot be had again: {error}"))

    def _allows(self, recipe: Recipe) -> bool:
        """Whether all processes that train together can go on by a changed recipe."""
        try:
            require_shareable(recipe, self._trainer.group.size)
        except UsageError:
            return False
        return True

    def _tell_all(self, findings: list[Finding]) -> None:
        try:
            for finding in findings:
                with self._trainer.patience():
                    self._trainer.directory.append_finding(finding.to_json())
        finally:
            self._say(findings)  # whether there is room to write them down or not

    def _say(self, findings: list[Finding]) -> None:
        for finding in findings:
            self._tell(
                Found(
                    images=finding.images,
                    name=finding.name,
                    severity=finding.severity,
                    sentence=finding.sentence,
                    resolved=finding.resolved,
                )
            )


def look_at_data(trainer: Trainer) -> None:
    """Write to metrics.jsonl what the doctor looks at in images, before the first update."""
    if isinstance(trainer.dataset, PointSet):
        return
    figures = data_figures(trainer.dataset, most=_DATA_IMAGES)
    trainer.append_metrics({"images": 0, "seconds": 0.0, "data": figures})


def take_signals(trainer: Trainer, validation: Validation, *, every_images: int) -> None:
    """Have `trainer` add a line with `probe` to metrics.jsonl right after each validation."""
    trainer.gauge_every(every_images)
    trainer.probe_every(every_images, signals_of(trainer, validation))


def signals_of(trainer: Trainer, validation: Validation) -> Callable[[], None]:
    """Return a look at a trainer's networks and samples, which adds a line to metrics.jsonl."""
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

    return look


def _plain(value: Any) -> Any:
    """Return a figure as JSON has it, to six digits; null for what is not finite."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
