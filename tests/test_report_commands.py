"""The commands that a run's page offers to copy."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from ganvas.cli.main import make_parser
from ganvas.report.commands import reproducing_command, resuming_command

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
