"""`ganvas recipes`, `data`, `judge` and `info`: tables for people, JSON of the same."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ganvas.cli.main import main
from ganvas.recipe import Recipe
from ganvas.recipes import RECIPES, get_recipe
from tests.project_source import ROOT

Captured = pytest.CaptureFixture[str]
MNIST = ROOT / "src" / "ganvas" / "assets" / "mnist"


def as_json(capsys: Captured, *line: str, code: int = 0) -> Any:
    assert main([*line, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_recipes_are_listed_with_a_word_about_each(capsys: Captured) -> None:
    assert main(["recipes"]) == 0
    shown = capsys.readouterr().out
    listed = as_json(capsys, "recipes")["recipes"]
    assert [entry["name"] for entry in listed] == list(RECIPES)
    for entry in listed:
        assert entry["name"] in shown
        assert entry["summary"] in shown


def test_a_recipe_shows_every_setting_as_set_takes_it(capsys: Captured) -> None:
    values = as_json(capsys, "recipes", "swift")
    settings = {name: values[name] for name in values if name not in ("page", "networks")}
    assert Recipe.from_json(settings) == get_recipe("swift")
    assert main(["recipes", "swift"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line.split() for line in lines if "." in line.split(" ")[0]]
    shown = {row[0]: row[1] for row in rows if len(row) == 2}
    assert {"optimizer.generator.learning_rate", "checkpoint.every_images"} <= set(shown)
    assert get_recipe("swift").with_settings(shown) == get_recipe("swift")


def test_data_sets_are_listed_with_their_place(capsys: Captured) -> None:
    assert main(["data", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = as_json(capsys, "data", "list")["data"]
    assert [entry["name"] for entry in listed] == [line.split(":")[0] for line in lines]
    assert listed[0]["name"] == "mnist"
    assert listed[0]["state"] == "embedded"


def test_sound_files_pass(capsys: Captured) -> None:
    found = as_json(capsys, "data", "verify", "mnist")
    assert found["ok"]
    assert [check["state"] for check in found["files"]] == ["ok"] * 4
    assert main(["data", "verify", "mnist"]) == 0
    assert capsys.readouterr().out.count("ok") == 4


def test_a_damaged_file_fails_with_both_digests(tmp_path: Path, capsys: Captured) -> None:
    shutil.copytree(MNIST, tmp_path / "mnist")
    path = tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-30])
    line = ["data", "verify", "mnist", "--data-dir", str(tmp_path)]
    assert main(line) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith(f"ganvas: error: mnist: {path} is damaged")
    assert shown.err.count("\n") == 1
    found = as_json(capsys, *line, code=1)
    (bad,) = (check for check in found["files"] if check["state"] != "ok")
    assert bad["expected"] in shown.err
    assert str(bad["found"]) in shown.err
    assert not found["ok"]


def test_the_shipped_judges_are_listed(capsys: Captured) -> None:
    cards = as_json(capsys, "judge", "list")["judges"]
    assert [card["name"] for card in cards] == ["fashion-mnist", "mnist"]
    assert main(["judge", "list"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("28x28") == 2
    for card in cards:
        accuracy = card["accuracy"]
        assert card["name"] in shown
        assert f"{accuracy['correct'] / accuracy['count']:.2%}" in shown


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What `judge train` asked for; nothing is trained, the shipped judge is copied."""
    seen: dict[str, Any] = {}

    def make_judge(dataset: Any, **options: Any) -> Path:
        seen.update(options, data=dataset.name)
        out: Path = options["out"]
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(MNIST.parent / "judges" / "mnist", out)
        return out

    monkeypatch.setattr("ganvas.judge.make_judge", make_judge, raising=False)
    return seen


def test_judge_train_prints_the_folder_and_replaces_only_judges(
    making: dict[str, Any], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # the second time over the first
        assert main(["judge", "train", "mnist", "--seed", "4"]) == 0
        assert capsys.readouterr().out == f"{Path('judges/mnist')}\n"
    assert (making["data"], making["seed"], making["threads"]) == ("mnist", 4, 2)
    found = as_json(capsys, "judge", "train", "mnist", "-o", "mine")
    assert (found["judge"], found["card"]["name"]) == ("mine", "mnist")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    making.clear()
    assert main(["judge", "train", "mnist", "-o", "other"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert making == {}


def test_info_tells_versions_machine_and_what_is_there(capsys: Captured) -> None:
    found = as_json(capsys, "info")
    assert {"ganvas", "python", "torch", "numpy"} <= set(found["versions"])
    assert set(found["machine"]) == {"device", "threads", "precision", "precision_reason"}
    assert "mnist" in found["judges"]
    assert found["data"][0]["name"] == "mnist"
    assert main(["info"]) == 0
    shown = capsys.readouterr().out
    assert found["versions"]["torch"] in shown
    assert found["machine"]["precision_reason"] in shown
