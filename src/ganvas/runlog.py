"""The run directory: the files that everything else reads. What is in which, and how written.

recipe.json      the resolved recipe, reloadable
env.json         versions, machine, command line, data-set digest
status.json      running | finished | stopped | diverged | failed, images, seconds, metrics
metrics.jsonl    a line per logged step, progress in images seen
remedies.json    what was changed against it (--remedy apply)
findings.jsonl   what the doctor found, and what is over: follows from metrics.jsonl
log.txt          plain sentences with the time
reals.png        real images, laid out like the samples
samples/         the fixed latents' grid, named by images seen; beside it what D said of each image
samples.png      the last of them
samples.webp     all of them in motion, made at the end
tensorboard/     TensorBoard's event files, where they were asked for
plots/           figures of the run, drawn at its end where matplotlib is there
report.html      its story, written at its end where matplotlib is there
checkpoints/     see ganvas.checkpoint
model/           see ganvas.model
best/            the model that the probes found best
best.json        at how many images that was, and its figures
"""

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganvas import disk
from ganvas.errors import DataError, DiskFullError, GanvasError, UnknownSettingError, UsageError
from ganvas.files import cannot_write, read_json, sweep, write_bytes, write_json, write_png
from ganvas.grid import images_to_grid, upscale
from ganvas.journal import Journal
from ganvas.recipe import Recipe

__all__ = ["ForeignRecipeError", "RunDirectory", "new_run_directory", "require_free_name"]

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PICTURE_SIDE = 900  # pixels: small images are enlarged until their grid is about this wide


class ForeignRecipeError(DataError):
    """A run's recipe has a setting that this version does not know."""


class RunDirectory:
    """One run's folder. Opening it checks nothing; each file is read when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._metrics, self._log = Journal(path / "metrics.jsonl"), Journal(path / "log.txt")
        self._findings = Journal(path / "findings.jsonl")

    def sweep(self) -> None:
        """Clear away what a killed process left half-written. Only under the run's lock."""
        inner = (self.path / "samples", self.path / "plots")
        for folder in (self.path, self.checkpoints, *inner):
            if folder.is_dir() and not (folder.is_symlink() and folder != self.path):
                sweep(folder)

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """Folder of the finished (or so far best) model."""
        return self.path / "model"

    @property
    def best(self) -> Path:
        """Folder of the model that was best on its way, by the held-out images."""
        return self.path / "best"

    def plot(self, name: str) -> Path:
        """Return where a figure of the run is written; makes the folder of the figures."""
        return self._in_folder(f"plots/{name}")

    def read_best(self) -> dict[str, Any] | None:
        """Return what `write_best` wrote; None before a probe, and where `best/` is gone."""
        if not (self.best.is_dir() and (self.path / "best.json").is_file()):
            return None
        return self._read("best.json", {"images": int, "fd": float})

    def write_best(self, figures: dict[str, Any]) -> None:
        """Write at how many images the model in `best/` was made, and its figures."""
        write_json(self.path / "best.json", figures)

    def write_recipe(self, recipe: Recipe) -> None:
        """Write the resolved recipe."""
        write_json(self.path / "recipe.json", recipe.to_json())

    def read_recipe(self) -> Recipe:
        """Return the recipe.

        Raises GanvasError when it is missing, DataError when it is odd, and of these
        ForeignRecipeError when it has a setting that this version does not know.
        """
        try:
            return Recipe.from_json(read_json(self.path / "recipe.json"))
        except UnknownSettingError as error:
            raise ForeignRecipeError(f"{self.path / 'recipe.json'}: {error}") from None
        except UsageError as error:
            raise DataError(f"{self.path / 'recipe.json'}: {error}") from None

    def write_environment(self, environment: dict[str, Any]) -> None:
        """Write what the run was made on and from."""
        write_json(self.path / "env.json", environment)

    def read_environment(self) -> dict[str, Any]:
        """Return what `write_environment` wrote. Raises GanvasError when that is not there."""
        return self._read("env.json", {"data_digest": str})

    def write_status(self, status: str, **values: Any) -> None:
        """Write how the run stands, with the figures that go with it."""
        write_json(self.path / "status.json", {"status": status, **values})

    def read_status(self) -> dict[str, Any]:
        """Return what `write_status` wrote last. Raises GanvasError when that is not there."""
        return self._read("status.json", {"status": str, "images": int})

    def append_metrics(self, line: dict[str, Any]) -> None:
        """Add one line to metrics.jsonl.

        Raises DiskFullError where there is no room; the line then waits for the next one.
        """
        self._metrics.append(json.dumps(line, allow_nan=False))

    def metrics_length(self) -> int:
        """Return the length of metrics.jsonl in bytes, of which a power cut now takes nothing."""
        return self._metrics.length()

    def read_metrics(self, key: str, read: Callable[[dict[str, Any]], T]) -> list[T]:
        """Return what `read` makes of each line of metrics.jsonl that has `key`; [] for no file.

        A last line without its end is being written right now, or was when the run was killed:
        it is passed over. Raises DataError naming a line that is damaged, which `read` tells by
        ValueError, KeyError or TypeError.
        """
        return self._metrics.read(key, read)

    def append_finding(self, line: dict[str, Any]) -> None:
        """Add one line to findings.jsonl; as with `append_metrics` it may have to wait."""
        self._findings.append(json.dumps(line, allow_nan=False))

    def write_findings(self, lines: list[dict[str, Any]]) -> None:
        """Write findings.jsonl anew: what follows from the metrics that there are."""
        self._findings = Journal(self.path / "findings.jsonl")
        content = "".join(json.dumps(line, allow_nan=False) + "\n" for line in lines)
        write_bytes(self.path / "findings.jsonl", content.encode())

    def write_remedies(self, remedies: list[dict[str, Any]]) -> None:
        """Write which remedies were given, and what became of them."""
        write_json(self.path / "remedies.json", remedies)

    def cut_metrics(self, images: int, length: int | None = None) -> None:
        """Drop the lines that a run resumed at `images` writes again; see `Journal.cut`."""
        self._metrics.cut(images, length)

    def log(self, sentence: str) -> None:
        """Add a sentence with the time to log.txt."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        with suppress(DiskFullError):  # it waits for room; no reason to end a run
            self._log.append(f"{now}  {sentence}")

    def write_grid(self, name: str, images: np.ndarray, columns: int) -> tuple[Path, np.ndarray]:
        """Write images uint8 (N, C, H, W) as `name`, enlarged; return path and plain grid."""
        grid = images_to_grid(images, columns)
        path = self._in_folder(name)
        write_png(path, upscale(grid, max(1, round(_PICTURE_SIDE / grid.shape[1]))))
        return path, grid

    def write_verdicts(self, images: int, verdicts: dict[str, Any]) -> None:
        """Write what D said of the pictures at `images`, beside the samples of that place."""
        write_json(self._in_folder(f"samples/{images:09d}.json"), {"images": images, **verdicts})

    def _in_folder(self, name: str) -> Path:
        path = self.path / name
        folder = path.parent
        if folder != self.path and folder.is_symlink():
            raise GanvasError(f"{folder} is a link; pictures are written to a folder of the run")
        if not folder.is_dir():
            try:
                disk.make_folder(folder)
            except OSError as error:
                raise cannot_write(folder, error) from None
        return path

    def _read(self, name: str, needed: dict[str, type]) -> dict[str, Any]:
        values = read_json(self.path / name)
        for key, kind in needed.items():
            if not isinstance(values, dict) or not isinstance(values.get(key), kind):
                raise DataError(f"{self.path / name} does not say '{key}'")
        found: dict[str, Any] = values
        return found


def new_run_directory(out: Path, *, data: str, recipe: str, seed: int, name: str | None) -> Path:
    """Make and return a new folder under `out`; an existing one is never used again.

    Without a `name` it gets the next number: `0003-mnist-swift-s0`. Raises UsageError for a name
    that is taken or is no plain folder name, GanvasError when it cannot be made.
    """
    if name is not None:
        require_free_name(out, name)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if name is None:
            plain = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{data}-{recipe}").strip("-.")[:100]
            return _make_numbered(out, f"{plain or 'run'}-s{seed}")
        (out / name).mkdir()
        disk.sync_folder(out)
    except OSError as error:
        if name is not None and isinstance(error, FileExistsError) and out.is_dir():
            require_free_name(out, name)  # made by another process since we looked
        raise GanvasError(f"cannot make a run directory under {out}: {error.strerror}") from None
    return out / name


def require_free_name(out: Path, name: str) -> None:
    """Raise UsageError unless `name` is a plain folder name that is not taken under `out`."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "--name must be letters, digits, dots, dashes and underscores, at most 100, and begin "
            f"with a letter or digit, not '{name}'"
        )
    if os.path.lexists(out / name):
        raise UsageError(f"{out / name} exists already; choose another --name")


def _make_numbered(out: Path, plain: str) -> Path:
    """Make `out/<number>-<plain>` with a number that no other name under `out` has.

    Runs that start together, whatever their names, first claim the number by a file of its own.
    """
    number = _next_number(out)
    while True:
        claim = out / f".{number:04d}"
        try:
            claim.touch(exist_ok=False)
        except FileExistsError:
            number += 1
            continue
        try:
            if number >= _next_number(out):
                path = out / f"{number:04d}-{plain}"
                path.mkdir()
                disk.sync_folder(out)
                return path
        finally:
            claim.unlink(missing_ok=True)
        number = _next_number(out)  # another run made and released it since we looked


def _next_number(out: Path) -> int:
    numbers = (re.match(r"(\d{4,})-", path.name, re.ASCII) for path in out.iterdir())
    return max((int(match.group(1)) for match in numbers if match), default=0) + 1
