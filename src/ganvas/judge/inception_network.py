"""The Inception network of 2015 (arXiv 1512.00567) that published Fréchet distances use.

It differs from the later Inception v3 in three places: average pools leave the padding out of
the count, the last block's pool takes the largest value, and there are 1008 classes. Modules
bear the names of the published conversion to PyTorch, so that its tensors fit as they are.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.judge.inception_card import NUM_FEATURES

__all__ = ["InceptionNetwork", "MixedBlock", "build_inception", "resize_bilinear"]

_SIDE = 299  # pixels
_NUM_CLASSES = 1008
_EPSILON = 1e-3

Kernel = tuple[int, int]
"""Height and width of a convolution."""
Step = tuple[int, tuple[Kernel, ...]]
"""Channels after a convolution, and its kernel; two kernels see the same input, side by side."""
Pool = Literal["average", "largest", "halving"]
_POINT, _ROW3, _COLUMN3, _SQUARE3 = (1, 1), (1, 3), (3, 1), (3, 3)
_SQUARE5, _ROW7, _COLUMN7 = (5, 5), (1, 7), (7, 1)


def _to(width: int, *kernels: Kernel) -> Step:
    return width, kernels


_FORK = _to(384, _ROW3, _COLUMN3)


def _local(pooled: int) -> dict[str, list[Step]]:
    return {
        "branch1x1": [_to(64, _POINT)],
        "branch5x5": [_to(48, _POINT), _to(64, _SQUARE5)],
        "branch3x3dbl": [_to(64, _POINT), _to(96, _SQUARE3), _to(96, _SQUARE3)],
        "branch_pool": [_to(pooled, _POINT)],
    }


def _crossed(inner: int) -> dict[str, list[Step]]:
    point, row, column = _to(inner, _POINT), _to(inner, _ROW7), _to(inner, _COLUMN7)
    return {
        "branch1x1": [_to(192, _POINT)],
        "branch7x7": [point, row, _to(192, _COLUMN7)],
        "branch7x7dbl": [point, column, row, column, _to(192, _ROW7)],
        "branch_pool": [_to(192, _POINT)],
    }


_TO_17 = {
    "branch3x3": [_to(384, _SQUARE3)],
    "branch3x3dbl": [_to(64, _POINT), _to(96, _SQUARE3), _to(96, _SQUARE3)],
}
_TO_8 = {
    "branch3x3": [_to(192, _POINT), _to(320, _SQUARE3)],
    "branch7x7x3": [_to(192, _POINT), _to(192, _ROW7), _to(192, _COLUMN7), _to(192, _SQUARE3)],
}
_FORKED = {
    "branch1x1": [_to(320, _POINT)],
    "branch3x3": [_to(384, _POINT), _FORK],
    "branch3x3dbl": [_to(448, _POINT), _to(384, _SQUARE3), _FORK],
    "branch_pool": [_to(192, _POINT)],
}
_BLOCKS: dict[str, tuple[Pool, dict[str, list[Step]]]] = {
    "Mixed_5b": ("average", _local(32)),
    "Mixed_5c": ("average", _local(64)),
    "Mixed_5d": ("average", _local(64)),
    "Mixed_6a": ("halving", _TO_17),
    "Mixed_6b": ("average", _crossed(128)),
    "Mixed_6c": ("average", _crossed(160)),
    "Mixed_6d": ("average", _crossed(160)),
    "Mixed_6e": ("average", _crossed(192)),
    "Mixed_7a": ("halving", _TO_8),
    "Mixed_7b": ("average", _FORKED),
    "Mixed_7c": ("largest", _FORKED),
}


class _FixedNorm(nn.Module):
    """Batch norm by stored statistics only; without the batch counter, which the file lacks."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, eps=_EPSILON
        )


class _Convolution(nn.Module):
    """Convolution without bias, norm, ReLU."""

    def __init__(
        self, before: int, after: int, kernel: Kernel, *, stride: int = 1, padded: bool = True
    ) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if padded else 0
        self.conv = nn.Conv2d(before, after, kernel, stride, padding, bias=False)
        self.bn = _FixedNorm(after)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class MixedBlock(nn.Module):
    """Branches that see the same maps (N, before, H, W), stacked by channel, the pool's last.

    A pool 3x3 that is "average" or "largest" keeps the size and is followed by the branch
    "branch_pool". "halving" pools the largest at stride 2 and has no such branch; the last
    convolution of each branch then has stride 2, and neither is padded.

    A branch of several steps numbers them from 1; two kernels in one step get the letters a, b.
    """

    def __init__(self, before: int, pool: Pool, branches: Mapping[str, list[Step]]) -> None:
        super().__init__()
        self._pool = pool
        self._branches: dict[str, list[list[_Convolution]]] = {}
        self.width = before if pool == "halving" else 0  # channels of the result
        for name, steps in branches.items():
            width, path = before, []
            for number, (after, kernels) in enumerate(steps, start=1):
                halves = pool == "halving" and number == len(steps)
                side_by_side = []
                for letter, kernel in zip(
                    "ab" if len(kernels) == 2 else [""], kernels, strict=True
                ):
                    layer = _Convolution(
                        width, after, kernel, stride=2 if halves else 1, padded=not halves
                    )
                    place = f"_{number}{letter}" if len(steps) > 1 else ""
                    self.add_module(f"{name}{place}", layer)
                    side_by_side.append(layer)
                path.append(side_by_side)
                width = after * len(kernels)
            self._branches[name] = path
            self.width += width

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat(list(self._outputs(x)), 1)

    def _outputs(self, x: Tensor) -> Iterator[Tensor]:
        for name, path in self._branches.items():
            y = self._pooled(x) if name == "branch_pool" else x
            for layers in path:
                y = layers[0](y) if len(layers) == 1 else torch.cat([f(y) for f in layers], 1)
            yield y
        if self._pool == "halving":
            yield self._pooled(x)

    def _pooled(self, x: Tensor) -> Tensor:
        if self._pool == "average":
            # As TensorFlow does: at the border, the mean of the pixels that exist.
            return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
        if self._pool == "largest":
            return F.max_pool2d(x, 3, stride=1, padding=1)
        return F.max_pool2d(x, 3, stride=2)


class InceptionNetwork(nn.Module):
    """94 convolutions that turn pictures of any size into 2048 features and 1008 logits.

    Pictures are resized to 299x299; one then costs 5.7 billion multiply-adds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = _Convolution(3, 32, _SQUARE3, stride=2, padded=False)
        self.Conv2d_2a_3x3 = _Convolution(32, 32, _SQUARE3, padded=False)
        self.Conv2d_2b_3x3 = _Convolution(32, 64, _SQUARE3)
        self.Conv2d_3b_1x1 = _Convolution(64, 80, _POINT)
        self.Conv2d_4a_3x3 = _Convolution(80, 192, _SQUARE3, padded=False)
        width = 192
        for name, (pool, branches) in _BLOCKS.items():
            block = MixedBlock(width, pool, branches)
            self.add_module(name, block)
            width = block.width
        self.fc = nn.Linear(NUM_FEATURES, _NUM_CLASSES)

    def features(self, pixels: Tensor) -> Tensor:
        """Return float32 (N, 2048), not negative, of `pixels`: float32 (N, 1 or 3, H, W), 0..255.

        One channel stands for red, green and blue alike.
        """
        x = (resize_bilinear(pixels, _SIDE) - 128.0) / 128.0
        x = x.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        x = F.max_pool2d(x, 3, stride=2)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        x = F.max_pool2d(x, 3, stride=2)
        for name in _BLOCKS:
            x = self.get_submodule(name)(x)
        return F.adaptive_avg_pool2d(x, 1).flatten(1)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return class logits, float32 (N, 1008), of `pixels` as `features` takes them."""
        logits: Tensor = self.fc(self.features(pixels))
        return logits


def resize_bilinear(pixels: Tensor, side: int) -> Tensor:
    """Return `pixels`, float32 (N, C, H, W), at (N, C, side, side), as TensorFlow 1 resized.

    Pixel i of the result lies at i H / side of the original, in float32: corners are neither
    aligned nor are pixels seen as areas with a centre, and when made smaller nothing is averaged.
    Published distances rest on these very numbers; another resize shifts them (arXiv 2104.11222).
    """
    for axis in (3, 2):
        size = pixels.shape[axis]
        place = torch.arange(side, dtype=torch.float32, device=pixels.device) * (size / side)
        low = place.long()
        share = (place - low).view(-1, 1) if axis == 2 else place - low
        left = pixels.index_select(axis, low)
        right = pixels.index_select(axis, (low + 1).clamp_max(size - 1))
        pixels = left + (right - left) * share
    return pixels


def build_inception(tensors: Mapping[str, Tensor] | None = None) -> InceptionNetwork:
    """Return the network without memory (meta device), or holding exactly `tensors`.

    Building draws nothing from torch's global generator. `tensors` must have the names and
    shapes of the meta network's `state_dict`.
    """
    with torch.device("meta"):
        network = InceptionNetwork()
    if tensors is not None:
        network.load_state_dict(dict(tensors), strict=True, assign=True)
        # channels_last is the layout in which these convolutions are quickest on a CPU
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)
