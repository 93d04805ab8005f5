"""The sabotage suite's cases are sound, and its verdicts are what they say."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import sabotage
from ganvas.diagnosis import retell_run
from ganvas.doctor import CATALOGUE
from ganvas.recipes import make_recipe

SHARED, CASES = sabotage.read_cases()
SPOILED = [case for case in CASES if "expect" in case]


HEALTHY = [case for case in CASES if "expect" not in case]


def test_there_are_enough_cases_in_two_halves() -> None:
    for kind, least in ((SPOILED, 40), (HEALTHY, 20)):
        halves = [case["half"] for case in kind if case["half"] not in sabotage.FRESH]
        assert len(halves) >= least
        assert abs(halves.count("setting") - halves.count("judging")) <= 1


@pytest.mark.parametrize("half", ["unseen", "second"])
def test_there_are_enough_unseen_cases(half: str) -> None:
    """They were written without knowledge of the thresholds, and are judged once."""
    for kind, least in ((SPOILED, 40), (HEALTHY, 12)):
        assert sum(case["half"] == half for case in kind) >= least


def test_the_second_group_has_the_shared_budget() -> None:
    for case in CASES:
        if case["half"] == "second":
            points = case.get("recipe") == "points"
            assert case["name"].startswith("second-")
            assert case.get("images") == (400_000 if points else None)


def test_what_can_be_mended_has_a_healthy_run_beside_it() -> None:
    healthy = {case["name"]: case for case in HEALTHY}
    assert {"mnist-0", "mnist-unconditional-0"} <= healthy.keys()
    for case in SPOILED:
        if case.get("mendable"):
            assert case.get("recipe", "swift") == "swift"
            assert case.get("data", {}).get("name", "mnist") == "mnist"
            assert "images" not in case


def test_what_is_expected_exists() -> None:
    assert {name for case in SPOILED for name in case["expect"]} <= CATALOGUE.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_every_case_has_a_recipe(case: sabotage.Case) -> None:
    recipe = make_recipe(case.get("recipe", "swift"), budget={})
    settings = sabotage.settings_of(SHARED, case, "suggest")
    assert recipe.with_settings(settings).doctor.remedy == "suggest"


def run_with(
    folder: Path, *, budget: int = 1_000, last: int = 800, fd: float = 2.0, **figures: float
) -> Path:
    """A run whose last three looks, the last at `last` images, found these figures."""
    folder.mkdir()
    recipe = make_recipe("swift", budget={"images": budget})
    (folder / "recipe.json").write_text(json.dumps(recipe.to_json()))
    metrics = {"fd": {"value": fd, "real": 1.0}}
    status = {"status": "finished", "images": budget, "evaluation": {"metrics": metrics}}
    (folder / "status.json").write_text(json.dumps(status))
    looks = [{"images": last - back, "seconds": 1.0, "probe": figures} for back in (100, 50, 0)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(look) + "\n" for look in looks))
    return folder


def test_a_healthy_run_may_have_notes_only(tmp_path: Path) -> None:
    run_with(tmp_path / "a", ema_gap=2.0)
    run_with(tmp_path / "b", g_dead_units=0.9)
    assert [f.name for f in retell_run(tmp_path / "a")] == ["ema_lags"]
    assert sabotage.verdict(SHARED, {"name": "a"}, tmp_path)["right"]
    found = sabotage.verdict(SHARED, {"name": "b"}, tmp_path)
    assert (found["right"], found["findings"]) == (False, ["dead_units"])


def test_what_did_not_come_out_well_is_not_counted_as_healthy(tmp_path: Path) -> None:
    run_with(tmp_path / "a", duplicates=1.0, fd=100.0)
    case = {"name": "a", "half": "setting"}
    assert sabotage.verdict(SHARED, case, tmp_path)["right"] is None
    assert "not counted" in sabotage.table(SHARED, [case], tmp_path)[-1]


@pytest.mark.parametrize(
    ("metrics", "healthy"),
    [
        ({"fd": {"value": 30.0, "real": 1.0}}, True),
        ({"fd": {"value": 31.0, "real": 1.0}}, False),
        ({"modes": {"value": 8, "real": 8}}, True),
        ({"modes": {"value": 7, "real": 8}}, False),
        ({}, False),
    ],
)
def test_healthy_is_what_comes_out_well(metrics: dict[str, Any], healthy: bool) -> None:
    assert sabotage.is_healthy({"evaluation": {"metrics": metrics}}, most=30) is healthy


@pytest.mark.parametrize(("images", "right"), [(400, True), (600, False)])
def test_a_finding_counts_in_the_first_half_alone(tmp_path: Path, images: int, right: bool) -> None:
    run_with(tmp_path / "a", last=images, g_update_ratio=0.0)
    case = {"name": "a", "expect": ["frozen_network"], "half": "setting"}
    assert sabotage.verdict(SHARED, case, tmp_path)["right"] is right
    assert sabotage.table(SHARED, [case], tmp_path)[0] == f"- spoiled, setting: {int(right)} of 1"


def test_a_run_that_was_stopped_begins_anew(tmp_path: Path) -> None:
    run_with(tmp_path / "a")
    assert sabotage.is_done(tmp_path / "a")
    (tmp_path / "a" / "status.json").write_text('{"status": "running"}')
    assert not sabotage.is_done(tmp_path / "a")
    sabotage.clear(tmp_path / "a")
    assert not (tmp_path / "a").exists()
