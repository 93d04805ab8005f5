"""`ganvas eval`: the table, the JSON, and what is refused before anything is measured."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.data import load
from ganvas.pictures import write_images
from tests.judge_helpers import some_data

Captured = pytest.CaptureFixture[str]

FOUND: dict[str, Any] = {
    "data": "mnist",
    "split": "test",
    "judge": {"name": "mnist", "digest": "sha256:" + 64 * "a", "kind": "judge"},
    "samples": 2000,
    "real_samples": 2000,
    "seed": 3,
    "metrics": {
        "fd": {"value": 0.5, "real": 0.25, "higher_is_better": False},
        "label_accuracy": {"value": 0.975, "real": None, "higher_is_better": True},
    },
    "left_out": {"ct": "ct needs 21 images or more, got 20; use more", "kid": "no reason"},
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `ganvas eval` asked for; the answer is FOUND."""
    seen: dict[str, Any] = {}

    def evaluate(*arguments: Any, **options: Any) -> dict[str, Any]:
        seen.update(options, arguments=arguments)
        return FOUND

    monkeypatch.setattr("ganvas.measure.evaluate", evaluate)
    return seen


def test_eval_prints_a_table_and_how_it_was_made(asked: dict[str, Any], capsys: Captured) -> None:
    assert main(["eval", "mnist", "--samples", "2000", "--seed", "3"]) == 0
    assert asked["arguments"] == ("mnist", None, 2000, 3)
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == "metric value real better is samples judge real split".split()
    made = ["2,000", "mnist", "aaaaaaaa", "test"]
    assert lines[2].split() == ["fd", "0.5000", "0.2500", "lower", *made]
    assert lines[3].split() == ["label_accuracy", "0.9750", "-", "higher", *made]
    assert lines[-1].startswith("Measured on 2,000 samples and 2,000 test images of mnist")
    assert "left out: ct needs 21 images or more, got 20; use more" in shown.err
    assert "left out: kid: no reason" in shown.err


def test_eval_gives_its_json_to_scripts_and_files(
    asked: dict[str, Any], here: Path, capsys: Captured
) -> None:
    line = ["eval", "m", "--data", "mnist", "--metrics", "fd, label_accuracy", "--json"]
    assert main([*line, "-o", "figures.json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out) == FOUND
    assert shown.err == ""
    assert json.loads((here / "figures.json").read_text()) == FOUND
    assert asked["arguments"] == ("m", "mnist", None, 0)
    assert asked["metrics"] == ["fd", "label_accuracy"]


def test_eval_refuses_an_unwritable_file_before_measuring(
    asked: dict[str, Any], capsys: Captured
) -> None:
    assert main(["eval", "m", "-o", "no/such/figures.json"]) == 1
    assert "cannot write" in capsys.readouterr().err
    assert main(["eval", "m", "--nearest", "no/such/pairs.png"]) == 1
    assert "cannot write" in capsys.readouterr().err
    assert asked == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["mnist", "--samples", "1"], "--samples"),
        (["mnist", "--nearest", "pairs.jpg"], "must end in .png, not 'pairs.jpg'"),
        (["mnist", "--metrics", "fd,fid"], "unknown metric 'fid'; did you mean 'fd'"),
        (["mnist", "--data", "minst"], "did you mean 'mnist'"),
        (["minst"], "did you mean 'mnist'"),
        (["mnist", "--judge", "minst"], "no judge 'minst'"),
        (["mnist", "--judge", "inception"], "ganvas judge convert"),
        (["mnist", "--samples", "100", "--metrics", "fd"], "fd needs 129 images or more"),
        (["empty", "--data", "mnist"], "empty"),
        (["mixed", "--data", "mnist"], "mixed"),
        (["one.npz"], "--data mnist"),
        (["one.npz", "--data", "mnist"], "the images are 8x8 grey, those of mnist 28x28 grey"),
        (["text.txt", "--data", "mnist"], "text.txt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_measured_is_one_line(
    line: list[str], message: str, here: Path, capsys: Captured
) -> None:
    (here / "empty").mkdir()
    (here / "text.txt").write_text("no pictures")
    part = some_data().test
    assert part is not None
    write_images(here / "one.npz", part.images, part.labels)
    write_images(here / "mixed", part.images[:3])
    with Image.open(here / "mixed" / "0.png") as picture:
        picture.resize((9, 9)).save(here / "mixed" / "0.png")
    code = main(["eval", *line])
    shown = capsys.readouterr()
    assert shown.out == ""
    (error,) = [text for text in shown.err.splitlines() if text.startswith("ganvas")]
    assert message in error
    assert code == (1 if line[0] in ("empty", "mixed", "text.txt") else 2)


def test_eval_of_pictures_measures_them(here: Path, capsys: Captured) -> None:
    mnist = load("mnist")
    assert mnist.test is not None
    assert mnist.test.labels is not None
    images, labels = mnist.test.images[:300], mnist.test.labels[:300]
    write_images(here / "digits.npz", images, labels)
    write_images(here / "digits", images)
    found = {}
    for name in ("digits.npz", "digits"):
        line = ["eval", name, "--data", "mnist", "--metrics", "fd,class_kl", "--json"]
        assert main(line) == 0
        found[name] = json.loads(capsys.readouterr().out)
    assert found["digits"] == found["digits.npz"]
    assert found["digits"]["samples"] == 300
    assert found["digits"]["metrics"]["fd"]["value"] < 20


def test_what_was_measured_is_kept_where_nobody_reads_it(
    asked: dict[str, Any], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*words: Any, **options: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("ganvas.cli.evaluate.print_json", breaks)
    assert main(["eval", "mnist", "--json", "-o", "figures.json"]) == 1
    assert json.loads((here / "figures.json").read_text()) == FOUND
