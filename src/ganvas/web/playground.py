"""One model explored: what the page of `ganvas play` is told, numbers and pixels ready for JSON."""

import shlex
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.device import one_thread
from ganvas.errors import GanvasError
from ganvas.explore import LatentPoint
from ganvas.model import Discriminator, Explorer, load_discriminator, load_generator
from ganvas.model.files import find_model
from ganvas.pictures import to_grid_png
from ganvas.web.neighbours import Neighbours

__all__ = ["Playground"]

_PICTURE_FILE = "picture.png"


class Playground:
    """A generator with its discriminator and its training images, as far as these are there.

    `where` is a run directory, a model folder or a shipped model's name. Raises UsageError when
    there is no such thing, DataError when the generator's files are damaged.
    """

    def __init__(self, where: str) -> None:
        self._word = _word_for(where)
        self._explorer = Explorer(load_generator(where))
        self.config = self._explorer.generator.config
        self.neighbours = Neighbours(where, self.config)
        self._discriminator: Discriminator | None = None
        self._no_verdict: str | None = None
        pack = self.config.discriminator.pack
        if pack > 1:
            self._no_verdict = f"it judges {pack} images at once and has no answer for one"
            return
        if not self.config.discriminator_digest:
            self._no_verdict = "this model is kept without its discriminator"
            return
        try:
            self._discriminator = load_discriminator(where)
            self._discriminator.batch = 1  # its word comes with every picture
        except GanvasError:
            self._no_verdict = "the discriminator's file in this model is missing or damaged"

    def facts(self) -> dict[str, Any]:
        """Return what does not change: the model, its classes, what can be asked of it."""
        config, judge = self.config, self._discriminator
        return {
            "model": self._word,
            "recipe": config.recipe,
            "data": config.data,
            "images": config.images,
            "shape": [config.image.height, config.image.width, config.image.channels],
            "classes": list(config.class_names),
            "clustered": bool(config.cluster_frequencies),
            "directions": self._explorer.num_directions,
            "no_verdict": self._no_verdict,
            "no_probability": None if judge is None else judge.no_probability,
            "point": self._start().to_json(),
        }

    def shares(self) -> list[float]:
        """Return each leading direction's part of all change of pictures, 0..1."""
        return [float(share) for share in self._explorer.leading.shares]

    def picture(self, point: LatentPoint) -> dict[str, Any]:
        """Return the picture at a point, what D makes of it, and the command that makes it."""
        image, label = self._explorer.picture(point)
        return {
            "pixels": to_pixels(image[0]),
            "verdict": self._verdict(image, label),
            "command": self.command(point),
        }

    def map(self, point: LatentPoint) -> list[str]:
        """Return pictures of the whole square, row by row."""
        return [to_pixels(image) for image in self._explorer.map(point)]

    def png(self, point: LatentPoint) -> bytes:
        """Return the file that `command` writes."""
        return to_grid_png(self._explorer.picture(point)[0])

    def nearest(self, point: LatentPoint) -> dict[str, Any]:
        """Return the training images nearest to a point's picture, or why there are none yet."""
        image, _ = self._explorer.picture(point)
        self.neighbours.begin()
        if self.neighbours.missing is not None:
            return {"state": "missing", "why": self.neighbours.missing}
        with one_thread():
            found = self.neighbours.find(image)
        if found is None:
            return {"state": "preparing"}
        names = self.config.class_names
        labels = [None] * len(found.images) if found.labels is None else found.labels
        return {
            "state": "ready",
            "among": found.among,
            "judge": found.judge,
            "images": [
                {
                    "pixels": to_pixels(image),
                    "class": names[label] if label is not None and names else None,
                    "distance": float(distance),
                }
                for image, label, distance in zip(
                    found.images, labels, found.distances, strict=True
                )
            ],
        }

    def command(self, point: LatentPoint) -> str:
        """Return the command line, quoted for a shell, that writes the picture at a point."""
        words = ["ganvas", "sample", self._word, *point.to_arguments(self.config.class_names)]
        return shlex.join([*words, "-o", _PICTURE_FILE])

    def _start(self) -> LatentPoint:
        return LatentPoint(at=(0.5, 0.5), label=0 if self.config.class_names else None)

    def _verdict(self, image: np.ndarray, label: int | None) -> dict[str, Any] | None:
        if self._discriminator is None:
            return None
        said = self.config.judges_classes
        with one_thread():  # quicker for one picture, and kind to a training beside it
            scores = self._discriminator(image.transpose(0, 2, 3, 1), label if said else None)
        chance, real = scores.probabilities, scores.are_real
        return {
            "logit": float(scores.logits[0]),
            "probability": None if chance is None else float(chance[0]),
            "real": None if real is None else bool(real[0]),
        }


def to_pixels(image: np.ndarray) -> str:
    """Return an image uint8 (C, H, W) as base64 of its bytes in the order (H, W, C)."""
    return b64encode(np.ascontiguousarray(image.transpose(1, 2, 0)).tobytes()).decode()


def _word_for(where: str) -> str:
    """Return how a command names the model from any folder: by its name, or its whole path."""
    path = Path(where)
    is_path = find_model(where) in (path, path / "model")
    return str(path.absolute()) if is_path else where
