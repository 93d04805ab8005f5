"""`ganvas sample`: where samples go, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.recipe import MachineSettings
from ganvas.session import train
from tests.training_helpers import TINY, tiny_data

SMALL = replace(TINY, machine=MachineSettings(threads=1))

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a tiny conditional model: 8x8 grey images in 3 classes."""
    return train(tiny_data(), recipe=SMALL, out=tmp_path_factory.mktemp("runs")).directory


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tiny_data(classes=0, channels=3)
    return train(data, recipe=SMALL, out=tmp_path_factory.mktemp("runs")).directory


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sample(*line: object) -> int:
    return main(["sample", *map(str, line)])


def test_a_png_is_a_grid_and_its_path_is_printed(model: Path, capsys: Captured) -> None:
    assert sample(model, "-n", 9, "-o", "grid.png") == 0
    assert capsys.readouterr() == ("grid.png\n", "")
    with Image.open("grid.png") as picture:
        assert picture.mode == "L"
        assert picture.width == picture.height >= 300


def test_without_a_name_it_is_samples_png_here(model: Path, here: Path, capsys: Captured) -> None:
    assert sample(model, "-n", 4) == 0
    assert capsys.readouterr().out == "samples.png\n"
    assert [path.name for path in here.iterdir()] == ["samples.png"]


def test_an_npz_holds_images_and_labels_without_pickle(model: Path) -> None:
    assert sample(model, "-n", 6, "--label", 2, "--label", 0, "-o", "some.npz") == 0
    with np.load("some.npz", allow_pickle=False) as archive:
        assert set(archive) == {"images", "labels", "class_names"}
        assert archive["class_names"].tolist() == ["0", "1", "2"]
        assert (archive["images"].dtype, archive["images"].shape) == (np.uint8, (6, 8, 8, 1))
        assert archive["labels"].tolist() == [2, 2, 2, 0, 0, 0]


def test_the_same_seed_gives_the_same_bytes(model: Path, here: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        assert sample(model, "-n", 5, "--seed", seed, "-o", f"{name}.npz") == 0
    a, b, c = ((here / f"{name}.npz").read_bytes() for name in "abc")
    assert a == b != c


def test_a_folder_gets_a_numbered_picture_each_with_its_class(model: Path, here: Path) -> None:
    assert sample(model, "-n", 11, "--label", 1, "-o", "many/") == 0
    names = sorted(path.name for path in (here / "many").iterdir())
    assert names == [f"{number:02d}-1.png" for number in range(11)]


def test_without_classes_names_are_numbers_and_labels_are_refused(
    unlabelled: Path, here: Path, capsys: Captured
) -> None:
    assert sample(unlabelled, "-n", 3, "-o", "many/") == 0
    assert sorted(path.name for path in (here / "many").iterdir()) == ["0.png", "1.png", "2.png"]
    assert sample(unlabelled, "-n", 3, "-o", "some.npz") == 0
    with np.load("some.npz") as archive:
        assert set(archive) == {"images"}
        assert archive["images"].shape == (3, 8, 8, 3)
    capsys.readouterr()
    assert sample(unlabelled, "--label", 3) == 2
    assert "has no classes" in capsys.readouterr().err


def test_a_full_folder_is_never_replaced(model: Path, here: Path, capsys: Captured) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("all of it")
    assert sample(model, "-n", 3, "-o", "mine/") == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in (here / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["no/such/x.png", "no/such/x.npz", "file/x", "file/x.png"])
def test_an_output_that_cannot_be_written_is_one_line_and_leaves_nothing(
    name: str, model: Path, here: Path, capsys: Captured
) -> None:
    (here / "file").write_text("a file")
    assert sample(model, "-n", 2, "-o", name) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("ganvas: error: cannot write ")
    assert shown.err.count("\n") == 1
    assert [path.name for path in here.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("name", "call"),
    [("grid.png", "os.fsync"), ("some.npz", "os.fsync"), ("many/", "PIL.Image.Image.save")],
)
def test_no_space_is_one_line_and_leaves_nothing(
    name: str,
    call: str,
    model: Path,
    here: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(call, full)
    assert sample(model, "-n", 2, "-o", name) == 1
    shown = capsys.readouterr()
    assert "No space left on device" in shown.err
    assert shown.err.count("\n") == 1
    assert list(here.iterdir()) == []


def test_an_unknown_model_or_label_is_one_line(model: Path, capsys: Captured) -> None:
    for line in (["no-such-model"], [str(model), "--label", "3"], [str(model), "--label", "cat"]):
        assert sample(*line) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1


# One picture between four seeds


def test_a_corner_is_what_its_seed_gives(model: Path, capsys: Captured) -> None:
    line = ("--label", 2, "--truncation", 0.5)
    assert sample(model, "-n", 1, "--seed", 7, *line, "-o", "seed.npz") == 0
    corners = ("--corners", "5,6,7,8", "--at", "0,1")
    assert sample(model, *corners, *line, "-o", "corner.npz") == 0
    assert capsys.readouterr().out == "seed.npz\ncorner.npz\n"
    seed, corner = (np.load(name)["images"].astype(int) for name in ("seed.npz", "corner.npz"))
    np.testing.assert_allclose(corner, seed, rtol=0, atol=1)  # made alone: rounded on its own


def test_the_command_that_a_point_says_makes_its_picture(model: Path, here: Path) -> None:
    from ganvas.explore import LatentPoint
    from ganvas.model import Explorer, load_generator
    from ganvas.pictures import to_grid_png

    explorer = Explorer(load_generator(model))
    point = LatentPoint(at=(0.3, 0.7), directions=((1, 2.5), (2, -1.25)), label=1, truncation=0.9)
    words = point.to_arguments(explorer.generator.config.class_names)
    assert sample(model, *words, "-o", "point.png") == 0
    assert (here / "point.png").read_bytes() == to_grid_png(explorer.picture(point)[0])


def test_one_picture_goes_into_arrays_and_folders_too(model: Path, here: Path) -> None:
    line = (model, "--corners", "1,2,3,4", "--at", "0.5,0.5", "--label", 1)
    assert sample(*line, "-n", 1, "-o", "one.npz") == 0
    with np.load("one.npz", allow_pickle=False) as archive:
        assert archive["images"].shape == (1, 8, 8, 1)
        assert archive["labels"].tolist() == [1]
    assert sample(*line, "-o", "one/") == 0
    assert [path.name for path in (here / "one").iterdir()] == ["0-1.png"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--corners", "1,2,3,4", "-n", 2], "--corners make one picture; leave out -n"),
        (["--corners", "1,2,3,4", "--seed", 0], "--corners say the seeds; leave out --seed"),
        (["--corners", "1,2,3,4", "--label", 1, "--label", 2], "give --label once"),
        (["--corners", "1,2,3,4", "--label", "cat"], "no class 'cat'"),
        (["--corners", "1,2,3,4", "--direction", "1=1", "--direction", "1=2"], "is given twice"),
        (["--corners", "1,2,3,4", "--direction", "99=1"], "direction 99 is out of range"),
        (["--at", "0,1"], "--at is a place between four seeds; give --corners"),
        (["--direction", "1=1"], "--direction is a place between four seeds; give --corners"),
    ],
    ids=str,
)
def test_what_does_not_go_with_corners_is_one_line(
    line: list[object], words: str, model: Path, here: Path, capsys: Captured
) -> None:
    assert sample(model, *line) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.err.count("\n") == 1
    assert list(here.iterdir()) == []
