"""What is found in data: too few, copies, other ranges, wrong labels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas.doctor import Doctor
from ganvas.doctor.checks.data import count_signs, figure_signs
from ganvas.doctor.samples import near_copies
from tests.doctor_helpers import FACTS


def test_the_data_s_counts_are_judged() -> None:
    few = Doctor(replace(FACTS, num_train=999)).begin()
    assert [f.name for f in few] == ["data_too_small"]
    counts = {"a": 100, "b": 1_001}
    assert [s.name for s in count_signs(5_000, counts)] == ["data_unbalanced"]
    assert list(count_signs(1_000, {"a": 100, "b": 1_000})) == []


FINE: dict[str, Any] = {
    "images": 100, "copies": {"train": 1, "held_out": 0, "test": 0}, "looked_at": 100,
    "near_copies": 0.05, "low": 0, "high": 128, "wrong": 0.1, "judge_errs": 0.0,
}  # fmt: skip
SPOILED: list[tuple[list[str], dict[str, Any]]] = [
    (["data_duplicates"], {"copies": {"train": 2, "held_out": 0, "test": 0}}),
    (["data_leak"], {"copies": {"train": 1, "held_out": 0, "test": 1}}),
    (["data_duplicates"], {"near_copies": 0.06}),
    (["data_range"], {"high": 127}),
    (["label_noise"], {"wrong": 0.11}),
    ([], {"wrong": 0.3, "judge_errs": 0.1}),
    (["label_noise"], {"wrong": 0.31, "judge_errs": 0.1}),
    (["data_range", "label_noise"], {"low": 200, "high": 255, "wrong": 0.9}),
]


@pytest.mark.parametrize(("names", "changes"), SPOILED)
def test_what_data_looks_like_is_judged(names: list[str], changes: dict[str, Any]) -> None:
    assert [sign.name for sign in figure_signs({**FINE, **changes})] == names


@pytest.mark.parametrize("absent", ["copies", "wrong"])
def test_what_was_not_looked_at_is_no_trouble(absent: str) -> None:
    assert list(figure_signs({**FINE, absent: None})) == []


def test_a_run_s_look_at_its_data_is_a_finding_at_once() -> None:
    doctor = Doctor(FACTS)
    assert doctor.read({"images": 0, "seconds": 0.0, "data": FINE}) == []
    bad = {"images": 0, "seconds": 0.0, "data": {**FINE, "wrong": 0.5}}
    assert [(f.name, f.since_images) for f in doctor.read(bad)] == [("label_noise", 0)]


@given(copies=st.integers(0, 100), seed=st.integers(0, 2**16))
@settings(deadline=None, max_examples=30)
def test_near_copies_are_counted_however_many_there_are(copies: int, seed: int) -> None:
    features = np.random.default_rng(seed).normal(size=(100, 16)).astype(np.float32)
    found = near_copies(np.concatenate([features, features[:copies] + np.float32(1e-5)]))
    assert found == pytest.approx(2 * copies / (100 + copies))


def test_one_picture_again_and_again_is_all_copies() -> None:
    assert near_copies(np.ones((5, 4))) == 1
    assert near_copies(np.ones((1, 4))) == 0
