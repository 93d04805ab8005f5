"""`ganvas score`: table, JSON and refusals."""

import json
from pathlib import Path

import pytest

import ganvas
from ganvas.cli.main import main
from tests.model_helpers import small_config, write_model
from tests.scoring_helpers import write_pictures

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A conditional model of 8x8 grey pictures in three classes."""
    write_model(tmp_path / "model", small_config(loss="non_saturating"))
    return tmp_path / "model"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    config = small_config(class_names=(), loss="non_saturating")
    write_model(tmp_path / "plain", config)
    return tmp_path / "plain"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pictures(tmp_path)


def score(*line: object) -> int:
    return main(["score", *map(str, line)])


def test_the_table_and_the_json_say_the_same(model: Path, folder: Path, capsys: Captured) -> None:
    assert score(model, folder / "classes", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found == ganvas.score(str(model), folder / "classes")
    assert score(model, folder / "classes") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["picture", "class", "logit", "probability", "real", "D", "says"]
    rows = {line.split()[0]: line.split() for line in lines[2:9]}
    for entry in found["scores"]:
        _, label, logit, probability, says = rows[entry["picture"]]
        assert label == entry["label"]
        assert float(logit) == pytest.approx(entry["logit"], abs=5e-4)
        assert float(probability) == pytest.approx(entry["probability"], abs=5e-5)
        assert says == ("real" if entry["real"] else "fake")
    called = sum(entry["real"] for entry in found["scores"]) / len(found["scores"])
    assert f"{called:.1%} called real" in lines[-1]


@pytest.mark.parametrize("loss", ["", "wasserstein", "relativistic"])
def test_where_there_is_no_probability_it_says_so(
    loss: str, tmp_path: Path, capsys: Captured, folder: Path
) -> None:
    write_model(tmp_path / "m", small_config(class_names=(), loss=loss))
    assert score(tmp_path / "m", folder / "flat", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {entry["probability"] for entry in found["scores"]} == {None}
    assert {entry["real"] for entry in found["scores"]} == {None}
    assert found["loss"] == (loss or None)
    assert score(tmp_path / "m", folder / "flat") == 0
    assert f"no probabilities: {found['no_probability']}" in capsys.readouterr().out


def test_what_is_refused_is_one_line(
    model: Path, plain: Path, folder: Path, capsys: Captured
) -> None:
    (folder / "empty").mkdir()
    lines: list[tuple[list[object], int]] = [
        (["nowhere", folder / "flat"], 2),
        ([plain, folder / "no such.png"], 2),
        ([model, folder / "flat"], 2),
        ([plain, folder / "empty"], 1),
        ([plain, folder / "flat", "--fit", "squeeze"], 2),
        ([plain], 2),
    ]
    for line, code in lines:
        assert score(*line) == code
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1
    (plain / "discriminator.safetensors").write_bytes(b"\0" * 100)
    assert score(plain, folder / "flat") == 1
    shown = capsys.readouterr()
    assert "discriminator.safetensors has 100 bytes" in shown.err
    assert shown.err.count("\n") == 1
