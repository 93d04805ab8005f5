"""The classification accuracy score by a real classifier: small images, few epochs' worth."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.evaluation import evaluate_pictures
from tests.judge_helpers import FakeJudge, some_data


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


def test_samples_teach_what_they_show_and_no_more() -> None:
    data = some_data()
    part = data.train
    assert part.labels is not None

    def score(labels: np.ndarray, images: np.ndarray) -> dict[str, float]:
        found = evaluate_pictures(images, labels, data, judge=FakeJudge()(), metrics=["cas"])
        figure: dict[str, float] = found["metrics"]["cas"]
        return figure

    # As many training images are the real value's teachers: the same images, the same score.
    right = score(part.labels, part.images)
    assert right["value"] == right["real"]
    assert right["value"] > 0.55
    kept = part.labels != 2
    fewer = score(part.labels[kept], part.images[kept])
    per_class = fewer["per_class"]
    assert list(per_class) == list(data.class_names)  # type: ignore[call-overload]
    assert per_class["bright"] == 0.0  # type: ignore[index]
    assert per_class["dark"] > 0.6  # type: ignore[index]
