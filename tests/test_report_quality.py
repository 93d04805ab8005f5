"""The figure of quality: every run is in it, and the same runs make the same bytes."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ganvas.comparison import Course
from ganvas.errors import GanvasError, UsageError
from ganvas.report.quality import draw_quality

COURSE = Course(
    images=(10_000, 20_000, 30_000),
    seconds=(12.0, 24.5, 36.0),
    fd=(3.0, 1.2, 0.9),
    real=0.2,
    samples=2000,
    judge="sha256:" + "c" * 64,
    data="mnist 01234567",
    held_out=5000,
)


def texts(path: Path) -> list[str]:
    """The words of an SVG file, in their order."""
    return re.findall(r">([^<>\n]+)</text>", path.read_text())


def test_a_figure_names_every_run_and_how_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "quality.svg"
    other = replace(COURSE, samples=500, judge="sha256:" + "d" * 64, real=None)
    draw_quality(path, {"0001-mnist": COURSE, "0002-mnist": other})
    words = " ".join(texts(path))
    for part in (
        "0001-mnist",
        "0002-mnist",
        "2,000 or 500 samples",
        "judge cccccccc or dddddddd",
        "images",
        "seconds of training",
        "Fréchet distance to held-out images",
    ):
        assert part in words


@pytest.mark.parametrize("label", ["_hidden", "a$b$c", "x_y^2"])
def test_a_label_is_shown_as_it_is(tmp_path: Path, label: str) -> None:
    path = tmp_path / "quality.svg"
    draw_quality(path, {label: COURSE})
    assert label in [text.strip() for text in texts(path)]


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_the_same_runs_make_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        draw_quality(path, {"run": COURSE})
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_run_more_changes_the_picture(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    draw_quality(paths[0], {"run": COURSE})
    draw_quality(paths[1], {"run": COURSE, "other": replace(COURSE, fd=(4.0, 3.0, 2.0))})
    assert paths[0].read_bytes() != paths[1].read_bytes()
    with Image.open(paths[0]) as picture:
        assert picture.width > 1000


def test_what_cannot_be_drawn_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf, not 'quality\.gif'"):
        draw_quality(tmp_path / "quality.gif", {"run": COURSE})
    with pytest.raises(UsageError, match="no run has a probe to draw"):
        draw_quality(tmp_path / "quality.png", {})
    with pytest.raises(GanvasError, match="cannot write"):
        draw_quality(tmp_path / "no" / "quality.png", {"run": COURSE})
    monkeypatch.setattr("ganvas.report.figures.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'ganvas\[plot\]'"):
        draw_quality(tmp_path / "quality.png", {"run": COURSE})
    assert list(tmp_path.iterdir()) == []
