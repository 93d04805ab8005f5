"""The figure of D on training, held-out and fake images: from a run's files to a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.errors import DataError, UsageError
from ganvas.recipe import Recipe
from ganvas.report.validation import draw_validation, read_validation
from ganvas.runlog import RunDirectory

Captured = pytest.CaptureFixture[str]


def point(images: int, **figures: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "d_loss_train": 1.0,
        "d_loss_held_out": 1.25,
        "d_loss_ideal": 1.386,
        "d_accuracy_train": 0.75,
        "d_accuracy_held_out": 0.625,
        "d_accuracy_fake": 0.5,
        "fooling_rate": 0.5,
        "overfitting": 0.25,
        "accuracy_of": "images",
        "count": 100,
    }
    return {"images": images, "seconds": 1.0, "validation": {**plain, **figures}}


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.write_recipe(Recipe())
    return directory


def write(run: RunDirectory, *entries: dict[str, Any]) -> None:
    for entry in entries:
        run.append_metrics(entry)


def test_validations_are_read_among_the_other_lines(run: RunDirectory) -> None:
    assert read_validation(run.path) == []
    write(run, {"images": 10, "d_loss": 1.0}, point(20), {"images": 20, "probe": {}}, point(40))
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"images": 60, "valida')  # being written right now
    found = read_validation(run.path)
    assert [entry["images"] for entry in found] == [20, 40]
    assert found[0]["overfitting"] == 0.25


@pytest.mark.parametrize(
    "entries",
    [
        [point(20), point(40), point(60)],
        [point(20, overfitting=None), point(40, overfitting=None)],
        [point(20, accuracy_of="pairs"), point(40, overfitting=-3.5)],
        [point(20, d_loss_held_out=None, d_accuracy_held_out=None, overfitting=None)],
    ],
)
def test_a_figure_is_drawn_and_the_same_bytes_again(
    entries: list[dict[str, Any]], run: RunDirectory
) -> None:
    write(run, *entries)
    draw_validation(run.path, run.plot("validation.png"))
    with Image.open(run.path / "plots" / "validation.png") as picture:
        assert picture.width > 2 * picture.height > 600
        assert len(picture.getcolors(100_000) or ()) > 10
    for name in ("a.svg", "b.svg"):
        draw_validation(run.path, run.path / name)
    drawn = (run.path / "a.svg").read_text()
    assert drawn == (run.path / "b.svg").read_text()
    assert "training images" in drawn
    held_out = entries[0]["validation"]["d_loss_held_out"] is not None
    assert (">held-out images<" in drawn) is held_out


def test_what_cannot_be_drawn_is_one_clear_line(run: RunDirectory, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no validation to draw"):
        draw_validation(run.path, tmp_path / "a.png")
    with pytest.raises(UsageError, match="is no run directory"):
        draw_validation(tmp_path, tmp_path / "a.png")
    write(run, point(20))
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf"):
        draw_validation(run.path, tmp_path / "a.gif")
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize(
    "line",
    ["nonsense", "[]", '{"images": "7"}', '{"images": 7, "validation": {"d_loss_train": 1}}',
     json.dumps(point(7, fooling_rate="much")), '{"images": 7, "validation": 3}'],
)  # fmt: skip
def test_a_damaged_line_is_refused(line: str, run: RunDirectory) -> None:
    (run.path / "metrics.jsonl").write_text(f"{line}\n")
    with pytest.raises(DataError, match=r"metrics\.jsonl, line 1 is damaged"):
        read_validation(run.path)


def test_the_command_draws_into_the_run_or_where_asked(
    run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    write(run, point(20), point(40))
    assert main(["plot", str(run.path)]) == 0
    path = run.path / "plots" / "validation.png"
    assert capsys.readouterr().out == f"{path}\n"
    assert path.is_file()
    asked = tmp_path / "asked.svg"
    assert main(["plot", str(run.path), "-o", str(asked)]) == 0
    assert capsys.readouterr().out == f"{asked}\n"
    for line in (["plot", str(tmp_path)], ["plot", str(run.path), "-o", str(tmp_path / "a.txt")]):
        assert main(line) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_without_matplotlib_it_says_how_to_get_it(
    run: RunDirectory, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    write(run, point(20))
    monkeypatch.setattr("ganvas.report.figures.find_spec", lambda name: None)
    assert main(["plot", str(run.path)]) == 2
    assert "ganvas[plot]" in capsys.readouterr().err
    assert not (run.path / "plots").exists()
