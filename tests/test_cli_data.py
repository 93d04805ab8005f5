"""`ganvas data` as a user types it: what is in one's own pictures, and bad ones in a line."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.cli.main import main
from tests.picture_helpers import noise, numbered, to_bytes, write_files
from tests.test_data_archives import pack_zip

Captured = pytest.CaptureFixture[str]


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
    assert "most of a class" in shown.out
    assert "101 classes; --json counts each" in shown.out
    assert len(shown.out.splitlines()) < 20
    assert str(tmp_path / "grid.png") in shown.err
    assert main([*line, "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["splits"]
    assert sum(part["classes"]["7"] for part in counts.values()) == 5


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


def test_pictures_left_out_are_named_wherever_they_are_read(
    tmp_path: Path, capsys: Captured
) -> None:
    place = write_files(tmp_path / "x", numbered(*(f"{i}.png" for i in range(24))))
    write_files(place, {"bad.png": b""})
    share = ["--max-bad", "10%"]
    for line in (
        ["data", "info", str(place)],
        ["data", "export", str(place), str(tmp_path / "out")],
        ["doctor", "--data", str(place)],
        ["train", str(place), "--dry-run", "--set", "batch_size=8"],
    ):
        assert main([*line, *share]) == 0, line
        assert "left out bad.png: zero bytes" in capsys.readouterr().err, line
    assert main(["data", "info", str(place), "--json", *share]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["refused"] == [{"name": "bad.png", "reason": "zero bytes"}]


def test_a_grid_that_cannot_be_is_refused_before_reading(tmp_path: Path, capsys: Captured) -> None:
    assert main(["data", "info", "mnist", "-o", str(tmp_path / "x.jpg")]) == 2
    assert "ends in .png" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_points_are_shown_and_have_no_files(tmp_path: Path, capsys: Captured) -> None:
    grid = tmp_path / "ring.png"
    assert main(["data", "info", "ring", "-o", str(grid)]) == 0
    assert "modes   8, standard deviation 0.01" in capsys.readouterr().out
    with Image.open(grid) as picture:
        pixels = np.asarray(picture)
    assert (pixels == pixels[::-1]).mean() > 0.9  # a ring looks the same upside down
    assert 0.9 < (pixels == 255).mean() < 1
    for line in (["data", "verify", "ring"], ["data", "export", "grid", "x"]):
        assert main(line) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_class_folders_go_in_and_out_again(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    names = [f"{kind}/{i:02}.png" for kind in ("cat", "dog") for i in range(12)]
    source = write_files(tmp_path / "pets", numbered(*names))
    write_files(source, {"cat/99.png": b""})
    line = ["data", "import", str(source), "pets"]
    assert main(line) == 1
    shown = capsys.readouterr()
    assert "'cat/99.png': zero bytes; all are listed in" in shown.err
    assert main([*line, "--max-bad", "10%"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "pets: 24 grey training images of 8x9 in 2 classes\n"
    assert "left out cat/99.png: zero bytes" in shown.err
    assert main(["data", "verify", "pets"]) == 0
    folder = tmp_path / "out"
    assert main(["data", "export", "pets:dog", str(folder)]) == 0
    values = {int(np.asarray(Image.open(path)).max()) for path in folder.rglob("*.png")}
    assert values == set(range(12, 24))
