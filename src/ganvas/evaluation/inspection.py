"""The doctor's look at a run on its way: what its networks and samples are like, in plain figures.

It asks D nothing that `Validation` has not just asked, and adds one pass of the average of G and of
the judge for the same samples: about as dear as the validation itself.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganvas.data.images import DataSet, Images
from ganvas.doctor.samples import copying, feature_figures, pixel_figures, quantiles
from ganvas.evaluation.discriminator import Asked, evaluating, in_batches
from ganvas.judge import Judge
from ganvas.seeding import numpy_stream

__all__ = ["Inspection", "network_figures"]

_FEW_IMAGES = 2_000  # training images that can all be compared with
_REAL = 500  # training images that samples are held against
_MOST_CLASSES = 100  # a longer histogram says nothing of so few samples
_STILL = 1e-6  # how little the activations of a dead unit differ
_ROUNDS = 4  # of power iteration
_LAYERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


class Inspection:
    """Looks at samples beside the same real images each time, through one judge.

    What is known of the real images is made at the first look. G is asked for classes of the data
    unless `asks_classes` is False: then what it is asked for are clusters.
    """

    def __init__(
        self, dataset: DataSet, judge: Judge, *, seed: int, asks_classes: bool = True
    ) -> None:
        self._dataset, self._judge, self._seed = dataset, judge, seed
        self._asks_classes = asks_classes
        self._real: dict[str, Any] | None = None

    @torch.no_grad()
    def __call__(self, asked: Asked, *, average: nn.Module) -> dict[str, Any]:
        """Return figures of the average's samples for the noise that D was asked about.

        Those of `ganvas.doctor.samples`, each beside that of real images (`_real`), and

        class_histogram     samples that the judge sees in each class, and `class_expected`, the
                            share of each class among real images
        class_accuracy      share of each class's samples that show it; null where none was asked
        ema_gap             mean difference of the average's and G's pixels for the same noise,
                            over that of two samples
        g_dead_units        share of the channels within the average of G that never change
        g_norms             how many of its layers normalise what passes
        """
        with evaluating(average):
            dead = _DeadUnits(average)
            with dead:
                signal = in_batches(average, asked.noise, asked.classes, 100)
        images = _to_pixels(signal)
        real = self._known()
        features, seen = self._judge.features_and_labels(images, batch_size=len(images))
        figures: dict[str, Any] = {
            **pixel_figures(images),
            **{f"{name}_real": value for name, value in real["pixels"].items()},
            **feature_figures(real=real["features"], fake=features),
            "ema_gap": _gap(signal, asked.fakes),
            "g_dead_units": dead.share,
            "g_norms": sum("Norm" in type(part).__name__ for part in average.modules()),
            "samples": len(images),
            "trained_judge": bool(self._judge.class_names),
        }
        if real["train"] is not None:
            figures["copying"] = copying(
                train=real["train"], held_out=real["held_out"], fake=features
            )
        if seen is not None and len(self._judge.class_names) <= _MOST_CLASSES:
            places = {name: i for i, name in enumerate(self._judge.class_names)}
            own = [places[name] for name in self._dataset.class_names]
            figures["class_histogram"] = np.bincount(seen, minlength=len(places))[own].tolist()
            figures["class_expected"] = real["shares"][own].tolist()
            if asked.classes is not None and self._asks_classes:
                wanted = np.asarray(own)[asked.classes.numpy()]
                figures["class_accuracy"] = [
                    float((seen[wanted == place] == place).mean()) if place in wanted else None
                    for place in own
                ]
        return figures

    def _known(self) -> dict[str, Any]:
        if self._real is None:
            train, held_out = self._dataset.train, self._dataset.held_out
            some = _some(train, _REAL, self._seed)
            features, seen = self._judge.features_and_labels(some)
            few = len(train) <= _FEW_IMAGES and len(held_out) >= 20
            self._real = {
                "pixels": pixel_figures(some),
                "features": features,
                "shares": None if seen is None else self._shares(seen),
                "train": self._features(train) if few else None,
                "held_out": self._features(held_out) if few else None,
            }
        return self._real

    def _shares(self, seen: np.ndarray) -> np.ndarray:
        counts = np.bincount(seen, minlength=len(self._judge.class_names))
        return np.asarray(counts / counts.sum())

    def _features(self, part: Images) -> np.ndarray:
        return self._judge.features_and_labels(_some(part, _FEW_IMAGES, self._seed))[0]


@torch.no_grad()
def network_figures(asked: Asked, *, discriminator: nn.Module, pack: int) -> dict[str, Any]:
    """Return quantiles of D's logits, `d_dead_units` and `d_spectral_norm`, its largest weight's.

    The spectral norm is that of the weight as a matrix (outputs, rest), by power iteration.
    """
    figures: dict[str, Any] = {
        "real_logits": quantiles(asked.train.numpy()),
        "fake_logits": quantiles(asked.fake.numpy()),
    }
    if asked.held_out is not None:
        figures["held_out_logits"] = quantiles(asked.held_out.numpy())
    count = max(1, len(asked.fakes) // pack // 4) * pack
    with evaluating(discriminator):
        dead = _DeadUnits(discriminator)
        with dead:
            classes = None if asked.classes is None else asked.classes[:count]
            in_batches(discriminator, asked.fakes[:count], classes, count)
        # In evaluation: a spectral norm whose weight is read in training goes on by one iteration.
        weights = [m.weight for m in discriminator.modules() if isinstance(m, _LAYERS)]
    figures["d_dead_units"] = dead.share
    figures["d_spectral_norm"] = max((_spectral_norm(weight) for weight in weights), default=0.0)
    return figures


class _DeadUnits:
    """The share of channels that enter a layer and are the same for every image and place."""

    def __init__(self, network: nn.Module) -> None:
        self._layers = [part for part in network.modules() if isinstance(part, _LAYERS)]
        self._handles: list[Any] = []
        self._dead = self._all = 0

    @property
    def share(self) -> float:
        return self._dead / max(1, self._all)

    def __enter__(self) -> None:
        for layer in self._layers[1:]:  # what enters the first is the network's input
            self._handles.append(layer.register_forward_pre_hook(self._count))

    def __exit__(self, *unused: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _count(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].detach().float()
        if len(x) < 2:
            return
        across = [0, *range(2, x.dim())]
        spread = x.amax(across) - x.amin(across)
        self._dead += int((spread < _STILL).sum())
        self._all += spread.numel()


def _spectral_norm(weight: Tensor) -> float:
    matrix = weight.detach().float().flatten(1)
    vector = torch.ones(matrix.shape[1], device=matrix.device)
    for _ in range(_ROUNDS):
        vector = matrix.T @ (matrix @ vector)
        vector = vector / vector.norm().clamp_min(1e-12)
    return float((matrix @ vector).norm())


def _some(part: Images, count: int, seed: int) -> np.ndarray:
    rows = numpy_stream(seed, f"inspection.{part.split}", 0).permutation(len(part))[:count]
    return np.ascontiguousarray(part.take(np.sort(rows)))


def _to_pixels(signal: Tensor) -> np.ndarray:
    pixels = signal.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    images: np.ndarray = pixels.contiguous().numpy()
    return images


def _gap(average: Tensor, raw: Tensor) -> float:
    apart = (average - raw).abs().mean()
    others = (average - average.roll(1, 0)).abs().mean()
    return float(apart / others.clamp_min(1e-6))
