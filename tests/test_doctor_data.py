"""What is found in data: too few, copies, other ranges, wrong labels."""

from dataclasses import replace

from ganvas.doctor import Doctor
from ganvas.doctor.checks.data import copy_signs, count_signs, feature_signs
from tests.doctor_helpers import FACTS


def test_the_data_s_counts_are_judged() -> None:
    few = Doctor(replace(FACTS, num_train=999)).begin()
    assert [f.name for f in few] == ["data_too_small"]
    counts = {"a": 100, "b": 1_001}
    assert [s.name for s in count_signs(5_000, counts)] == ["data_unbalanced"]
    assert list(count_signs(1_000, {"a": 100, "b": 1_000})) == []
    assert [s.name for s in copy_signs(100, {"train": 2, "held_out": 0, "test": 1})] == [
        "data_duplicates",
        "data_leak",
    ]
    assert list(copy_signs(100, {"train": 1, "held_out": 0, "test": 0})) == []


def test_what_data_looks_like_is_judged() -> None:
    import numpy as np

    features = np.random.default_rng(0).normal(size=(200, 16))
    fine = {"low": 0, "high": 255, "wrong": 0.01}
    assert list(feature_signs(features=features, **fine)) == []  # type: ignore[arg-type]
    doubled = np.concatenate([features, features[:20]])
    assert [s.name for s in feature_signs(features=doubled, **fine)] == ["data_duplicates"]  # type: ignore[arg-type]
    spoiled = feature_signs(features=features, low=0, high=100, wrong=0.2)
    assert [s.name for s in spoiled] == ["data_range", "label_noise"]
