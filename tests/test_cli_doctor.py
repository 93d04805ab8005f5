"""`ganvas doctor`: of a run, of data, and of neither."""

import json
from pathlib import Path

import pytest

import ganvas
from ganvas.cli.main import main
from tests.training_helpers import TINY, tiny_data


def test_a_run_is_diagnosed_in_words_and_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"optimizer.generator.learning_rate": 0}
    run = ganvas.train(tiny_data(), recipe=TINY, out=tmp_path, settings=settings)
    assert main(["doctor", str(run.directory)]) == 0
    out = capsys.readouterr().out
    assert "error: a network does not move (frozen_network" in out
    assert "1. give the network a learning rate" in out
    assert main(["doctor", str(run.directory), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert found[0]["name"] == "frozen_network"
    assert {"severity", "since_images", "evidence", "explanation", "remedies"} <= found[0].keys()


def test_a_data_set_is_diagnosed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import numpy as np

    images = np.random.default_rng(0).integers(0, 90, (40, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "few.npz", images=images)
    assert main(["doctor", "--data", str(tmp_path / "few.npz"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {"data_too_small", "data_range"} <= {finding["name"] for finding in found}


@pytest.mark.parametrize("arguments", [[], ["somewhere", "--data", "mnist"]])
def test_it_wants_a_run_or_data(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", *arguments]) == 2
    assert "name a run directory, or data" in capsys.readouterr().err
