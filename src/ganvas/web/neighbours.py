"""The training images that lie nearest to a picture, by the features of a judge.

Reading the images and judging them may take a minute, once; a thread of its own does it.
"""

import logging
from dataclasses import dataclass
from threading import Lock, Thread

import numpy as np
import numpy.typing as npt
import torch

from ganvas.data.images import DataSet
from ganvas.errors import GanvasError
from ganvas.judge import judge_for
from ganvas.judge.card import user_folders
from ganvas.model import ModelConfig
from ganvas.provenance import trained_on
from ganvas.real.reference import Reference

__all__ = ["Found", "Neighbours"]

_COUNT = 6
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Found:
    """The nearest training images, the nearest first.

    `images` uint8 (K, C, H, W), `labels` int64 (K,) or None, `distances` float64 (K,): Euclidean,
    in the judge's feature space; `among` images were looked at.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64] | None
    distances: npt.NDArray[np.float64]
    among: int
    judge: str


class Neighbours:
    """Looks for the training images of one model, at first in the background.

    `find` gives None while they are prepared, which `begin` starts; once `missing` says why there
    are none, it stays so. Nothing is downloaded.
    """

    def __init__(self, where: str, config: ModelConfig) -> None:
        self.missing: str | None = None
        self._where, self._config = where, config
        self._reference: Reference | None = None
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Start to read and judge the training images, unless that has begun already."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._prepare, daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Return when what `begin` started has ended."""
        if self._thread is not None:
            self._thread.join()

    def find(self, image: npt.NDArray[np.uint8]) -> Found | None:
        """Return the training images nearest to `image`, uint8 (1, C, H, W); None: not yet."""
        reference = self._reference
        if reference is None:
            return None
        seen = reference.see(image, None).features[0]
        differences = reference.train_features - seen
        squared = np.einsum("nd,nd->n", differences, differences, dtype=np.float64)
        rows = np.argsort(squared, kind="stable")[:_COUNT]
        train = reference.dataset.train
        return Found(
            images=train.images[rows],
            labels=None if train.labels is None else train.labels[rows],
            distances=np.sqrt(squared[rows]),
            among=len(train),
            judge=reference.judge.name,
        )

    def _prepare(self) -> None:
        torch.set_num_threads(1)  # of this thread's work: the page's pictures go first
        try:
            dataset = trained_on(self._where, self._config, download=False)
            assert isinstance(dataset, DataSet), "a model of images was trained on images"
            reference = Reference(dataset, judge_for(dataset, folders=user_folders()))
            _ = reference.train_features  # judged here, and kept
        except GanvasError as error:
            self.missing = str(error).partition(";")[0]
        except Exception as error:
            _log.exception("no training images to compare with")
            self.missing = f"they cannot be read: {type(error).__name__}"
        else:
            self._reference = reference
