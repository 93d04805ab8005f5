"""The list of data sets: what is damaged stands in it, and says why."""

import json
from pathlib import Path

import numpy as np
import pytest

from ganvas.cli.main import main
from ganvas.data.catalogue import listing
from ganvas.data.store.card import sets_folder
from ganvas.data.store.importing import import_data


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the imported sets `good` and `worse`, the second with a cut card."""
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "some.npz"
    np.savez(source, images=np.zeros((24, 8, 8), np.uint8))
    for name in ("good", "worse"):
        import_data(source, name)
    card = sets_folder() / "worse" / "set.json"
    card.write_bytes(card.read_bytes()[:20])
    return sets_folder()


def test_a_set_with_a_damaged_card_is_listed_with_the_reason(
    stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = {entry.name: entry for entry in listing()}
    assert (entries["good"].state, entries["good"].num_images) == ("imported", 24)
    worse = entries["worse"]
    assert (worse.state, worse.where) == ("damaged", str(stored / "worse"))
    assert worse.line.startswith(f"worse: imported into {stored / 'worse'}, damaged: ")
    assert "import the data again" in worse.line
    assert main(["data", "list", "--json"]) == 0
    found = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)["data"]}
    assert found["worse"]["state"] == "damaged"
    assert main(["data", "list"]) == 0
    assert worse.line in capsys.readouterr().out.splitlines()
