"""What an archive may hold, whatever its headers claim."""

from pathlib import Path

import pytest

from ganvas.data.archives import limits
from ganvas.data.pictures.read import read_pictures
from ganvas.errors import DataError
from tests.archive_helpers import PACKERS


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FREE_BYTES", 1 << 20)
    zeros = {f"{i}.bmp": bytes(1 << 18) for i in range(8)}
    for name in ("x.zip", "x.tar.gz", "x.tar.xz"):
        with pytest.raises(DataError, match=r"unpacks to [\d,]+ bytes or more from .* over 100 t"):
            read_pictures(PACKERS[name](tmp_path / name, zeros))
    for name in ("stored.zip", "x.tar"):  # as large as they say
        with pytest.raises(DataError, match="8 of 8 pictures"):
            read_pictures(PACKERS[name](tmp_path / name, zeros))
