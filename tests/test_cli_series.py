"""What trials and sweeps share: what every run is asked for, threads, folders, cells."""

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from ganvas.cli.series import (
    add_run_options,
    add_series_options,
    as_times,
    checked_request,
    default_out,
    figure_cell,
    threads_each,
)
from ganvas.errors import UsageError


def options(*line: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_run_options(parser)
    add_series_options(parser, "runs/x")
    return parser.parse_args(line)


def test_every_run_is_asked_for_what_was_given() -> None:
    request = checked_request(
        options("mnist:3,5", "--set", "batch_size=16", "--unconditional", "--size", "32",
                "--data-dir", "there", "--images", "500", "--samples", "300")
    )  # fmt: skip
    assert (request.data, request.recipe, request.images) == ("mnist:3,5", "swift", 500)
    assert request.samples == 300
    given = ["--set", "batch_size=16", "--unconditional", "--data-dir", "there", "--size", "32"]
    assert list(request.options) == given


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("--recipe", "swiftt"), "swift"),
        (("--set", "batchsize=3"), "did you mean 'batch_size'"),
        (("--size", "x"), "--size"),
    ],
)
def test_what_no_run_could_take_is_refused_at_once(line: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        checked_request(options(*line))


@pytest.mark.parametrize(("jobs", "threads"), [(1, 6), (2, 3), (4, 1), (9, 1)])
def test_cores_are_split_between_jobs(
    jobs: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(6)), raising=False)
    assert threads_each(jobs) == threads


@pytest.mark.parametrize(
    ("data", "name"),
    [("mnist", "trials-mnist-swift"), ("mnist:3,5", "trials-mnist-3-5-swift"),
     ("../pets/", "trials-pets-swift"), ("/", "trials-data-swift"),
     ("ring", "trials-ring-points")],
)  # fmt: skip
def test_a_series_has_a_folder_of_its_own(data: str, name: str) -> None:
    assert default_out("trials", options(data)) == Path("runs") / name


def test_figures_stand_in_cells() -> None:
    metrics: dict[str, Any] = {"fd": {"value": 3.0, "real": 1.5}, "kid": {"value": 0.01234}}
    assert (figure_cell(metrics, "kid"), figure_cell(metrics, "cas")) == ("0.0123", "-")
    modes: list[tuple[float, str]] = [(8, "8"), (8.0, "8"), (999.5, "999.5"), (1000, "1,000")]
    for value, cell in modes:  # a median of counts is no longer a whole number for Python
        assert figure_cell({"modes": {"value": value}}, "modes") == cell
    assert as_times(metrics) == "2.0x"
    assert as_times({}) == as_times({"fd": {"value": 3.0, "real": None}}) == "-"
