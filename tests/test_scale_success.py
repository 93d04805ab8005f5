"""The rule that says which run is a success."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.errors import UsageError
from ganvas.evaluation import POINT_METRICS
from ganvas.evaluation.stacks import STACK_METRICS
from ganvas.quality import FINAL_METRICS
from ganvas.scale.success import DEFAULT_RULE, FIGURES, parse_rule


def figures(fd: float, real: float | None = 0.2, accuracy: float | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"fd": {"value": fd, "real": real}}
    if accuracy is not None:
        found["label_accuracy"] = {"value": accuracy, "real": 0.99}
    return found


def test_a_rule_speaks_of_what_every_run_measures() -> None:
    assert (*FINAL_METRICS, *STACK_METRICS, "high_quality") == FIGURES
    assert set(POINT_METRICS) < set(FIGURES)


@given(
    fd=st.floats(0.01, 50), real=st.floats(0.01, 1), times=st.integers(1, 40), at=st.floats(0, 1)
)
@settings(deadline=None, max_examples=50)
def test_it_holds_exactly_when_each_inequality_does(
    fd: float, real: float, times: int, at: float
) -> None:
    rule = parse_rule(f"fd<={times}x,label_accuracy>={at:.3f}")
    expected = fd / real <= times and float(f"{at:.3f}") <= 0.5
    assert (rule.shortfall("finished", figures(fd, real, 0.5)) == "") is expected


@pytest.mark.parametrize(
    "text", ["fd<=5x", "fd<=0.5", "fd<=5x,label_accuracy>=0.99", "coverage>=0.9x"]
)
def test_it_reads_what_it_writes(text: str) -> None:
    assert str(parse_rule(text)) == text
    assert parse_rule(str(parse_rule(text))) == parse_rule(text)


def test_only_a_finished_run_succeeds() -> None:
    rule = parse_rule(DEFAULT_RULE)
    assert rule.shortfall("finished", figures(0.2)) == ""
    for status in ("diverged", "failed", "stopped", "missing"):
        assert rule.shortfall(status, figures(0.2)) == status


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({}, "fd was not measured"),
        (figures(0.2, None), "fd was not measured on real images"),
        (figures(float("nan")), "fd is nanx, not fd<=5x"),
        (figures(2.0), "fd is 10x, not fd<=5x"),
    ],
)
def test_the_reason_is_said(found: dict[str, Any], reason: str) -> None:
    assert parse_rule("fd<=5x").shortfall("finished", found) == reason


@pytest.mark.parametrize(
    "text", ["", "fd", "fd<5x", "fd<=", "fd<=-1", "fd<=5x;", "fdd<=5x", "kid<=1", "fd<=5x,"]
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--success"):
        parse_rule(text)
