"""A point's description: every one survives JSON and the command line, and odd ones are refused."""

import argparse
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.point import add_point_options, to_point
from ganvas.cli.sample import COMMAND
from ganvas.errors import UsageError
from ganvas.explore import LatentPoint

NAMES = ("circle", "-square", "7", "1", "a cat", "circle")

seeds = st.integers(0, 2**63 - 1)
places = st.floats(0, 1)
points = st.builds(
    LatentPoint,
    corners=st.tuples(seeds, seeds, seeds, seeds),
    at=st.tuples(places, places),
    directions=st.dictionaries(st.integers(1, 8), st.floats(-10, 10), max_size=8).map(
        lambda amounts: tuple(amounts.items())
    ),
    label=st.none() | st.integers(0, len(NAMES) - 1),
    truncation=st.floats(0, 1, exclude_min=True),
)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    COMMAND.add_options(parser)
    return parser.parse_args(["mnist", *arguments])


@given(points)
def test_json_gives_the_same_point_back(point: LatentPoint) -> None:
    assert LatentPoint.from_json(json.loads(json.dumps(point.to_json()))) == point


@given(points)
def test_the_command_line_gives_the_same_point_back(point: LatentPoint) -> None:
    assert to_point(parse(point.to_arguments(NAMES)), NAMES) == point


def test_the_command_line_is_short_and_in_plain_numbers() -> None:
    point = LatentPoint(
        corners=(1, 2, 3, 4),
        at=(0.25, 1),
        directions=((2, -3.0), (1, 1.5), (4, 0.0)),
        label=1,
        truncation=0.8,
    )
    assert " ".join(point.to_arguments(("0", "3"))) == (
        "--corners 1,2,3,4 --at 0.25,1 --direction 1=1.5 --direction 2=-3 --label 3 "
        "--truncation 0.8"
    )
    assert " ".join(LatentPoint().to_arguments()) == "--corners 1,2,3,4 --at 0,0"


def test_order_and_zeros_do_not_make_another_point() -> None:
    one = LatentPoint(directions=((3, 1.0), (1, 2), (2, -0.0)), at=(-0.0, 1))
    assert one == LatentPoint(directions=((1, 2.0), (3, 1.0)), at=(0, 1.0))
    assert "-0" not in " ".join(one.to_arguments())


def test_what_json_leaves_out_takes_its_default() -> None:
    assert LatentPoint.from_json({}) == LatentPoint()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (None, "a point must be an object"),
        ([], "a point must be an object"),
        ("mnist", "a point must be an object"),
        ({"model": "../x"}, "a point has no 'model'"),
        ({"x" * 500: 1}, "a point has no 'x{40}'$"),
        ({"corners": [1, 2, 3]}, "corners must be four seeds"),
        ({"corners": "1,2,3,4"}, "corners must be four seeds"),
        ({"corners": [1, 2, 3, 4.0]}, "a corner's seed must be a whole number"),
        ({"corners": [1, 2, 3, True]}, "a corner's seed must be"),
        ({"corners": [1, 2, 3, -1]}, "a corner's seed must be"),
        ({"corners": [1, 2, 3, 2**63]}, "a corner's seed must be"),
        ({"corners": [1, 2, 3, "../../etc"]}, "a corner's seed must be"),
        ({"corners": [1, 2, 3, [4]]}, "a corner's seed must be"),
        ({"at": [0.5]}, "at must be two numbers"),
        ({"at": [0.5, 1.01]}, "at must be numbers from 0 to 1"),
        ({"at": [float("nan"), 0]}, "at must be numbers from 0 to 1"),
        ({"at": ["0", 0]}, "at must be numbers from 0 to 1"),
        ({"at": None}, "at must be two numbers"),
        ({"directions": {"1": 2}}, "directions must be pairs"),
        ({"directions": [1, 2]}, "a direction must be a number and an amount"),
        ({"directions": [[0, 2]]}, "a direction's number must be"),
        ({"directions": [[1, 10.5]]}, "a direction's amount must be"),
        ({"directions": [[1, float("inf")]]}, "a direction's amount must be"),
        ({"directions": [[1, 10**400]]}, "a direction's amount must be"),
        ({"directions": [[1, 1.0], [1, 2.0]]}, "direction 1 is given twice"),
        ({"label": "3"}, "label must be a class's number"),
        ({"label": -1}, "label must be"),
        ({"label": True}, "label must be"),
        ({"truncation": 0}, "truncation must be above 0"),
        ({"truncation": 1.1}, "truncation must be above 0"),
        ({"truncation": None}, "truncation must be above 0"),
    ],
    ids=str,
)
def test_odd_descriptions_are_refused(values: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        LatentPoint.from_json(values)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--corners", "1,2,3"], "must be four seeds, as in 1,2,3,4, not '1,2,3'"),
        (["--corners", "1,2,3,x"], "must be four seeds"),
        (["--corners", "1,2,3,-4"], "must be four seeds"),
        (["--corners", f"1,2,3,{2**63}"], "must be four seeds"),
        (["--corners", f"1,2,3,{'9' * 5000}"], "must be four seeds"),
        (["--at", "0.5"], "must be two numbers from 0 to 1"),
        (["--at", "0.5,2"], "must be two numbers from 0 to 1"),
        (["--at", "nan,0"], "must be two numbers from 0 to 1"),
        (["--at", "0.5,0.5,0.5"], "must be two numbers from 0 to 1"),
        (["--direction", "1"], "must be a direction's number and an amount"),
        (["--direction", "0=1"], "must be a direction's number"),
        (["--direction", "1=11"], "must be a direction's number"),
        (["--direction", "1=inf"], "must be a direction's number"),
        (["--direction", "1=nan"], "must be a direction's number"),
        (["--direction", "one=1"], "must be a direction's number"),
    ],
    ids=str,
)
def test_odd_options_are_refused_as_they_are_read(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_point_options(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(words)
    assert message in capsys.readouterr().err
