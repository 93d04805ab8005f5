"""The Inception network layer by layer, against published figures and NumPy."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.judge.inception_network import MixedBlock, build_inception, resize_bilinear
from ganvas.rng import stream

FloatArray = npt.NDArray[np.float64]


def test_it_has_as_many_parameters_as_published() -> None:
    tensors = build_inception().state_dict()
    sizes = {name: tensor.numel() for name, tensor in tensors.items()}
    stored = sum(size for name, size in sizes.items() if "running" in name)
    trained = sum(sizes.values()) - stored
    head = 2048 + 1  # a class
    # torchvision's Inception v3: 27,161,264 for 1000 classes, with the head for training
    training_head = 768 * 128 + 2 * 128 + 128 * 768 * 25 + 2 * 768 + (768 + 1) * 1000
    assert trained == 27_161_264 - training_head + 8 * head
    # Keras's: 23,851,784 for 1000 classes, stored statistics counted and no factors in the norms
    assert trained + stored - stored // 2 == 23_851_784 + 8 * head


def test_its_tensors_are_those_of_94_convolutions_with_norms_and_one_linear_layer() -> None:
    names = set(build_inception().state_dict())
    layers = {name.removesuffix(".conv.weight") for name in names if name.endswith("conv.weight")}
    assert len(layers) == 94
    parts = "conv.weight bn.weight bn.bias bn.running_mean bn.running_var".split()
    assert names == {f"{layer}.{part}" for layer in layers for part in parts} | {
        "fc.weight",
        "fc.bias",
    }


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Conv2d_1a_3x3.conv.weight", (32, 3, 3, 3)),
        ("Conv2d_3b_1x1.conv.weight", (80, 64, 1, 1)),
        ("Conv2d_4a_3x3.bn.running_mean", (192,)),
        ("Mixed_5b.branch1x1.conv.weight", (64, 192, 1, 1)),
        ("Mixed_5b.branch5x5_2.conv.weight", (64, 48, 5, 5)),
        ("Mixed_5b.branch_pool.conv.weight", (32, 192, 1, 1)),
        ("Mixed_5d.branch3x3dbl_3.conv.weight", (96, 96, 3, 3)),
        ("Mixed_6a.branch3x3.conv.weight", (384, 288, 3, 3)),
        ("Mixed_6b.branch7x7_2.conv.weight", (128, 128, 1, 7)),
        ("Mixed_6c.branch7x7_3.conv.weight", (192, 160, 7, 1)),
        ("Mixed_6d.branch7x7dbl_2.conv.weight", (160, 160, 7, 1)),
        ("Mixed_6e.branch7x7dbl_5.conv.weight", (192, 192, 1, 7)),
        ("Mixed_7a.branch7x7x3_2.conv.weight", (192, 192, 1, 7)),
        ("Mixed_7a.branch7x7x3_4.conv.weight", (192, 192, 3, 3)),
        ("Mixed_7b.branch3x3_2a.conv.weight", (384, 384, 1, 3)),
        ("Mixed_7c.branch3x3dbl_3b.conv.weight", (384, 384, 3, 1)),
        ("Mixed_7c.branch1x1.conv.weight", (320, 2048, 1, 1)),
        ("fc.weight", (1008, 2048)),
    ],
)
def test_tensors_have_the_shapes_of_the_published_file(name: str, shape: tuple[int, ...]) -> None:
    tensor = build_inception().state_dict()[name]
    assert (tuple(tensor.shape), tensor.dtype) == (shape, torch.float32)


def test_maps_shrink_and_widen_as_published_at_5_7_billion_multiply_adds() -> None:
    zeros = {name: torch.zeros(like.shape) for name, like in build_inception().state_dict().items()}
    network, total = build_inception(zeros), 0
    shapes: dict[str, tuple[int, ...]] = {}

    def note(module: nn.Module, _: Any, output: Tensor) -> None:
        nonlocal total
        shapes[names[module]] = tuple(output.shape[1:])
        if isinstance(module, nn.Conv2d | nn.Linear):
            total += output.numel() * module.weight[0].numel()

    names = {module: name for name, module in network.named_modules()}
    for module in names:
        module.register_forward_hook(note)
    network(torch.zeros(1, 3, 28, 28))
    assert shapes["Conv2d_1a_3x3"] == (32, 149, 149)
    assert shapes["Conv2d_2b_3x3"] == (64, 147, 147)
    assert shapes["Conv2d_4a_3x3"] == (192, 71, 71)
    widths = {"5b": 256, "5c": 288, "5d": 288, "6a": 768, "6e": 768, "7a": 1280, "7c": 2048}
    sides = {"5": 35, "6": 17, "7": 8}
    for block, width in widths.items():
        assert shapes[f"Mixed_{block}"] == (width, sides[block[0]], sides[block[0]])
    assert shapes["fc"] == (1008,)
    assert round(total / 1e9, 1) == 5.7


def convolve(x: FloatArray, layer: nn.Module, *, stride: int, padded: bool) -> FloatArray:
    """Convolution, norm and ReLU in NumPy, of maps (C, H, W)."""
    state = {name: value.double().numpy() for name, value in layer.state_dict().items()}
    weight = state["conv.weight"]
    height, width = weight.shape[2:]
    edges = [(0, 0), (height // 2,) * 2, (width // 2,) * 2] if padded else [(0, 0)] * 3
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, edges), (height, width), (1, 2))
    y = np.einsum("ihwab,oiab->ohw", windows[:, ::stride, ::stride], weight)
    mean, variance, factor, shift = (
        state[f"bn.{name}"][:, None, None]
        for name in ("running_mean", "running_var", "weight", "bias")
    )
    return np.maximum((y - mean) / np.sqrt(variance + 1e-3) * factor + shift, 0)


def pool(x: FloatArray, kind: str) -> FloatArray:
    """3x3 pools in NumPy, of maps (C, H, W): over the neighbours that exist."""
    outer = 0 if kind == "halving" else 1
    padded = np.pad(x, [(0, 0), (outer, outer), (outer, outer)], constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    if kind == "average":
        return np.nanmean(windows, (3, 4))
    return np.nanmax(windows, (3, 4))[:, :: 2 - outer, :: 2 - outer]


def drawn_block(*arguments: Any) -> MixedBlock:
    with torch.device("meta"):
        block = MixedBlock(*arguments)
    generator = stream(1, "test")
    state = block.state_dict()
    # small variances, so that the norm's epsilon shows
    drawn = {name: torch.rand(like.shape, generator=generator) for name, like in state.items()}
    drawn |= {name: value - 0.5 for name, value in drawn.items() if "running_var" not in name}
    drawn |= {name: value / 100 for name, value in drawn.items() if "running_var" in name}
    block.load_state_dict(drawn, assign=True)
    return block


@pytest.mark.parametrize("kind", ["average", "largest"])
def test_a_block_stacks_its_branches_and_what_follows_its_pool(kind: str) -> None:
    branches = {
        "branch1x1": [(2, ((1, 1),))],
        "branch3x3": [(3, ((5, 3),)), (2, ((1, 3), (3, 1)))],
        "branch_pool": [(4, ((1, 1),))],
    }
    block = drawn_block(3, kind, branches)
    x = np.random.default_rng(0).normal(size=(3, 7, 6))

    def run(name: str, maps: FloatArray) -> FloatArray:
        return convolve(maps, block.get_submodule(name), stride=1, padded=True)

    inner = run("branch3x3_1", x)
    expected = [
        run("branch1x1", x),
        run("branch3x3_2a", inner),
        run("branch3x3_2b", inner),
        run("branch_pool", pool(x, kind)),
    ]
    result = block(torch.from_numpy(x).float()[None])[0].detach()
    np.testing.assert_allclose(result, np.concatenate(expected), rtol=1e-4, atol=1e-4)
    assert block.width == len(result)


def test_a_block_that_halves_strides_in_the_last_convolution_of_each_branch() -> None:
    branches = {"branch3x3": [(2, ((3, 3),))], "branch7x7x3": [(2, ((1, 7),)), (3, ((3, 3),))]}
    block = drawn_block(2, "halving", branches)
    x = np.random.default_rng(0).normal(size=(2, 9, 11))
    inner = convolve(x, block.get_submodule("branch7x7x3_1"), stride=1, padded=True)
    expected = [
        convolve(x, block.get_submodule("branch3x3"), stride=2, padded=False),
        convolve(inner, block.get_submodule("branch7x7x3_2"), stride=2, padded=False),
        pool(x, "halving"),
    ]
    result = block(torch.from_numpy(x).float()[None])[0].detach()
    np.testing.assert_allclose(result, np.concatenate(expected), rtol=1e-4, atol=1e-4)


def test_only_the_last_block_pools_the_largest() -> None:
    kinds = {}
    x = torch.zeros(1, 1, 3, 3)
    x[0, 0, 0, 0] = 1.0
    for name, block in build_inception().named_children():
        if isinstance(block, MixedBlock):
            pooled = block._pooled(x)
            kinds[name] = (
                "halving" if pooled.shape[-1] == 1 else round(float(pooled[0, 0, 0, 0]), 3)
            )
    halving = {"Mixed_6a": "halving", "Mixed_7a": "halving"}
    # a corner has four neighbours with itself
    assert kinds == dict.fromkeys(kinds, 0.25) | halving | {"Mixed_7c": 1.0}
    assert len(kinds) == 11


def resized(image: npt.NDArray[np.uint8], side: int) -> FloatArray:
    """TensorFlow 1's bilinear resize of (H, W), pixel by pixel."""
    height, width = image.shape
    result = np.zeros((side, side))
    for row in range(side):
        for column in range(side):
            y, x = row * height / side, column * width / side
            top, left = int(y), int(x)
            bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
            upper = image[top, left] * (1 - x + left) + image[top, right] * (x - left)
            lower = image[bottom, left] * (1 - x + left) + image[bottom, right] * (x - left)
            result[row, column] = upper * (1 - y + top) + lower * (y - top)
    return result


@settings(deadline=None, max_examples=50)
@given(height=st.integers(1, 40), width=st.integers(1, 40), side=st.integers(1, 24))
def test_resizing_is_tensorflows(height: int, width: int, side: int) -> None:
    image = np.random.default_rng(side).integers(0, 256, (height, width), dtype=np.uint8)
    result = resize_bilinear(torch.from_numpy(image).float()[None, None], side)
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result[0, 0], resized(image, side), atol=2e-3)


def test_resizing_neither_centres_pixels_nor_aligns_corners_nor_averages() -> None:
    line = torch.tensor([0.0, 100.0]).expand(1, 1, 2, 2)
    assert resize_bilinear(line, 4)[0, 0, 0].tolist() == [0.0, 50.0, 100.0, 100.0]
    image = torch.rand((2, 3, 12, 12), generator=stream(0, "test"))
    assert torch.equal(resize_bilinear(image, 12), image)
    assert torch.equal(resize_bilinear(image, 6), image[:, :, ::2, ::2])


def test_building_takes_no_memory_and_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    assert {value.device.type for value in build_inception().state_dict().values()} == {"meta"}
    assert torch.equal(torch.get_rng_state(), before)
