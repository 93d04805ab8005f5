"""`ganvas animate`: the film that was asked for and where it is, or one line why not."""

from pathlib import Path

import numpy as np
import pytest

from ganvas.cli.main import main
from ganvas.files import write_png
from ganvas.runlog import RunDirectory
from tests.motion_helpers import draw, empty_run, read_back, read_video

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return empty_run(tmp_path / "run")


def animate(*line: object) -> int:
    return main(["animate", *map(str, line)])


@pytest.mark.parametrize("name", ["film.gif", "film.WEBP", "film.mp4"])
def test_the_command_prints_where_the_film_is(
    name: str, run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    draw(run, 10, 20, 30)
    path = tmp_path / name
    assert animate(run.path, "-o", path, "--fps", 5, "--hold", 1) == 0
    assert capsys.readouterr() == (f"{path}\n", "")
    if name.endswith("mp4"):
        assert len(read_video(path, height=624, width=594)) == 5 + 1 + 5
    else:
        assert read_back(path)[1] == [1000, 200, 1000]


def test_without_a_name_it_is_in_the_run(run: RunDirectory, capsys: Captured) -> None:
    draw(run, 10, 20)
    assert animate(run.path) == 0
    assert capsys.readouterr().out == f"{run.path / 'samples.webp'}\n"


@pytest.mark.parametrize(
    ("damage", "code", "words"),
    [
        ("none", 2, "no picture in samples/"),
        ("one", 2, "one picture in samples/"),
        ("truncated", 1, "no whole PNG picture"),
        ("text", 1, "no whole PNG picture"),
        ("size", 1, "has another size"),
        ("suffix", 2, "an animation can be written as .gif, .webp, .mp4"),
        ("folder", 1, "there is no folder"),
        ("no run", 2, "no run directory"),
    ],
)
def test_what_cannot_be_animated_is_one_line_and_leaves_nothing(
    damage: str, code: int, words: str, run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    draw(run, *{"none": (), "one": (10,)}.get(damage, (10, 20, 30)))
    picture = run.path / "samples" / "000000020.png"
    if damage == "truncated":
        picture.write_bytes(picture.read_bytes()[:-40])
    elif damage == "text":
        picture.write_text("no picture")
    elif damage == "size":
        write_png(picture, np.zeros((60, 50), np.uint8))
    name = {"suffix": "film.avi", "folder": "none/film.gif"}.get(damage, "film.gif")
    where = tmp_path if damage == "no run" else run.path
    assert animate(where, "-o", tmp_path / name) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert words in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert not (run.path / "samples.webp").exists()


@pytest.mark.parametrize(("options", "milliseconds"), [
    (("--frames", 2), [1500, 1500]),
    (("--frames", 3, "--hold", 0), [330, 330, 330]),
    (("--frames", 4, "--fps", 50), [1500, 20, 20, 1500]),
    (("--frames", 1000, "--fps", 1, "--hold", 60), [60_000, *[1000] * 10, 60_000]),
    ((), [1500, *[330] * 10, 1500]),
])  # fmt: skip
def test_frames_speed_and_hold_are_those_asked_for(
    options: tuple[object, ...], milliseconds: list[int], run: RunDirectory, tmp_path: Path
) -> None:
    draw(run, *range(10, 130, 10))
    assert animate(run.path, "-o", tmp_path / "film.webp", *options) == 0
    assert read_back(tmp_path / "film.webp")[1] == milliseconds


@pytest.mark.parametrize(("option", "value"), [
    ("--frames", 1), ("--frames", 1001), ("--frames", "many"), ("--fps", 0), ("--fps", 51),
    ("--fps", 2.5), ("--hold", -1), ("--hold", 61), ("--hold", "nan"),
])  # fmt: skip
def test_a_wrong_number_is_one_line_that_names_it(
    option: str, value: object, run: RunDirectory, tmp_path: Path, capsys: Captured
) -> None:
    draw(run, 10, 20)
    assert animate(run.path, "-o", tmp_path / "film.gif", option, value) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert option in shown.err
    assert str(value) in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_same_run_gives_the_same_film(run: RunDirectory, tmp_path: Path) -> None:
    draw(run, 10, 20, 30)
    for name in ("one.gif", "two.gif"):
        assert animate(run.path, "-o", tmp_path / name) == 0
    assert (tmp_path / "one.gif").read_bytes() == (tmp_path / "two.gif").read_bytes()
