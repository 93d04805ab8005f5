"""`ganvas data info`: what is told agrees with the data, and with itself as JSON and as a table."""

import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ganvas.cli.main import main
from tests.archive_helpers import pack_zip
from tests.picture_helpers import noise, to_bytes

Captured = pytest.CaptureFixture[str]


def info(capsys: Captured, *line: object) -> Any:
    """What `--json` prints, which is all on standard output; nothing is told twice."""
    assert main(["data", "info", *map(str, line), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def keep(path: Path, images: np.ndarray, labels: np.ndarray | None = None) -> Path:
    arrays = {"images": images} if labels is None else {"images": images, "labels": labels}
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def table(shown: str) -> dict[str, list[int]]:
    """The counts of each row of the table, by its name."""
    rows = [re.split(r" {2,}", line.strip()) for line in shown.splitlines()]
    start = next(place for place, row in enumerate(rows) if row[:1] == ["split"])
    counts = [row for row in rows[start + 1 :] if len(row) > 1]
    return {row[0]: [int(cell.replace(",", "")) for cell in row[1:]] for row in counts}


@settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(counts=st.lists(st.integers(3, 40), min_size=2, max_size=4), copies=st.integers(0, 5))
def test_every_image_is_counted_once_in_its_class_and_the_table_says_what_json_says(
    counts: list[int], copies: int, tmp_path: Path, capsys: Captured
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    images = noise(len(labels), 8, 8)
    images[:copies] = images[-1]
    path = keep(tmp_path / "mine.npz", images, labels)
    found = info(capsys, path)
    parts = found["splits"]
    names = found["class_names"]
    for number, name in enumerate(names):
        assert sum(part["classes"][name] for part in parts.values()) == counts[number]
    for part in parts.values():
        assert sum(part["classes"].values()) == part["images"]
    told = found["duplicates"]
    assert (told["train"], told["test"]) == (copies, 0)  # held-out ones are training images too

    assert main(["data", "info", str(path)]) == 0
    shown = capsys.readouterr()
    rows = table(shown.out)
    assert rows.pop("images") == [part["images"] for part in parts.values()]
    assert rows == {name: [part["classes"][name] for part in parts.values()] for name in names}
    assert f"exact copies  {told['train']:,} among the training and held-out images" in shown.out
    assert f"digest        {found['digest']}" in shown.out
    warned = [line for line in shown.err.splitlines() if line.startswith("warning: ")]
    assert warned == [f"warning: {sentence}" for sentence in found["warnings"]]
    assert warned  # so few images are worth one


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    files = {f"{i}.png": to_bytes(noise(20 + i, 30, 3, seed=i)) for i in range(24)}
    return pack_zip(tmp_path / "mixed.zip", files | {"x.jpg": to_bytes(noise(9, 9, 3), "jpeg")})


def test_info_of_mixed_sizes_tells_them_and_what_to_ask_for(mixed: Path, capsys: Captured) -> None:
    assert main(["data", "info", str(mixed)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ("pictures  1 JPEG, 24 PNG; 25 sizes from 9x9 to 43x30 (height x width)\n")
    assert shown.err.count("\n") == 1
    assert "ask for one with --size" in shown.err


def test_info_writes_a_grid_and_counts(mixed: Path, tmp_path: Path, capsys: Captured) -> None:
    grid = tmp_path / "grid.png"
    line = ["data", "info", str(mixed), "--size", "16x24", "-o", str(grid), "--json"]
    assert main(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["height"], found["width"], found["num_classes"]) == (16, 24, 0)
    assert found["splits"]["train"]["images"] + found["splits"]["held_out"]["images"] == 25
    assert found["pictures"].startswith("1 JPEG, 24 PNG; 25 sizes")
    with Image.open(grid) as picture:
        assert picture.width >= 10 * 24


def test_many_classes_are_counted_together(tmp_path: Path, capsys: Captured) -> None:
    labels = np.repeat(np.arange(101), 2)
    labels = np.append(labels, [7] * 3)
    images = np.zeros((len(labels), 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "many.npz", images=images, labels=labels)
    line = ["data", "info", str(tmp_path / "many.npz")]
    assert main([*line, "-o", str(tmp_path / "grid.png")]) == 0
    shown = capsys.readouterr()
    rows = table(shown.out)
    assert "101 classes; --json counts each" in shown.out
    assert len(shown.out.splitlines()) < 20
    assert str(tmp_path / "grid.png") in shown.err
    assert main([*line, "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["splits"]
    assert sum(part["classes"]["7"] for part in counts.values()) == 5
    for name, pick in (("fewest of a class", min), ("most of a class", max)):
        assert rows[name] == [pick(part["classes"].values()) for part in counts.values()]


def test_a_grid_has_a_row_for_each_class(tmp_path: Path, capsys: Captured) -> None:
    labels = np.arange(60) % 3
    images = np.repeat(50 * labels + 20, 64).reshape(60, 8, 8).astype(np.uint8)
    grid = tmp_path / "grid.png"
    info(capsys, keep(tmp_path / "three.npz", images, labels), "-o", grid)
    with Image.open(grid) as picture:
        pixels = np.asarray(picture)
    inner = np.where(pixels < 255, pixels, 0).max(axis=1)  # a shade for each line of pixels
    shades = [shade for shade, before in pairwise([*inner, 0]) if shade and not before]
    assert shades == [20, 70, 120]
    assert set(np.unique(pixels)) == {20, 70, 120, 255}


@pytest.mark.parametrize("name", ["x.npy", "x.NPZ", "x.zip"])
def test_arrays_have_no_formats_to_tell(tmp_path: Path, capsys: Captured, name: str) -> None:
    path, images = tmp_path / name, np.zeros((4, 8, 8), dtype=np.uint8)
    if name == "x.npy":
        np.save(path, images)
    else:
        np.savez(tmp_path / "a.npz", images=images)
        content = (tmp_path / "a.npz").read_bytes()
        path.write_bytes(content)
    if name == "x.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.npz", content)
    assert main(["data", "info", str(path), "--size", "16x12"]) == 0
    shown = capsys.readouterr().out
    assert "16x12 pixels, grey" in shown
    assert "pictures " not in shown


def test_a_grid_that_cannot_be_is_refused_before_reading(tmp_path: Path, capsys: Captured) -> None:
    assert main(["data", "info", "mnist", "-o", str(tmp_path / "x.jpg")]) == 2
    assert "ends in .png" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_data_info_counts_splits_and_classes(capsys: Captured) -> None:
    found = info(capsys, "mnist")
    assert {name: part["images"] for name, part in found["splits"].items()} == {
        "train": 55_000,
        "held_out": 5_000,
        "test": 10_000,
    }
    assert main(["data", "info", "mnist"]) == 0
    shown = capsys.readouterr().out
    assert "28x28 pixels" in shown
    assert "55,000" in shown
    assert found["digest"] in shown


def test_points_are_shown(tmp_path: Path, capsys: Captured) -> None:
    grid = tmp_path / "ring.png"
    assert main(["data", "info", "ring", "-o", str(grid)]) == 0
    assert "modes   8, standard deviation 0.01" in capsys.readouterr().out
    with Image.open(grid) as picture:
        pixels = np.asarray(picture)
    assert (pixels == pixels[::-1]).mean() > 0.9  # a ring looks the same upside down
    assert 0.9 < (pixels == 255).mean() < 1


def test_copies_in_other_splits_are_told_with_what_they_spoil(
    tmp_path: Path, capsys: Captured
) -> None:
    path = keep(tmp_path / "same.npz", np.full((30, 8, 8), 7, np.uint8))
    found = info(capsys, path)
    train, held_out = (found["splits"][name]["images"] for name in ("train", "held_out"))
    assert found["duplicates"] == {"train": train + held_out - 1, "held_out": held_out, "test": 0}
    assert main(["data", "info", str(path)]) == 0
    shown = capsys.readouterr()
    assert f", {held_out} held-out images that are trained on" in shown.out
    assert f"warning: {held_out} held-out images are also trained on" in shown.err


@pytest.mark.parametrize(
    "words",
    [
        ("nosuch/",),
        ("mnsit",),
        ("mnist:eleven",),
        ("mnist", "--size", "3"),
        ("mnist", "--max-bad", "2"),
        ("mnist", "--max-bad", "1%"),
        ("mnist:3,5", "--max-bad", "1%"),
        ("ring", "--max-bad", "1%"),
        ("ring", "--size", "32"),
    ],
)
def test_a_wrong_request_is_one_line(words: tuple[str, ...], capsys: Captured) -> None:
    assert main(["data", "info", *words]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert shown.err.startswith("ganvas: error: ")
