"""Checkpoints on disk, and how they are changed, for tests."""

from pathlib import Path
from typing import Any

from hypothesis import settings

from ganvas.checkpoint import (
    save_checkpoint,
)

quick = settings(max_examples=40, deadline=None)


def saved(tmp_path: Path, state: dict[str, Any]) -> Path:
    return save_checkpoint(tmp_path / "checkpoints", 64, state, keep=2)
