"""What every run of a series is asked for: `ganvas train` with all but the seed and the place."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ganvas.errors import DataError, UsageError
from ganvas.files import read_json, write_json

__all__ = ["Request", "keep_request"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """The part of the command that all runs share; runs of different requests do not compare.

    data, recipe  as `ganvas train` takes them
    options       its other options, as they are typed: --unconditional, --set, --data-dir ...
    images        the budget; None for the recipe's own, or until `minutes` are measured
    minutes       the budget that `images` came from, if any
    threads       processor threads of each run, which decide its last bits
    samples       how many samples the figures are measured on
    """

    data: str
    recipe: str
    options: tuple[str, ...] = ()
    images: int | None = None
    minutes: float | None = None
    threads: int | None = None
    samples: int = 10_000

    def train(
        self, *, out: Path, name: str, seed: int, settings: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Return the arguments of the command that trains one run of the series in `out/name`."""
        budget = () if self.images is None else ("--images", str(self.images))
        return (
            *("train", self.data, "--recipe", self.recipe, *self.options, *budget),
            *(part for setting in settings for part in ("--set", setting)),
            *("--seed", str(seed), "--threads", str(self.threads or 1)),
            *("--out", str(out), "--name", name, "--quiet"),
        )

    def rehearse(self) -> tuple[str, ...]:
        """Return the arguments of the command that turns `minutes` into images, and trains not."""
        threads = ("--threads", str(self.threads or 1))
        budget = ("--minutes", str(self.minutes), "--dry-run", "--json")
        return ("train", self.data, "--recipe", self.recipe, *self.options, *budget, *threads)


def keep_request(path: Path, asked: Request) -> Request:
    """Write the request to `path`, or return the one that is there when it is the same.

    What was not asked for (threads), or had to be measured (images), is as it was.
    Raises UsageError when `path` holds another request, DataError when it is damaged.
    """
    if not path.exists():
        write_json(path, asdict(asked))
        return asked
    kept = _read(path)
    for field in fields(Request):
        was, now = getattr(kept, field.name), getattr(asked, field.name)
        left_open = now is None and (field.name == "threads" or asked.minutes is not None)
        if was != now and not left_open:
            raise UsageError(
                f"{path.parent} holds runs of another command: {field.name} was {_spoken(was)}, "
                f"now {_spoken(now)}; choose another --out"
            )
    return kept


def _read(path: Path) -> Request:
    values: Any = read_json(path)
    with suppress(TypeError, KeyError):
        request = Request(**{**values, "options": tuple(values["options"])})
        if isinstance(request.data, str) and isinstance(request.recipe, str):
            return request
    raise DataError(f"{path} is no record of a series of runs; choose another --out")


def _spoken(value: Any) -> str:
    if isinstance(value, tuple):
        return f"'{' '.join(value)}'"
    return "not given" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
