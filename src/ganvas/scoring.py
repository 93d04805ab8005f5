"""Pictures of any source -> how real a model's discriminator finds each of them."""

from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.arrays import to_images
from ganvas.data.pictures.array_files import read_point_file
from ganvas.data.pictures.decode import ASK_FOR_SIZE, SUFFIXES
from ganvas.data.pictures.preparation import AS_THEY_ARE, Fit, Preparation
from ganvas.data.pictures.read import MixedError, Pictures, read_picture, read_pictures
from ganvas.errors import DataError, UsageError
from ganvas.model import Discriminator, ModelConfig, Scores, load_discriminator
from ganvas.nets.shape import image_in_words
from ganvas.run import Run

__all__ = ["score"]

_FITTING = "--fit crop, pad or stretch brings pictures there"


def score(
    model: str | Path | Run | Discriminator,
    images: str | Path | np.ndarray,
    *,
    label: int | str | None = None,
    fit: Fit | None = None,
    max_bad: float = 0.0,
) -> dict[str, Any]:
    """Return how real pictures look to a model's discriminator.

    model    a run or its directory, a model folder, a shipped model's name, a discriminator
    images   a picture, a folder, an archive, a .npz or .npy file; or an array, as `ganvas.train`
             takes it; for a model of points an array of them, floating (N, 2), or a file of one
    label    the class that all pictures are said to show, by name or number; without it a
             discriminator that judges by classes is told each picture's own: its folder's name, or
             the labels of the .npz
    fit      how pictures of another size or other channels come to the model's: crop, pad or
             stretch; None refuses them
    max_bad  the share of unreadable pictures that may be left out

    The result is what `ganvas score --json` prints: model, data, loss, boundary (the logit above
    which D says "real", or None), `no_probability` (why there is none, or None), `scores`, for
    each picture its name (of arrays, its number), label, logit, probability of being real and
    whether D calls it real (None where D's loss gives no such thing), and `refused`.

    Raises UsageError for what cannot be scored, DataError for damaged files.
    """
    if isinstance(model, Run):
        model = model.directory
    discriminator = model if isinstance(model, Discriminator) else load_discriminator(model)
    config = discriminator.config
    if config.makes_points:
        if fit is not None:
            raise UsageError("--fit is for pictures, and this model's discriminator takes points")
        points = images if isinstance(images, np.ndarray) else read_point_file(Path(images))
        if not len(points):
            raise UsageError("there are no points to score; give at least one")
        pictures, given = _as_pictures(points), points
    else:
        pictures = _read(images, config, fit, max_bad)
        given = pictures.images.transpose(0, 2, 3, 1)
    labels = _labels(pictures, discriminator, label)
    found = discriminator(given, labels)
    return {
        "model": str(config.recipe if isinstance(model, Discriminator) else model),
        "data": config.data,
        "loss": config.loss or None,
        "boundary": discriminator.boundary,
        "no_probability": discriminator.no_probability,
        "scores": _rows(pictures, labels, found),
        "refused": [{"picture": bad.name, "reason": bad.reason} for bad in pictures.refused],
    }


def _read(
    images: str | Path | np.ndarray, config: ModelConfig, fit: Fit | None, max_bad: float
) -> Pictures:
    """Return the pictures in the model's size and channels. Raises where they have others."""
    want = config.image
    shape = (want.channels, want.height, want.width)
    preparation = AS_THEY_ARE
    if fit is not None:
        preparation = Preparation(size=(want.height, want.width), channels=want.channels, fit=fit)
    if not isinstance(images, str | Path):
        array = to_images(images, at_least=1, preparation=preparation)
        pictures, where = Pictures(images=array, labels=None, class_names=(), names=()), "the array"
    else:
        path, where = Path(images).expanduser(), str(images)
        try:
            if path.is_file() and path.suffix.lower() in SUFFIXES:
                pictures = read_picture(path, preparation=preparation)
            else:
                pictures = read_pictures(path, preparation=preparation, max_bad=max_bad)
        except MixedError as error:
            words = str(error).partition(";")[0]
            raise DataError(f"{words}; the model takes {_form(shape)}; {_FITTING}") from None
        except DataError as error:
            remedy = f"the model takes {want.height}x{want.width}, {_FITTING}"
            raise DataError(str(error).replace(ASK_FOR_SIZE, remedy)) from None
    if pictures.images.shape[1:] != shape:
        raise UsageError(
            f"{where} holds {_form(pictures.images.shape[1:])}, the model takes {_form(shape)}; "
            f"{_FITTING}"
        )
    return pictures


def _as_pictures(points: np.ndarray) -> Pictures:
    """Return an entry without pixels, name or class for each point: it is known by its number."""
    nothing = np.zeros((len(points), 0, 0, 0), np.uint8)
    return Pictures(images=nothing, labels=None, class_names=(), names=())


def _labels(
    pictures: Pictures, discriminator: Discriminator, label: int | str | None
) -> list[str] | None:
    """Return the name of each picture's class; None for a D that judges without."""
    names = discriminator.config.class_names
    if label is not None:
        numbers = discriminator.classes_of(label, len(pictures))
        return None if numbers is None else [names[number] for number in numbers]
    if not discriminator.config.judges_classes:
        return None
    which = f"its {len(names)} classes ({_few(names)})"
    if pictures.labels is None:
        raise UsageError(
            f"this model's discriminator judges a picture as one of {which}: say which one they "
            "show with --label, or give class folders, or a .npz with labels"
        )
    unknown = [name for name in pictures.class_names if name not in names]
    if unknown:
        raise UsageError(
            f"'{unknown[0]}' is none of the model's classes: it judges a picture as one of "
            f"{which}; rename the folder, or say with --label what all pictures show"
        )
    return [pictures.class_names[number] for number in pictures.labels]


def _rows(pictures: Pictures, labels: list[str] | None, found: Scores) -> list[dict[str, Any]]:
    names = pictures.names or [str(number) for number in range(len(pictures))]
    return [
        {
            "picture": name,
            "label": None if labels is None else labels[row],
            "logit": float(found.logits[row]),
            "probability": (
                None if found.probabilities is None else float(found.probabilities[row])
            ),
            "real": None if found.are_real is None else bool(found.are_real[row]),
        }
        for row, name in enumerate(names)
    ]


def _form(shape: tuple[int, ...]) -> str:
    channels, height, width = shape
    return f"pictures of {image_in_words(channels, height, width)}"


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:10])
    return f"{shown}, ..." if len(names) > 10 else shown
