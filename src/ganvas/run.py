"""A training run, looked at from outside: its directory, its figures, its generator."""

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.errors import UsageError
from ganvas.files import write_png
from ganvas.grid import images_to_grid, upscale
from ganvas.recipe import Recipe
from ganvas.runlog import RunDirectory
from ganvas.scatter import points_to_picture

__all__ = ["Picture", "Run", "find_run"]

_SHOWN_SIDE = 600  # pixels: about how wide a notebook shows a picture


class Picture:
    """Images that show themselves as one picture in a notebook; `array` is uint8 NHWC.

    Or points, float32 (N, 2), in the square from -1.2 to 1.2 times `scale`.
    """

    def __init__(
        self, array: np.ndarray, columns: int | None = None, *, scale: float = 1.0
    ) -> None:
        self.array, self._scale = array, scale
        self._columns = columns or max(1, min(10, round(len(array) ** 0.5)))

    @property
    def grid(self) -> np.ndarray:
        """The images side by side, or where the points lie, enlarged: uint8 (height, width, C)."""
        if self.array.ndim == 2:
            grid = points_to_picture(self.array, self._scale)[..., None]
        else:
            grid = images_to_grid(self.array.transpose(0, 3, 1, 2), self._columns)
        return upscale(grid, max(1, round(_SHOWN_SIDE / grid.shape[1])))

    def save(self, path: str | Path) -> Path:
        """Write the grid as PNG and return its path."""
        write_png(Path(path), self.grid)
        return Path(path)

    def _repr_png_(self) -> bytes:
        from PIL import Image

        buffer = BytesIO()
        grid = self.grid
        Image.fromarray(grid[..., 0] if grid.shape[2] == 1 else grid).save(buffer, "png")
        return buffer.getvalue()


class Run:
    """A run directory with what one asks of it. Nothing is read before it is asked for."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        self._files = RunDirectory(self.directory)

    @property
    def recipe(self) -> Recipe:
        """The resolved recipe."""
        return self._files.read_recipe()

    @property
    def status(self) -> str:
        """running, finished, stopped, diverged or failed."""
        return str(self._files.read_status()["status"])

    @property
    def images(self) -> int:
        """Real images drawn so far."""
        return int(self._files.read_status()["images"])

    @property
    def evaluation(self) -> dict[str, Any] | None:
        """The figures at the end of the run, as `ganvas eval --json` prints them; None: none."""
        evaluation: dict[str, Any] | None = self._files.read_status().get("evaluation")
        return evaluation

    @property
    def generator(self) -> Any:
        """The trained generator (a `ganvas.Generator`)."""
        from ganvas.model import load_generator

        return load_generator(self.directory)

    def sample(self, n: int, labels: Any = None, seed: int | None = None) -> Picture:
        """Return `n` samples; shown as a picture in a notebook, `.array` is uint8 NHWC.

        Of points `.array` is float32 (n, 2).
        """
        generator = self.generator
        return Picture(generator(n, labels, seed), scale=generator.config.scale)

    def __repr__(self) -> str:
        return f"Run('{self.directory}')"

    def __fspath__(self) -> str:
        return str(self.directory)  # so it can be given wherever its directory can


def find_run(directory: str | os.PathLike[str]) -> RunDirectory:
    """Return the run directory at a path. Raises UsageError when it holds no run."""
    path = Path(directory)
    with suppress(OSError):  # a name too long for a path, a folder that may not be entered
        if (path / "recipe.json").is_file():
            return RunDirectory(path)
    raise UsageError(f"{path} is no run directory: it has no recipe.json")
