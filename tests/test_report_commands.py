"""The commands that a run's page offers to copy."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.main import make_parser
from ganvas.recipe import Recipe
from ganvas.report.commands import reproducing_command, resuming_command, slower_command
from ganvas.report.record import RunHead, read_head
from ganvas.settings import parse_assignments, with_settings
from tests.report_helpers import write_run

RECIPE: dict[str, Any] = {
    "seed": 7,
    "budget": {"amount": 90_000.0, "unit": "images"},
    "machine": {"threads": 2},
}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("ganvas train", "ganvas train --seed 7 --images 90000 --threads 2"),
        (
            "ganvas train mnist:3,5 --minutes 5 --out there --name x --quiet --watch --json",
            "ganvas train mnist:3,5 --seed 7 --images 90000 --threads 2",
        ),
        (
            "ganvas train 'my pets/' --seed=3 --set batch_size=128 --unconditional --steps=9",
            "ganvas train 'my pets/' --set batch_size=128 --unconditional --seed 7 --images 90000 "
            "--threads 2",
        ),
    ],
)
def test_a_run_is_made_again_with_what_was_left_to_chance(command: str, expected: str) -> None:
    said = reproducing_command({"command": command}, RECIPE)
    assert said == expected
    make_parser().parse_args(shlex.split(expected)[1:])  # and it is one that is understood


@pytest.mark.parametrize(
    "command", ["", "python script.py", "ganvas resume runs/a", "ganvas 'train", "ganvas"]
)
def test_what_no_training_command_began_is_not_made_up(command: str) -> None:
    assert reproducing_command({"command": command}, RECIPE) is None
    assert reproducing_command({}, RECIPE) is None


def test_odd_recipes_say_what_they_can() -> None:
    odd: dict[str, Any] = {"seed": "x", "budget": [], "machine": None}
    assert reproducing_command({"command": "ganvas train"}, odd) == "ganvas train"


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> RunHead:
    return read_head(write_run(tmp_path_factory.mktemp("runs") / "a run", lines=1).path)


@given(rates=st.tuples(st.floats(1e-6, 1.0), st.floats(1e-6, 1.0)))
def test_a_slower_run_is_the_same_one_with_smaller_steps(
    head: RunHead, rates: tuple[float, float]
) -> None:
    players = ("generator", "discriminator")
    recipe = {
        **head.recipe,
        "optimizer": {
            player: {"learning_rate": rate} for player, rate in zip(players, rates, strict=True)
        },
    }
    said = slower_command(replace(head, recipe=recipe))
    assert said is not None
    arguments = make_parser().parse_args(shlex.split(said)[1:])
    changed = with_settings(
        Recipe(), parse_assignments(arguments.settings)
    )  # ones that are allowed
    assert changed.batch_size == 64  # what the run itself had set
    for player, rate in zip(players, rates, strict=True):
        found = getattr(changed.optimizer, player).learning_rate
        assert found == pytest.approx(min(rate / 10, 2e-4), rel=1e-5)


@pytest.mark.parametrize("form", ["--set {}=9", "--set={}=9"])
def test_rates_that_the_run_had_set_are_not_repeated(head: RunHead, form: str) -> None:
    own = form.format("optimizer.generator.learning_rate")
    command = f"ganvas train 'my pets' {own} --set batch_size=8"
    said = slower_command(replace(head, environment={"command": command}))
    assert said is not None
    assert said.startswith("ganvas train 'my pets' --set batch_size=8 ")
    assert said.count("optimizer.generator.learning_rate") == 1


def test_without_known_rates_nothing_slower_is_made_up(head: RunHead) -> None:
    assert slower_command(replace(head, recipe={"optimizer": {"generator": {}}})) is None
    assert slower_command(replace(head, environment={"command": "script.py"})) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("stopped", "ganvas resume '/runs/a b'"),
        ("interrupted", "ganvas resume '/runs/a b'"),
        ("finished", "ganvas resume '/runs/a b' --images 2000"),
        ("running", None),
    ],
)
def test_how_a_run_goes_on(state: str, expected: str | None) -> None:
    assert resuming_command(Path("/runs/a b"), state=state, images=1_000) == expected
