"""The course of a run: what it comes to when the world fails it."""

from pathlib import Path

import pytest

from ganvas.errors import DivergedError
from ganvas.events import Event, Finished
from tests.session_helpers import no_room_for, train


def test_a_run_that_diverges_on_a_full_disk_has_diverged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_room_for(monkeypatch, "diverged")
    events: list[Event] = []
    with pytest.raises(DivergedError, match="run directory"):
        train(
            tmp_path,
            settings={"optimizer.generator.learning_rate": 1e30},
            watcher=events.append,
        )
    assert isinstance(events[-1], Finished)
    assert events[-1].status == "diverged"
