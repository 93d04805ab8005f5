"""What D is shown passes through one place; controllers read reports and live in checkpoints."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.procedure import Cursor
from ganvas.recipe import LossSettings, PenaltySettings
from ganvas.step import Report
from ganvas.trainer import Trainer
from tests.training_helpers import TINY, tiny_trainer, with_procedure


class Recorder:
    """A show that keeps what it was handed and adds a little noise."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.noise: list[Tensor] = []

    def __call__(self, images: Tensor, generator: torch.Generator) -> Tensor:
        noise = torch.randn(images.shape, generator=generator)
        self.rows.append(len(images))
        self.noise.append(noise)
        return images + 0.1 * noise


class Counter:
    """A controller that sums what it read."""

    def __init__(self) -> None:
        self.images = 0
        self.total = torch.zeros(())

    def read(self, report: Report, *, images: int) -> None:
        self.images += images
        self.total = self.total + report.get("g_loss", torch.zeros(()))

    def figures(self) -> Report:
        return {"counted": torch.tensor(self.images)}

    def state_dict(self) -> dict[str, Any]:
        return {"images": self.images, "total": self.total}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.images, self.total = int(state["images"]), state["total"]


def run(trainer: Trainer, cursor: Cursor, count: int) -> Cursor:
    for _ in range(count):
        update, cursor = trainer.procedure.next(cursor, None)
        trainer.step.carry_out(update, trainer.feed.fetch(update))
    return cursor


@pytest.mark.parametrize(
    ("settings", "rows"),
    [
        ({"passes": "separate"}, [8, 8, 8]),  # real, fake; then the fakes that teach G
        ({"passes": "joint"}, [16, 8]),
        ({"name": "simultaneous", "passes": "joint"}, [16, 16]),
    ],
)
def test_every_image_on_its_way_to_d_is_shown(settings: dict[str, str], rows: list[int]) -> None:
    trainer = tiny_trainer(with_procedure(TINY, **settings))
    show = Recorder()
    trainer.step.view.shows.append(show)
    run(trainer, Cursor(), 2)
    assert show.rows == rows


def test_a_pairing_loss_shows_the_real_images_too_while_g_learns() -> None:
    trainer = tiny_trainer(replace(TINY, loss=LossSettings(name="relativistic")))
    show = Recorder()
    trainer.step.view.shows.append(show)
    run(trainer, Cursor(update=1), 1)
    assert show.rows == [8, 8]


def test_penalties_and_class_scores_look_by_the_same_way() -> None:
    recipe = replace(
        TINY,
        loss=LossSettings(class_weight=1.0),
        penalty=PenaltySettings(r1=1.0, r2=1.0, gradient_penalty=1.0),
    )
    trainer = tiny_trainer(recipe)
    show = Recorder()
    trainer.step.view.shows.append(show)
    run(trainer, Cursor(), 1)
    assert show.rows == [8] * 5


def test_what_is_shown_follows_from_seed_and_update_alone() -> None:
    shows = []
    for start in (0, 2):
        trainer = tiny_trainer()
        show = Recorder()
        trainer.step.view.shows.append(show)
        if start:
            earlier = tiny_trainer()
            earlier.step.view.shows.append(Recorder())
            run(earlier, Cursor(), start)
            trainer.step.load_state_dict(deepcopy(earlier.step.state_dict()))
        run(trainer, Cursor(iteration=start // 2), 4 - start)
        shows.append(show.noise)
    straight, resumed = shows
    assert all(torch.equal(a, b) for a, b in zip(straight[3:], resumed, strict=True))
    assert not torch.equal(straight[0], straight[3])


def test_controllers_read_every_report_and_are_part_of_the_state() -> None:
    straight, resumed = tiny_trainer(), tiny_trainer()
    for trainer in (straight, resumed):
        trainer.step.controllers["counter"] = Counter()
    cursor = run(straight, Cursor(), 4)
    resumed.step.load_state_dict(deepcopy(straight.step.state_dict()))
    for trainer in (straight, resumed):
        run(trainer, cursor, 2)
    first, second = (t.step.controllers["counter"].state_dict() for t in (straight, resumed))
    assert first["images"] == second["images"] == 24
    assert torch.equal(first["total"], second["total"])
    assert float(first["total"]) > 0
