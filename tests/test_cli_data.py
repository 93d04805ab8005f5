"""`ganvas data` as a user types it: in and out again, and bad pictures in a line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganvas.cli.main import main
from tests.picture_helpers import numbered, write_files

Captured = pytest.CaptureFixture[str]


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


def test_points_have_no_files(capsys: Captured) -> None:
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
