"""The course of a run: what it comes to when the world fails it."""

from pathlib import Path
from typing import Any

import pytest

from ganvas.errors import DiskFullError, DivergedError
from ganvas.events import Event, Finished, Found
from ganvas.runlog import RunDirectory
from tests.session_helpers import no_room_for, train


@pytest.mark.parametrize("on_full_disk", ["stop", "pause"])
def test_a_run_that_diverges_on_a_full_disk_has_diverged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_full_disk: str
) -> None:
    no_room_for(monkeypatch, "diverged")
    append = RunDirectory.append_finding

    def fills(self: RunDirectory, line: dict[str, Any]) -> None:
        if line["name"] == "diverged":
            raise DiskFullError("no room for findings.jsonl")
        append(self, line)

    monkeypatch.setattr(RunDirectory, "append_finding", fills)
    events: list[Event] = []
    with pytest.raises(DivergedError, match="run directory"):
        train(
            tmp_path,
            settings={
                "optimizer.generator.learning_rate": 1e30,
                "checkpoint.on_full_disk": on_full_disk,
            },
            watcher=events.append,
        )
    assert any(isinstance(event, Found) and event.name == "diverged" for event in events)
    assert isinstance(events[-1], Finished)
    assert events[-1].status == "diverged"
