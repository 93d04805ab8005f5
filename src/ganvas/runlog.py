"""The run directory: the files that everything else reads. What is in which, and how written.

    recipe.json      the resolved recipe, reloadable
    env.json         versions, machine, command line, data-set digest
    status.json      running | finished | stopped | diverged | failed, images, seconds, metrics
    metrics.jsonl    a line per logged step, progress in images seen
    log.txt          plain sentences with the time
    reals.png        real images, laid out like the samples
    samples/         the fixed latents' grid, named by images seen
    samples.png      the last of them
    checkpoints/     see ganvas.checkpoint
    model/           see ganvas.model
"""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.errors import GanvasError, UsageError
from ganvas.files import read_json, write_json, write_png
from ganvas.grid import images_to_grid, upscale
from ganvas.recipe import Recipe

__all__ = ["RunDirectory", "new_run_directory", "require_free_name"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PICTURE_SIDE = 900  # pixels: small images are enlarged until their grid is about this wide


class RunDirectory:
    """One run's folder. Opening it checks nothing; each file is read when asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """Folder of the finished (or so far best) model."""
        return self.path / "model"

    def write_recipe(self, recipe: Recipe) -> None:
        """Write the resolved recipe."""
        write_json(self.path / "recipe.json", recipe.to_json())

    def read_recipe(self) -> Recipe:
        """Return the recipe. Raises GanvasError where there is none, UsageError on odd settings."""
        return Recipe.from_json(read_json(self.path / "recipe.json"))

    def write_environment(self, environment: dict[str, Any]) -> None:
        """Write what the run was made on and from."""
        write_json(self.path / "env.json", environment)

    def read_environment(self) -> dict[str, Any]:
        """Return what `write_environment` wrote."""
        environment: dict[str, Any] = read_json(self.path / "env.json")
        return environment

    def write_status(self, status: str, **values: Any) -> None:
        """Write how the run stands, with the figures that go with it."""
        write_json(self.path / "status.json", {"status": status, **values})

    def read_status(self) -> dict[str, Any]:
        """Return what `write_status` wrote last."""
        status: dict[str, Any] = read_json(self.path / "status.json")
        return status

    def append_metrics(self, line: dict[str, Any]) -> None:
        """Add one line to metrics.jsonl."""
        self._append("metrics.jsonl", json.dumps(line, allow_nan=False))

    def cut_metrics(self, images: int) -> None:
        """Drop the lines of metrics.jsonl after `images`: a resumed run writes them again."""
        path = self.path / "metrics.jsonl"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if json.loads(line)["images"] <= images]
            path.write_text("".join(kept), encoding="utf-8")

    def log(self, sentence: str) -> None:
        """Add a sentence with the time to log.txt."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        self._append("log.txt", f"{now}  {sentence}")

    def write_grid(self, name: str, images: np.ndarray, columns: int) -> tuple[Path, np.ndarray]:
        """Write images uint8 (N, C, H, W) as `name`, enlarged; return its path and the plain grid."""
        grid = images_to_grid(images, columns)
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        write_png(path, upscale(grid, max(1, round(_PICTURE_SIDE / grid.shape[1]))))
        return path, grid

    def _append(self, name: str, line: str) -> None:
        try:
            with (self.path / name).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise GanvasError(f"cannot write {self.path / name}: {error.strerror}") from None


def new_run_directory(out: Path, *, data: str, recipe: str, seed: int, name: str | None) -> Path:
    """Make and return a new folder under `out`; an existing one is never used again.

    Without a `name` it is numbered: `0003-mnist-swift-s0`. Raises UsageError for a name that is
    taken or is no plain folder name, GanvasError when it cannot be made.
    """
    if name is not None:
        require_free_name(out, name)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if name is not None:
            path = out / name
            path.mkdir()
            return path
        plain = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{data}-{recipe}").strip("-.")
        while True:
            path = out / f"{_next_number(out):04d}-{plain}-s{seed}"
            try:
                path.mkdir()
                return path
            except FileExistsError:
                continue  # another process took the number between our look and our mkdir
    except FileExistsError as error:
        if name is not None and out.is_dir():  # made by another process since we looked
            require_free_name(out, name)
        raise GanvasError(f"cannot make a run directory under {out}: {error.strerror}") from None
    except OSError as error:
        raise GanvasError(f"cannot make a run directory under {out}: {error.strerror}") from None


def require_free_name(out: Path, name: str) -> None:
    """Raise UsageError unless `name` is a plain folder name that is not taken under `out`."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "--name must be letters, digits, dots, dashes and underscores, and begin with a "
            f"letter or digit, not '{name}'"
        )
    if (out / name).exists():
        raise UsageError(f"{out / name} exists already; choose another --name")


def _next_number(out: Path) -> int:
    numbers = (re.match(r"(\d{4,})-", path.name) for path in out.iterdir())
    return max((int(match.group(1)) for match in numbers if match), default=0) + 1
