"""A watcher of a run's events that writes them for TensorBoard.

    losses/ discriminator/ updates/ training/   a point for each line of metrics.jsonl
    validation/ quality/                        what D and the judge say on the way
    final/                                      the figures at the end
    samples                                     the pictures of the fixed latents
    logits/train held_out fake                  what D says of images of each kind, as histograms
    hparams                                     the recipe's settings, beside final/

Names after the slash are those of metrics.jsonl; steps are images seen. It reads what a training
tells anyhow and draws no random number, so a run with it has the same bytes as one without.
"""

import math
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from ganvas.errors import GanvasError, UsageError
from ganvas.events import (
    Event,
    Finished,
    Noted,
    Probed,
    Sampled,
    Started,
    Ticked,
    Validated,
    Watcher,
)
from ganvas.files import to_png_bytes
from ganvas.runlog import RunDirectory
from ganvas.settings import flatten
from ganvas.tensorboard.event_file import EventFile, write_settings

__all__ = ["FOLDER", "TensorBoard", "require_tensorboard"]

FOLDER = "tensorboard"
"""Of a run directory: what `tensorboard --logdir` is given, or a folder above it."""

_BINS = 30
_NO_FIGURES = frozenset({"count", "samples", "seed"})  # said with the figures, none themselves
_STATUS = {"finished": "STATUS_SUCCESS", "diverged": "STATUS_FAILURE"}


def require_tensorboard() -> None:
    """Raise UsageError, saying how to install it, where the package tensorboard is missing."""
    if find_spec("tensorboard") is None:
        raise UsageError(
            "event files need the package tensorboard, which is not installed: "
            "pip install 'ganvas[tensorboard]'"
        )


class TensorBoard:
    """Writes a run's events into its folder `tensorboard/`, and hands them on to `watcher`.

    What cannot be written is no reason for a run to fail: it says so once and writes no more.
    Raises UsageError where the package is missing.
    """

    def __init__(self, watcher: Watcher) -> None:
        require_tensorboard()
        self._watcher = watcher
        self._directory: RunDirectory | None = None
        self._file: EventFile | None = None
        self._newest = 0

    def __call__(self, event: Event) -> None:
        """Take news of the run."""
        self._watcher(event)
        try:
            if isinstance(event, Started):
                self._start(event)
            elif self._file is not None and not isinstance(event, Noted):
                self._add(self._file, event)
        except GanvasError as error:
            self._file = None
            self._tell(f"TensorBoard hears no more of this run: {error}")

    def _start(self, event: Started) -> None:
        self._directory = RunDirectory(event.directory)
        folder = event.directory / FOLDER
        # At a checkpoint, all that was told of its images has been written.
        goes_on_from = event.images + 1 if folder.is_dir() else None
        self._file = EventFile(folder, goes_on_from=goes_on_from)
        self._newest = event.images
        self._write_settings(self._directory)

    def _add(self, file: EventFile, event: Event) -> None:
        assert not isinstance(event, Started | Noted)
        if event.images < self._newest:  # the run went back to a checkpoint
            file.go_on_from(event.images)
        self._newest = event.images
        file.add(event.images, *_summaries(event))
        if isinstance(event, Finished) and self._directory is not None:
            self._write_settings(self._directory, event)

    def _write_settings(self, directory: RunDirectory, end: Finished | None = None) -> None:
        """Write the recipe's settings, and at the end which figures go with them."""
        from tensorboard.plugins.hparams.api_pb2 import Status
        from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo
        from torch.utils.tensorboard.summary import hparams

        settings = {name: _plain(value) for name, value in flatten(directory.read_recipe())}
        figures = {} if end is None else {f"final/{name}": 0 for name in _final(end)}
        experiment, started, ended = hparams(settings, figures)
        if end is None:
            write_settings(directory.path / FOLDER, experiment, started)
            return
        info = SessionEndInfo(status=Status.Value(_STATUS.get(end.status, "STATUS_UNKNOWN")))
        content = HParamsPluginData(session_end_info=info, version=0).SerializeToString()
        ended.value[0].metadata.plugin_data.content = content
        write_settings(directory.path / FOLDER, experiment, started, ended)

    def _tell(self, sentence: str) -> None:
        if self._directory is not None:
            self._directory.log(sentence)
        self._watcher(Noted(text=sentence))


def _summaries(event: Event) -> Iterator[Any]:
    """Return what TensorBoard shows of an event, as torch's summaries."""
    from torch.utils.tensorboard.summary import histogram

    if isinstance(event, Ticked):
        values = {**event.values, "images_per_second": event.images_per_second}
        yield from _scalars({f"{_group(name)}/{name}": value for name, value in values.items()})
    elif isinstance(event, Validated):
        yield from _scalars({f"validation/{n}": value for n, value in event.figures.items()})
        for kind, logits in event.logits.items():
            if len(logits):
                yield histogram(f"logits/{kind}", logits, _BINS)
    elif isinstance(event, Probed):
        yield from _scalars({f"quality/{n}": value for n, value in event.figures.items()})
    elif isinstance(event, Sampled):
        yield _picture("samples", event.grid)
    elif isinstance(event, Finished):
        yield from _scalars({f"final/{name}": value for name, value in _final(event).items()})


def _picture(tag: str, grid: np.ndarray) -> Any:
    """Return a uint8 picture (H, W) or (H, W, C) as a summary; torch's triples a grey one."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    height, width, channels = np.atleast_3d(grid).shape
    image = Summary.Image(
        height=height, width=width, colorspace=channels, encoded_image_string=to_png_bytes(grid)
    )
    return Summary(value=[Summary.Value(tag=tag, image=image)])


def _final(event: Finished) -> dict[str, Any]:
    """Return each figure of the end, and that of real images where there is one."""
    metrics = (event.evaluation or {}).get("metrics", {})
    values = {name: figure["value"] for name, figure in metrics.items()}
    return values | {
        f"{name}_real": figure["real"]
        for name, figure in metrics.items()
        if figure["real"] is not None
    }


def _scalars(values: Mapping[str, Any]) -> Iterator[Any]:
    from torch.utils.tensorboard.summary import scalar

    for tag, value in values.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and math.isfinite(value) and tag.rpartition("/")[2] not in _NO_FIGURES:
            yield scalar(tag, value)


def _group(name: str) -> str:
    if name.startswith("updates_"):
        return "updates"
    if name == "penalty" or name.endswith("_loss"):
        return "losses"
    if name.endswith("_logit") or name.startswith("d_accuracy"):
        return "discriminator"
    return "training"


def _plain(value: Any) -> Any:
    """Return a setting as a number or as words, which is all that TensorBoard takes."""
    if isinstance(value, str | int | float | None):
        return value
    return ",".join(map(str, value))
