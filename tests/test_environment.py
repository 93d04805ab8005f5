"""What env.json says: versions, machine, and the command as it can be typed again."""

import json
import platform
import shlex
import sys
from importlib.metadata import version
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.device import Machine
from ganvas.environment import command_line, describe_environment, package_version

MACHINE = Machine(device=torch.device("cpu"), precision=torch.bfloat16, threads=2, why="so")


@pytest.mark.parametrize(
    "program",
    [
        "ganvas",
        "/usr/bin/ganvas",
        r"C:\Python\Scripts\ganvas.exe",
        "/site-packages/ganvas/__main__.py",
        r"C:\site-packages\ganvas\__main__.py",
    ],
)
def test_a_command_of_ours_can_be_typed_again(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "argv", [program, "train", "my data", "--set", "loss.name=hinge"])
    assert command_line() == "ganvas train 'my data' --set loss.name=hinge"


@settings(deadline=None)
@given(arguments=st.lists(st.text(max_size=5), max_size=4))
def test_any_arguments_survive_the_shell(arguments: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["ganvas", *arguments])
        assert shlex.split(command_line()) == ["ganvas", *arguments]


@pytest.mark.parametrize(
    "argv",
    [
        ["train.py", "x"],
        ["/lib/ipykernel_launcher.py"],
        ["/lib/pytest/__main__.py", "tests"],
        ["__main__.py"],
        ["/home/ganvas/script.py"],
        ["-c"],
        [""],
        [],
    ],
    ids=str,
)
def test_another_program_is_not_taken_for_ours(
    monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    assert command_line() == "the Python API"


def test_versions_are_those_installed() -> None:
    assert package_version("torch") == version("torch")
    assert package_version("no-such-package") == "unknown"


def test_the_description_is_complete_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ganvas", "train"])
    found: dict[str, Any] = describe_environment(MACHINE, "sha256:0")
    assert json.loads(json.dumps(found)) == found
    expected = {
        "command": "ganvas train",
        "data_digest": "sha256:0",
        "device": "cpu",
        "threads": 2,
        "precision": "bfloat16",
        "precision_reason": "so",
        "system": platform.platform(),
    }
    assert {name: found[name] for name in expected} == expected
    assert found["processor"]
    assert set(found["versions"]) == {"ganvas", "python", "torch", "numpy", "safetensors"}
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["numpy"] == version("numpy")


def test_the_description_does_not_change_between_two_looks() -> None:
    assert describe_environment(MACHINE, "") == describe_environment(MACHINE, "")
