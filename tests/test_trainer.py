"""The loop: budgets, boundaries, exact repeats, exact resume, divergence. Tiny runs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ganvas.checkpoint import load_checkpoint, newest_checkpoint
from ganvas.errors import DivergedError
from ganvas.events import Event, Noted, Sampled, Ticked
from ganvas.recipe import Budget, CheckpointSettings, PenaltySettings, Recipe
from ganvas.signals import StopRequest
from ganvas.trainer import Trainer
from tests.training_helpers import TINY, tiny_data, tiny_trainer, with_procedure

VARIED = replace(TINY, penalty=PenaltySettings(r1=0.5, every=2))
PROCEDURES: list[dict[str, Any]] = [
    {"name": "alternating"},
    {"name": "alternating", "generator_noise": "same", "generator_steps": 2},
    {"name": "simultaneous", "passes": "joint", "fake_labels": "real"},
    {"name": "rounds", "round_images": 20, "discriminator_epochs": 2, "generator_epochs": 2},
]


class StopAfter(StopRequest):
    """Asks to stop once `updates` updates were made, as a signal would."""

    def __init__(self, trainer: Trainer, updates: int) -> None:
        super().__init__()
        made = 0
        carry_out = trainer.step.carry_out

        def counting(*arguments: Any) -> Any:
            nonlocal made
            made += 1
            if made >= updates:
                self.received = 2
            return carry_out(*arguments)

        trainer.step.carry_out = counting  # type: ignore[method-assign, assignment]


def run(recipe: Recipe, folder: Path, **data: Any) -> Trainer:
    folder.mkdir(parents=True, exist_ok=True)
    trainer = tiny_trainer(recipe, tiny_data(**data), folder)
    assert trainer.train(StopRequest()) == "finished"
    return trainer


def same_state(first: Trainer, second: Trainer) -> bool:
    players = ("generator", "discriminator", "average")
    a, b = first.step.state_dict(), second.step.state_dict()
    return all(torch.equal(a[p][name], b[p][name]) for p in players for name in a[p])


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_the_budget_is_spent_in_whole_iterations(procedure: dict[str, Any], tmp_path: Path) -> None:
    trainer = run(with_procedure(VARIED, **procedure), tmp_path)
    each = trainer.procedure.images_per_iteration
    assert trainer.images == trainer.total_images
    assert 64 <= trainer.images < 64 + each
    assert trainer.images % each == 0


@pytest.mark.parametrize("procedure", PROCEDURES)
def test_one_seed_gives_one_result_and_another_seed_another(
    procedure: dict[str, Any], tmp_path: Path
) -> None:
    recipe = with_procedure(VARIED, **procedure)
    first, again = run(recipe, tmp_path / "a"), run(recipe, tmp_path / "b")
    assert same_state(first, again)
    assert not same_state(first, run(replace(recipe, seed=1), tmp_path / "c"))


@pytest.mark.parametrize("procedure", PROCEDURES)
@pytest.mark.parametrize("updates", [1, 4, 7])
def test_a_run_stopped_and_resumed_equals_the_uninterrupted_one(
    procedure: dict[str, Any], updates: int, tmp_path: Path
) -> None:
    recipe = with_procedure(VARIED, **procedure)
    straight = run(recipe, tmp_path / "straight")
    stopped = tiny_trainer(recipe, folder=tmp_path)
    assert stopped.train(StopAfter(stopped, updates)) == "stopped"
    stopped.save_checkpoint()
    resumed = tiny_trainer(recipe, folder=tmp_path)
    checkpoint = newest_checkpoint(resumed.directory.checkpoints)
    assert checkpoint is not None
    resumed.load_state_dict(load_checkpoint(checkpoint))
    assert resumed.train(StopRequest()) == "finished"
    assert same_state(straight, resumed)


def test_pictures_and_lines_come_at_their_images(tmp_path: Path) -> None:
    run(TINY, tmp_path)
    assert [line["images"] for line in lines(tmp_path)] == [16, 32, 48, 64]
    pictures = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert pictures == ["000000032.png", "000000064.png"]
    saved = sorted(path.name for path in (tmp_path / "checkpoints").iterdir() if path.is_dir())
    assert saved == ["000000064"]


def test_looking_more_often_changes_nothing(tmp_path: Path) -> None:
    often = replace(
        TINY,
        log=replace(TINY.log, every_images=8, samples_every_images=8),
        checkpoint=CheckpointSettings(every_images=8, keep=1),
    )
    assert same_state(run(TINY, tmp_path / "seldom"), run(often, tmp_path / "often"))


def test_events_tell_what_the_files_hold(tmp_path: Path) -> None:
    events: list[Event] = []
    trainer = tiny_trainer(TINY, folder=tmp_path)
    trainer.watch(events.append)
    trainer.train(StopRequest())
    ticks = [event for event in events if isinstance(event, Ticked)]
    assert [tick.images for tick in ticks] == [line["images"] for line in lines(tmp_path)]
    assert ticks[-1].seconds_left == 0
    assert ticks[0].values["d_loss"] == lines(tmp_path)[0]["d_loss"]
    pictures = [event for event in events if isinstance(event, Sampled)]
    assert all(event.path.is_file() for event in pictures)
    assert (pictures[0].rows, pictures[0].columns) == (3, 10)


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_with_and_without_classes_grey_and_colour(
    classes: int, channels: int, tmp_path: Path
) -> None:
    trainer = run(TINY, tmp_path, classes=classes, channels=channels)
    images, labels = trainer.generator().sample(5, seed=1)
    assert images.shape == (5, channels, 8, 8)
    assert (labels is None) == (classes == 0)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_broken_weight_stops_the_run_and_is_never_saved(player: str, tmp_path: Path) -> None:
    trainer = tiny_trainer(TINY, folder=tmp_path)
    network = getattr(trainer.step, player)
    with torch.no_grad():
        next(network.parameters()).fill_(float("nan"))
    with pytest.raises(DivergedError, match="not finite"):
        trainer.train(StopRequest())
    with pytest.raises(DivergedError, match="not finite"):
        trainer.save_checkpoint()
    assert newest_checkpoint(trainer.directory.checkpoints) is None


def test_the_learning_rate_reaches_its_end(tmp_path: Path) -> None:
    trainer = run(TINY, tmp_path)
    factors = [line["learning_rate_factor"] for line in lines(tmp_path)]
    assert factors[-1] == 0
    rates = {g["lr"] for o in trainer.step.optimizers.values() for g in o.param_groups}
    assert 0 < rates.pop() < TINY.optimizer.generator.learning_rate


def test_training_takes_the_real_images_of_its_split_only(tmp_path: Path) -> None:
    data = tiny_data()
    trainer = tiny_trainer(replace(TINY, budget=Budget(amount=10, unit="epochs")), data, tmp_path)
    cursor, seen = trainer.procedure.start(), set()
    for _ in range(40):
        update, cursor = trainer.procedure.next(cursor, None)
        real = trainer.feed.fetch(update).real
        seen |= set() if real is None else {image.tobytes() for image in real.numpy()}
    assert seen == {image.tobytes() for image in data.train.images}
    assert not seen & {image.tobytes() for image in data.held_out.images}


def test_log_lines_after_a_resume_are_those_of_the_uninterrupted_run(tmp_path: Path) -> None:
    run(TINY, tmp_path / "straight")
    (tmp_path / "cut").mkdir()
    stopped = tiny_trainer(TINY, folder=tmp_path / "cut")
    stopped.train(StopAfter(stopped, 7))
    stopped.save_checkpoint()
    resumed = tiny_trainer(TINY, folder=tmp_path / "cut")
    checkpoint = newest_checkpoint(resumed.directory.checkpoints)
    assert checkpoint is not None
    resumed.load_state_dict(load_checkpoint(checkpoint))
    resumed.directory.cut_metrics(resumed.images)
    resumed.train(StopRequest())
    clock = ("seconds", "images_per_second")
    for straight, cut in zip(lines(tmp_path / "straight"), lines(tmp_path / "cut"), strict=True):
        assert {k: v for k, v in straight.items() if k not in clock} == {
            k: v for k, v in cut.items() if k not in clock
        }


def test_broken_weights_at_a_picture_are_a_divergence(tmp_path: Path) -> None:
    trainer = tiny_trainer(TINY, folder=tmp_path)
    with torch.no_grad():
        next(trainer.step.average.average.parameters()).fill_(float("nan"))
    with pytest.raises(DivergedError, match="not finite"):
        trainer.write_samples()


def test_probes_come_at_their_images_in_the_order_given_and_change_nothing(tmp_path: Path) -> None:
    called: list[tuple[str, int]] = []
    (tmp_path / "probed").mkdir()
    probed = tiny_trainer(VARIED, folder=tmp_path / "probed")
    for name, every in (("a", 16), ("b", 32), ("never", 65)):
        probed.probe_every(every, lambda name=name: called.append((name, probed.images)))  # type: ignore[misc]
    probed.train(StopRequest())
    assert called == [("a", 16), ("a", 32), ("b", 32), ("a", 48), ("a", 64), ("b", 64)]
    assert same_state(run(VARIED, tmp_path / "plain"), probed)


def test_the_checkpoint_of_the_best_model_is_kept_with_all_lines_of_its_place(
    tmp_path: Path,
) -> None:
    trainer = tiny_trainer(TINY, folder=tmp_path)

    def look() -> None:
        if trainer.images == 16:
            trainer.keep_as_best()

    trainer.probe_every(16, look)
    trainer.probe_every(16, lambda: trainer.append_metrics({"images": trainer.images, "x": 1}))
    assert trainer.train(StopRequest()) == "finished"
    folder = trainer.directory.checkpoints
    assert (folder / "best").read_text() == "000000016\n"
    state = load_checkpoint(folder / "000000016")
    written = (tmp_path / "metrics.jsonl").read_bytes()[: state["metrics_length"]]
    assert [json.loads(line)["images"] for line in written.splitlines()] == [16, 16]


@pytest.mark.parametrize("turns", [0, 3])
def test_that_d_learns_alone_first_is_said_once(tmp_path: Path, turns: int) -> None:
    events: list[Event] = []
    trainer = tiny_trainer(with_procedure(TINY, pretraining_steps=turns), folder=tmp_path)
    trainer.watch(events.append)
    trainer.train(StopRequest())
    alone = [event for event in events if isinstance(event, Noted) and "learns alone" in event.text]
    assert len(alone) == bool(turns)
    if turns:
        assert alone[0] is events[0]
        assert "for 3 turns" in alone[0].text
