"""A run's quality on its way, in tenths of its budget, so that runs of one sweep compare."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError
from ganvas.runlog import RunDirectory

__all__ = ["Lookout"]

_PARTS = 10


class Lookout:
    """Follows the quality lines of a run under way and says when it is hopeless.

    `report` is given the first look after each tenth of the budget but the last: 1 to 9, and the
    Fréchet distance in multiples of as many real images'. `is_hopeless` is asked after each; once
    it says so, no more is read.

    Lines are taken in their order, so what is said does not depend on when one looks.
    """

    def __init__(
        self,
        run: Path,
        images: int,
        report: Callable[[int, float], None],
        is_hopeless: Callable[[], bool],
    ) -> None:
        self._run, self._images = run, images
        self._report, self._is_hopeless = report, is_hopeless
        self._tenth = 0
        self.gave_up = False

    def look(self) -> bool:
        """Read what is new; return whether the run is hopeless."""
        if self.gave_up:
            return True
        looks: list[tuple[int, float] | None] = []
        with suppress(GanvasError):  # the run is not there yet, or its file is damaged
            looks = RunDirectory(self._run).read_metrics("probe", _look)
        for images, quality in filter(None, looks):
            tenth = images * _PARTS // self._images
            if self._tenth < tenth < _PARTS:
                self._tenth = tenth
                self._report(tenth, quality)
                if self._is_hopeless():
                    self.gave_up = True
                    break
        return self.gave_up


def _look(line: dict[str, Any]) -> tuple[int, float] | None:
    """Return images and quality of a line about quality; None for one about something else."""
    probe = line["probe"]
    if "fd" not in probe:
        return None
    return line["images"], float(probe["fd"]) / float(probe.get("real_fd") or 1.0)
