"""What somebody wants measured -> the images, the data to compare them with, the figures."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from ganvas.data.asked import parse_data
from ganvas.data.images import DataSet
from ganvas.data.pictures.array_files import read_point_file
from ganvas.data.pictures.decode import ASK_FOR_SIZE
from ganvas.data.pictures.read import read_pictures
from ganvas.data.points import AnySet, PointSet
from ganvas.data.request import reload, to_data
from ganvas.data.splits import DEFAULT_HELD_OUT
from ganvas.errors import DataError, UsageError
from ganvas.evaluation import (
    POINT_SAMPLES,
    evaluate_generator,
    evaluate_pictures,
    evaluate_points,
    sample_points,
)
from ganvas.evaluation.stacks import PROTOCOL_SAMPLES, holds_stacks
from ganvas.judge import AnyJudge, judge_for, load_judge, random_judge
from ganvas.judge.card import user_folders
from ganvas.judge.untrained import RANDOM
from ganvas.model import Generator, is_model, load_generator
from ganvas.provenance import noted_of, trained_on
from ganvas.run import Run
from ganvas.seeding import numpy_stream
from ganvas.settings import require

__all__ = ["evaluate"]

_SAMPLES = 10_000  # of images, where no number is asked for; of stacks more


def evaluate(
    what: str | Path | Run | Generator,
    data: str | os.PathLike[str] | tuple[Any, ...] | np.ndarray | AnySet | None = None,
    samples: int | None = None,
    seed: int = 0,
    *,
    metrics: Sequence[str] | None = None,
    judge: str | Path | AnyJudge | None = None,
    nearest: Path | None = None,
    data_dir: str | Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> dict[str, Any]:
    """Return the figures of `samples` samples, each beside that of real images, or real points.

    what      a run or its directory, a model folder, a shipped model's name, a generator; or a
              folder of pictures, an .npz or .npy file
    data      a data set's name, or arrays as `ganvas.train` takes them; None: what the model
              was trained on. A run's own held-out images stay held out. Pictures need it.
    samples   how many; None: 10,000, of points 2,500, of stacked digits 26,000
    metrics   names, None for all that can be had but `cas`
    judge     another judge than the data's: a name, a folder, or one that is loaded
    nearest   a file to write a picture of the samples to that are nearest to training images
    progress  is told (done, total) bytes while data is downloaded

    Of more pictures than `samples`, a random choice by `seed` is measured. The result is what
    `ganvas eval --json` prints: data, split, judge, samples, seed, by name each metric's
    `value`, `real` and `higher_is_better`, and under `left_out` what could not be had and why.

    Raises UsageError for what cannot be measured, DataError for damaged files.
    """
    require(samples is None or samples >= 1, "the number of samples", "1 or more", samples)
    if isinstance(what, Run):
        what = what.directory
    if isinstance(what, Generator) or is_model(what) or not _holds_pictures(Path(what)):
        generator = what if isinstance(what, Generator) else load_generator(what)
        dataset = _data_of(generator, what, data, data_dir, progress)
        if isinstance(dataset, PointSet):
            return _evaluate_points(generator, dataset, samples, seed, metrics, judge or nearest)
        return evaluate_generator(
            generator,
            dataset,
            judge=_judge(judge, dataset),
            samples=samples or _usual_samples(dataset),
            seed=seed,
            metrics=metrics,
            nearest=nearest,
        )
    dataset = _data_beside(what, data, data_dir, progress)
    if isinstance(dataset, PointSet):
        return _evaluate_points(Path(what), dataset, samples, seed, metrics, judge or nearest)
    images, labels = _read_some(Path(what), dataset, samples or _usual_samples(dataset), seed)
    return evaluate_pictures(
        images,
        labels,
        dataset,
        judge=_judge(judge, dataset),
        seed=seed,
        metrics=metrics,
        nearest=nearest,
    )


def _usual_samples(dataset: DataSet) -> int:
    return PROTOCOL_SAMPLES if holds_stacks(dataset) else _SAMPLES


def _data_beside(what: str | Path, data: Any, data_dir: Any, progress: Any) -> AnySet:
    """Return the data to compare pictures (or points) in a file or folder with: what is asked."""
    if data is None:
        raise UsageError(
            f"{what} holds no model; to measure pictures in it, say what real images to compare "
            "them with: --data mnist"
        )
    with _options_explained(data):
        return to_data(data, data_dir=data_dir, progress=progress)


@contextmanager
def _options_explained(
    data: Any,
    options: Sequence[str] = ("--size", "--channels", "--max-bad"),
    command: str = "import {} NAME",
    made: str = "NAME",
) -> Iterator[None]:
    """Say of which command the options are that an error recommends: not of measuring."""
    try:
        yield
    except (DataError, UsageError) as error:
        if not any(option in str(error) for option in options):
            raise
        raise type(error)(
            f"{error}, as an option of `ganvas data {command.format(data)}`, and give {made} here"
        ) from None


def _data_of(
    generator: Generator, what: str | Path | Generator, data: Any, data_dir: Any, progress: Any
) -> AnySet:
    """Return the data to compare a model with: what is asked for, or what it was trained on."""
    config = generator.config
    where = None if isinstance(what, Generator) else what
    if data is None:
        return trained_on(where, config, data_dir=data_dir, progress=progress)
    noted = noted_of(where)
    if data_dir is not None:
        noted["data_dir"] = data_dir
    if _is_place(data, noted.get("data_reference")):  # as it was prepared
        return reload(noted, config.data, held_out=config.held_out, progress=progress)

    def found(held_out: int = DEFAULT_HELD_OUT) -> AnySet:
        with _options_explained(data):
            return to_data(
                data, held_out=held_out, data_dir=noted.get("data_dir"), progress=progress
            )

    # What a run set aside is of its own data; other data is split as it is anywhere.
    dataset = found()
    same = dataset.digest == config.data_digest and len(dataset.held_out) != config.held_out
    return found(held_out=config.held_out) if same else dataset


def _is_place(data: Any, reference: Any) -> bool:
    """Whether what is asked for is the data that a run noted as `reference`, however it is put."""
    if not isinstance(data, str | os.PathLike) or not reference:
        return False
    if data == reference:
        return True
    asked = parse_data(data)
    return asked.path is not None and not asked.classes and str(asked.path.resolve()) == reference


def _read_some(
    path: Path, dataset: DataSet, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the images, uint8 (N, C, H, W), of a folder or file, and labels as `dataset`'s.

    Of more than `count` a random choice by `seed`; labels are None where there are none, and
    where they name other classes.
    """
    try:
        options = "--channels", "--max-bad"
        with _options_explained(path, options, command="export {} NEW/", made="NEW/"):
            pictures = read_pictures(path)
    except DataError as error:  # its remedy would be an option that measuring does not have
        size = f"{dataset.height}x{dataset.width}"
        remedy = (
            f"{dataset.name} has {size}, and `ganvas data export {path} NEW/ --size {size}` brings "
            "pictures there"
        )
        raise DataError(str(error).replace(ASK_FOR_SIZE, remedy)) from None
    images, labels = pictures.images, _labels_in(dataset, pictures.labels, pictures.class_names)
    rows = _rows(len(images), count, seed)
    return images[rows], None if labels is None else labels[rows]


def _rows(there: int, count: int, seed: int) -> np.ndarray | slice:
    """Return a choice of `count` rows by `seed`, in their order; all where there are no more."""
    if there <= count:
        return slice(None)
    return np.sort(numpy_stream(seed, "evaluation.pictures").permutation(there)[:count])


def _evaluate_points(
    what: Generator | Path,
    dataset: PointSet,
    samples: int | None,
    seed: int,
    metrics: Sequence[str] | None,
    unwanted: object,
) -> dict[str, Any]:
    """Return the figures of the points that a generator makes, or a file holds.

    `unwanted` is what only images are measured with. Raises UsageError where it is asked for.
    """
    if unwanted is not None:
        raise UsageError("points are measured by their law: leave judge and nearest out")
    count = samples or POINT_SAMPLES
    if isinstance(what, Generator):
        points = sample_points(what, dataset, samples=count, seed=seed)
    else:
        points = read_point_file(what)
        points = points[_rows(len(points), count, seed)]
    return evaluate_points(points, dataset, seed=seed, metrics=metrics)


def _labels_in(
    dataset: DataSet, labels: np.ndarray | None, class_names: tuple[str, ...]
) -> np.ndarray | None:
    """Return labels as the data set numbers its classes; None where the names are others."""
    if labels is None or not set(class_names) <= set(dataset.class_names):
        return None
    table = np.array([dataset.class_names.index(name) for name in class_names], np.int64)
    numbered: np.ndarray = table[labels]
    return numbered


def _holds_pictures(path: Path) -> bool:
    with suppress(OSError):  # a name too long for a path
        if path.is_dir():
            return not (path / "recipe.json").is_file()
        return path.is_file()
    return False


def _judge(judge: str | Path | AnyJudge | None, dataset: DataSet) -> AnyJudge:
    """Return the judge that is asked for, or the data's."""
    if judge is None:
        return judge_for(dataset, folders=user_folders())
    if not isinstance(judge, str | Path):
        return judge
    if str(judge) == RANDOM:
        return random_judge(channels=dataset.channels, height=dataset.height, width=dataset.width)
    return load_judge(judge, folders=user_folders())
