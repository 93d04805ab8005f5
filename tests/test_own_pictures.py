"""Own pictures from files to a resumed run: digits in class folders, photographs in a zip."""

import json
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas.cli.main import main
from ganvas.data import load
from tests.picture_helpers import to_bytes

NARROW = ["generator.width=8", "discriminator.width=4", "batch_size=16", "evaluation.samples=0"]
FEW = ["--threads", "1", *(part for setting in NARROW for part in ("--set", setting))]
FORMATS = {"jpeg": "jpg", "png": "png", "webp": "webp"}
Captured = pytest.CaptureFixture[str]


def trained(line: list[str], out: Path, capsys: Captured) -> ganvas.Run:
    assert main(["train", *line, "--images", "64", *FEW, "--out", str(out), "--quiet"]) == 0
    return ganvas.Run(Path(capsys.readouterr().out.strip()))


def test_class_folders_of_two_digits(tmp_path: Path, capsys: Captured) -> None:
    folder = tmp_path / "digits"
    test = load("mnist:1,4").test
    assert test is not None
    assert test.labels is not None
    for number, (image, label) in enumerate(zip(test.images[:120], test.labels, strict=False)):
        place = folder / "14"[label] / f"{number:03}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(to_bytes(image[0]))
    run = trained([str(folder)], tmp_path / "runs", capsys)
    generator = ganvas.load(run.directory)
    assert generator.config.class_names == ("1", "4")
    config = json.loads((run.directory / "model" / "config.json").read_text())
    assert config["class_names"] == ["1", "4"]
    assert generator(3, labels="4", seed=0).shape == (3, 28, 28, 1)
    assert main(["resume", str(run.directory), "--images", "96", "--quiet"]) == 0


def photographs(archive_path: Path) -> list[Image.Image]:
    """The first photographs of CIFAR-10's JPEGs."""
    found: list[Image.Image] = []
    with tarfile.open(archive_path, "r|xz") as archive:
        for member in archive:
            opened = archive.extractfile(member) if member.isfile() else None
            if opened is not None:
                found.append(Image.open(BytesIO(opened.read())).convert("RGB"))
            if len(found) == 48:
                break
    return found


@pytest.mark.needs_test_data
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_zip_of_photographs_of_mixed_sizes(
    fit: str, data_folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    real = data_folder / "cifar10" / "cifar10-jpeg.tar.xz"
    if not real.is_file():
        pytest.skip("no folder of test data")
    rng = np.random.default_rng(0)
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, photograph in enumerate(photographs(real)):
            width, height = rng.integers(40, 200, 2)
            form = sorted(FORMATS)[number % len(FORMATS)]
            content = to_bytes(photograph.resize((width, height)), form)
            archive.writestr(f"holiday/{number}.{FORMATS[form]}", content)
    assert main(["train", str(path), *FEW, "--out", str(tmp_path / "runs")]) == 1
    assert "mixes sizes" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
    run = trained([str(path), "--size", "32", "--fit", fit], tmp_path / "runs", capsys)
    assert ganvas.load(run.directory)(2, seed=0).shape == (2, 32, 32, 3)
    assert main(["resume", str(run.directory), "--images", "96", "--quiet"]) == 0
