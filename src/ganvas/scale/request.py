"""What every run of a series is asked for: `ganvas train` with all but the seed and the place."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ganvas.errors import DataError, UsageError
from ganvas.files import read_json, write_json

__all__ = ["Request", "keep_request", "refuse_given", "require_same"]

_GIVEN = {
    "seed": "--seed says it (of `ganvas trials` --seeds)",
    "machine.threads": "--threads says it",
}
_BUDGET = "every run has the same, by --images or --minutes (with --one-at-a-time by --at)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """The part of the command that all runs share; runs of different requests do not compare.

    data, recipe  as `ganvas train` takes them
    options       its other options, as they are typed: --unconditional, --set, --data-dir ...
    images        the budget asked for; None for one in minutes, or the recipe's own
    minutes       the same in minutes
    found_images  what `minutes` (or the recipe's own budget) came to, once that was measured
    threads       processor threads of each run, which decide its last bits
    samples       how many samples the figures are measured on
    series        what is done with the runs beside: the settings varied, the steps looked at
    """

    data: str
    recipe: str
    options: tuple[str, ...] = ()
    images: int | None = None
    minutes: float | None = None
    found_images: int | None = None
    threads: int | None = None
    samples: int = 10_000
    series: tuple[str, ...] = ()

    @property
    def budget(self) -> int | None:
        """Images of each run; None for the recipe's own budget."""
        return self.found_images or self.images

    def train(
        self, *, out: Path, name: str, seed: int, settings: Iterable[str] = ()
    ) -> tuple[str, ...]:
        """Return the arguments of the command that trains one run of the series in `out/name`."""
        budget = () if self.budget is None else ("--images", str(self.budget))
        return (
            *("train", self.data, "--recipe", self.recipe, *self.options, *budget),
            *(part for setting in settings for part in ("--set", setting)),
            *("--seed", str(seed), "--threads", str(self.threads or 1)),
            *("--out", str(out), "--name", name, "--quiet"),
        )

    def rehearse(self) -> tuple[str, ...]:
        """Return the arguments of the command that says the budget in images, and trains not."""
        budget = () if self.minutes is None else ("--minutes", str(self.minutes))
        threads = ("--threads", str(self.threads or 1))
        only = ("--dry-run", "--json", *threads)
        return ("train", self.data, "--recipe", self.recipe, *self.options, *budget, *only)

    @classmethod
    def from_json(cls, values: Any) -> "Request":
        """Return the request that `asdict` was given. Raises DataError for anything else."""
        with suppress(TypeError, KeyError):
            lists = {name: tuple(values[name]) for name in ("options", "series")}
            request = cls(**{**values, **lists})
            if isinstance(request.data, str) and isinstance(request.recipe, str):
                return request
        raise DataError("it is no record of a series of runs")


def refuse_given(names: Iterable[str], option: str, *, varied: bool = False) -> None:
    """Raise UsageError for a setting that `Request.train` gives every run, and so would undo.

    option  which one names them, for the message
    varied  whether the runs were to differ by them: then a budget is refused, too
    """
    for name in names:
        why = _GIVEN.get(name)
        if varied and name.startswith("budget."):
            why = _BUDGET
        if why is not None:
            raise UsageError(f"{option} {name}: {why}")


def keep_request(path: Path, asked: Request) -> Request:
    """Write the request to `path`, or return the one that is there when it is the same.

    What was not asked for (threads), or was measured (images), is as it was.

    Raises UsageError when `path` holds another request, DataError when it is damaged.
    """
    if not path.exists():
        write_json(path, asdict(asked))
        return asked
    try:
        kept = Request.from_json(read_json(path))
    except DataError as error:
        raise DataError(f"{path}: {error}; choose another --out") from None
    require_same(kept, asked, where=str(path.parent))
    return kept


def require_same(kept: Request, asked: Request, *, where: str) -> None:
    """Raise UsageError naming the first thing that two requests do not share.

    What was not asked for (threads), or was measured (images), is not compared.
    """
    for field in fields(Request):
        was, now = getattr(kept, field.name), getattr(asked, field.name)
        left_open = field.name == "found_images" or (field.name == "threads" and now is None)
        if was != now and not left_open:
            raise UsageError(
                f"{where} holds runs of another command: {field.name} was {_spoken(was)}, "
                f"now {_spoken(now)}; choose another --out"
            )


def _spoken(value: Any) -> str:
    if isinstance(value, tuple):
        return f"'{' '.join(value)}'"
    return "not given" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
