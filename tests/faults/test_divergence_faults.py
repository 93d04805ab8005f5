"""Numbers that are not finite: stop with the last good state, or go back to it, by setting."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import ganvas
from ganvas.checkpoint import checkpoints_in, load_checkpoint
from ganvas.course import MOST_ROLL_BACKS
from ganvas.errors import DivergedError
from ganvas.events import Event, Noted
from ganvas.soundness import first_broken
from ganvas.training import Training
from tests.faults.runs import recipe, resume, train

ROLL_BACK = recipe(on_divergence="roll_back")


def weights(training: Training) -> None:
    with torch.no_grad():
        next(training.step.generator.parameters()).fill_(math.nan)


def momentum(training: Training) -> None:
    state = training.step.optimizers["discriminator"].state
    next(iter(state.values()))["exp_avg_sq"].fill_(math.inf)


def gradients(training: Training) -> None:
    optimizer = training.step.optimizers["generator"]
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.full_like(parameter, math.inf)
    optimizer.step()


def losses(training: Training) -> None:
    training.tally.add({"d_loss": torch.tensor(math.nan)})


def samples(training: Training) -> None:
    """Finite weights, of which an overflow makes samples that are not."""
    with torch.no_grad():
        for parameter in training.step.average.average.parameters():
            parameter.fill_(3e38)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have a training broken at so many images, while it was rolled back `times` at most."""

    advance = Training.advance

    def arrange(harm: Callable[[Training], None], *, images: int = 40, times: int = 99) -> None:
        def breaks(training: Training) -> None:
            advance(training)
            whole = training.cursor.update == 0
            if whole and training.images == images and training.roll_backs < times:
                harm(training)

        monkeypatch.setattr(Training, "advance", breaks)

    return arrange


def lines(run: Path) -> list[dict[str, Any]]:
    """What metrics.jsonl says of the training itself: the look at the data comes before it."""
    said = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line for line in said if "data" not in line]


@pytest.mark.parametrize("harm", [weights, momentum, gradients, losses, samples])
def test_what_is_not_finite_stops_with_the_last_good_checkpoint(
    tmp_path: Path, breaking: Any, harm: Callable[[Training], None]
) -> None:
    breaking(harm, images=64 if harm is samples else 40)
    with pytest.raises(DivergedError, match=r"is not finite at \d+ images") as caught:
        train(tmp_path)
    assert caught.value.exit_code == 3
    run = tmp_path / "run"
    assert ganvas.Run(run).status == "diverged"
    for checkpoint in checkpoints_in(run / "checkpoints"):
        assert first_broken(load_checkpoint(checkpoint)) is None
    assert [line["images"] for line in lines(run)][:2] == [16, 32]


def test_a_diverged_run_is_rolled_back_with_lower_learning_rates(
    tmp_path: Path, breaking: Any
) -> None:
    breaking(weights, times=2)
    notes: list[Event] = []
    run = train(tmp_path, recipe=ROLL_BACK, watcher=notes.append)
    assert (run.status, run.images) == ("finished", 64)
    told = [note.text for note in notes if isinstance(note, Noted) and "went back" in note.text]
    assert len(told) == 2
    assert "went back to 32 images, and on with learning rates of 0.25 times" in told[1]
    assert "roll back 2 of 3" in (run.directory / "log.txt").read_text()
    assert [line["images"] for line in lines(run.directory)] == [16, 32, 48, 64]
    factors = [line["learning_rate_factor"] for line in lines(run.directory)]
    breaking(weights, times=0)
    straight = lines(train(tmp_path, "straight").directory)
    wanted = [line["learning_rate_factor"] for line in straight]
    assert factors == [wanted[0], wanted[1], wanted[2] / 4, wanted[3] / 4]


def test_before_the_first_checkpoint_a_run_goes_back_to_its_start(
    tmp_path: Path, breaking: Any
) -> None:
    breaking(weights, images=8, times=1)
    run = train(tmp_path, recipe=ROLL_BACK)
    assert run.status == "finished"
    assert "went back to 0 images" in (run.directory / "log.txt").read_text()


def test_roll_backs_are_limited(tmp_path: Path, breaking: Any) -> None:
    breaking(weights)
    with pytest.raises(DivergedError):
        train(tmp_path, recipe=ROLL_BACK)
    log = (tmp_path / "run" / "log.txt").read_text()
    assert log.count("went back to 32 images") == MOST_ROLL_BACKS


@pytest.mark.parametrize("at", [48, 56])
def test_a_rolled_back_run_that_is_stopped_goes_on_as_if_never_stopped(
    tmp_path: Path, breaking: Any, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    breaking(weights, times=1)
    straight = train(tmp_path, "straight", recipe=ROLL_BACK)
    with monkeypatch.context() as patch:
        advance = Training.advance

        def interrupted(training: Training) -> None:
            if training.images == at:
                raise KeyboardInterrupt
            advance(training)

        patch.setattr(Training, "advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path, recipe=ROLL_BACK)
    resumed = resume(tmp_path / "run")
    model = "model/model.safetensors"
    assert (resumed.directory / model).read_bytes() == (straight.directory / model).read_bytes()


def test_the_first_that_is_broken_is_named() -> None:
    sound = {"a": {"b": [torch.ones(2), torch.tensor(1)]}, "c": 3.0, "d": torch.empty(0)}
    assert first_broken(sound) is None
    for value in (math.nan, math.inf, -math.inf):
        broken = {**sound, "e": {1: [torch.ones(1), torch.tensor([0.0, value])]}}
        assert first_broken(broken) == "e.1.1"
