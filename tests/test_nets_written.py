"""Layers and passes with written-out gradients are what autograd makes of the plain ones."""

import threading
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, get_args

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.nets.global_norm import share_batch_norms
from ganvas.nets.shape import ImageShape
from ganvas.nets.swift import SwiftDiscriminator, SwiftGenerator
from ganvas.nets.written import Geometry, cast, convolve, fold, leak, leak_back, slopes, unfold
from ganvas.recipe import NormKind


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=seeded(seed), dtype=torch.float64)


@settings(deadline=None, max_examples=40)
@given(
    dtype=st.sampled_from([torch.bfloat16, torch.float32, torch.float64]),
    channels=st.integers(1, 4),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    lies_last=st.booleans(),
)
def test_folding_is_unshuffling_and_unfolding_its_way_back(
    dtype: torch.dtype, channels: int, height: int, width: int, lies_last: bool
) -> None:
    first, second = numbers(3, channels, height, width), numbers(2, channels, height, width, seed=1)
    if lies_last:
        first = first.contiguous(memory_format=torch.channels_last)
    folded = fold([first, second], dtype)
    both = torch.cat([first, second]).to(dtype)
    assert torch.equal(folded, F.pixel_unshuffle(F.pad(both, (0, width % 2, 0, height % 2)), 2))
    assert folded.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(unfold(folded, height, width), both)


def test_a_cast_keeps_the_layout_and_copies_only_what_it_must() -> None:
    weight = numbers(4, 3, 2, 2).contiguous(memory_format=torch.channels_last)
    (low,) = cast([weight], torch.bfloat16)
    assert torch.equal(low, weight.to(torch.bfloat16))
    assert low.stride() == weight.stride()
    assert cast([weight], torch.float64)[0] is weight


@pytest.mark.parametrize("transposed", [False, True])
def test_the_slopes_of_a_layer_are_autograds(transposed: bool) -> None:
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    layer = kind(3, 5, 4, 2, 1).double()
    assert layer.bias is not None
    x, weight = numbers(2, 3, 6, 8).requires_grad_(), layer.weight
    expected = F.leaky_relu(layer(x), 0.2)
    gradient = numbers(*expected.shape, seed=1)
    asked = [x, weight, layer.bias]
    plain = torch.autograd.grad(expected, asked, gradient)
    with torch.no_grad():
        geometry = Geometry.of(layer)
        y = leak(convolve(x, weight, layer.bias, geometry), 0.2)
        back = leak_back(gradient.clone(), y, 0.2)
        found = slopes(back, x, weight, geometry, of_bias=True)
    assert torch.equal(y, expected)
    for ours, theirs in zip(found, plain, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


CASES = [
    ImageShape(channels=1, height=28, width=28),
    ImageShape(channels=3, height=33, width=21),  # three stages, odd sides
]


def made(network: Any) -> Any:
    with torch.no_grad():
        network.initialise(seeded())
    return network.double().to(memory_format=torch.channels_last)


class Nothing(nn.Module):
    """A dropout that drops nothing, and for which the pass is not written out."""

    probability = 0.5

    def forward(self, x: Tensor) -> Tensor:
        return x


def plainly(network: Any) -> Any:
    network = deepcopy(network)
    network.dropout = Nothing()
    return network


def assert_same_gradients(ours: nn.Module, plain: nn.Module) -> None:
    for (name, a), b in zip(ours.named_parameters(), plain.parameters(), strict=True):
        assert a.grad is not None, name
        assert b.grad is not None, name
        assert torch.allclose(a.grad, b.grad, rtol=1e-10, atol=1e-12), name
        assert a.grad.stride() == a.stride(), name


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize("num_classes", [0, 3])
@pytest.mark.parametrize("norm", get_args(NormKind))
def test_the_generators_pass_is_autograds(
    shape: ImageShape, num_classes: int, norm: NormKind
) -> None:
    ours = made(
        SwiftGenerator(latent_size=8, shape=shape, num_classes=num_classes, width=16, norm=norm)
    )
    plain = plainly(ours)
    noise, labels = numbers(5, 8), torch.arange(5) % 3 if num_classes else None
    images, expected = ours(noise, labels), plain(noise, labels)
    assert type(images.grad_fn).__name__ == "GeneratorPassBackward"
    assert torch.equal(images, expected)
    gradient = numbers(*images.shape, seed=1)
    images.backward(gradient)
    expected.backward(gradient)
    assert_same_gradients(ours, plain)
    for mine, theirs in zip(ours.buffers(), plain.buffers(), strict=True):
        assert torch.equal(mine, theirs)


class Gathering:
    """What threads gather that stand for processes."""

    def __init__(self, size: int) -> None:
        self._values: list[Tensor] = [torch.empty(0)] * size
        self._barrier = threading.Barrier(size)

    def __call__(self, values: Tensor, rank: int) -> Tensor:
        self._values[rank] = values
        self._barrier.wait()
        gathered = torch.stack(self._values)
        self._barrier.wait()
        return gathered


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize("counts", [(3, 3), (1, 4, 2)])
def test_the_generators_pass_over_processes_is_that_of_the_whole_batch(
    shape: ImageShape, counts: tuple[int, ...]
) -> None:
    whole = made(SwiftGenerator(latent_size=8, shape=shape, num_classes=3, width=16))
    noise, labels = numbers(sum(counts), 8), torch.arange(sum(counts)) % 3
    gradient = numbers(sum(counts), shape.channels, shape.height, shape.width, seed=1)
    gathering = Gathering(len(counts))
    rows = list(torch.arange(sum(counts)).split(counts))

    def of_one(rank: int) -> tuple[Tensor, Any]:
        generator = deepcopy(whole)
        share_batch_norms(generator, lambda values: gathering(values, rank))
        images = generator(noise[rows[rank]], labels[rows[rank]])
        assert type(images.grad_fn).__name__ == "GeneratorPassBackward"
        images.backward(gradient[rows[rank]])
        return images.detach(), generator

    with ThreadPoolExecutor(len(counts)) as threads:
        found = list(threads.map(of_one, range(len(counts))))
    expected = whole(noise, labels)
    expected.backward(gradient)
    assert torch.allclose(torch.cat([images for images, _ in found]), expected, atol=1e-12)
    for name, weight in whole.named_parameters():
        total = torch.stack([dict(g.named_parameters())[name].grad for _, g in found]).sum(0)
        assert torch.allclose(total, weight.grad, rtol=1e-9, atol=1e-11), name
    for _, generator in found:
        for mine, theirs in zip(generator.buffers(), whole.buffers(), strict=True):
            assert torch.allclose(mine, theirs, rtol=1e-12)


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize("num_classes", [0, 3])
def test_the_discriminators_pass_is_autograds(shape: ImageShape, num_classes: int) -> None:
    ours = made(SwiftDiscriminator(shape=shape, num_classes=num_classes, width=8))
    assert ours.is_written
    plain = deepcopy(ours)
    size = (shape.channels, shape.height, shape.width)
    real, fake = numbers(4, *size), numbers(3, *size, seed=1)
    fakes = [fake.clone().requires_grad_() for _ in range(2)]
    logits = ours.joint_logits(real, fakes[0])
    both = torch.cat([real, fakes[1]])
    expected = plain.class_logits(both) if num_classes else plain(both)[:, None]
    assert torch.allclose(logits, expected, rtol=1e-12, atol=1e-12)
    gradient = numbers(*logits.shape, seed=2)
    logits.backward(gradient)
    expected.backward(gradient)
    assert_same_gradients(ours, plain)
    ours_at, plain_at = (fake.grad for fake in fakes)
    assert ours_at is not None
    assert plain_at is not None
    assert torch.allclose(ours_at, plain_at, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize(("num_classes", "several"), [(0, False), (3, False), (3, True)])
def test_the_squared_slopes_are_autograds_and_so_are_their_gradients(
    shape: ImageShape, num_classes: int, several: bool
) -> None:
    ours = made(SwiftDiscriminator(shape=shape, num_classes=num_classes, width=8))
    plain = deepcopy(ours)
    images = numbers(4, shape.channels, shape.height, shape.width)
    labels = torch.tensor([0, 1, 2, 1]) if num_classes else None
    if several:
        labels = torch.tensor([[0, 1], [1, 2], [2, 0], [1, 0]])
    points = images.clone().requires_grad_()
    (slope,) = torch.autograd.grad(plain(points, labels).sum(), points, create_graph=True)
    expected = slope.square().flatten(1).sum(1)
    found = ours.squared_slopes(images, labels)
    assert torch.allclose(found, expected, rtol=1e-12)
    each = numbers(4, seed=3)  # as the root of a gradient penalty weighs each image's
    found.backward(each)
    expected.backward(each)
    for (name, a), b in zip(ours.named_parameters(), plain.named_parameters(), strict=True):
        if name.endswith("bias"):
            assert a.grad is None, name
            assert b[1].grad is None or not b[1].grad.any(), name
        else:
            assert torch.allclose(a.grad, b[1].grad, rtol=1e-10, atol=1e-12), name


@pytest.mark.parametrize("norm", get_args(NormKind))
def test_under_autocast_a_pass_is_what_autocast_makes_of_the_plain_network(norm: NormKind) -> None:
    shape = CASES[0]
    generator = made(SwiftGenerator(latent_size=8, shape=shape, width=16, norm=norm)).float()
    discriminator = made(SwiftDiscriminator(shape=shape, num_classes=3, width=8)).float()
    plain_generator = plainly(generator)
    noise = numbers(6, 8).float()
    with torch.autocast("cpu", torch.bfloat16):
        images, expected = generator(noise), plain_generator(noise)
        table = discriminator.joint_logits(images.detach())
        plain_table = discriminator.class_logits(images.detach())
    assert images.dtype is table.dtype is torch.bfloat16
    assert torch.equal(images, expected)
    assert torch.allclose(table, plain_table, rtol=0.05, atol=0.02)
    for result in (images, expected):
        result.float().square().sum().backward()
    for ours, theirs in zip(generator.parameters(), plain_generator.parameters(), strict=True):
        assert ours.grad.dtype is torch.float32
        assert torch.equal(ours.grad, theirs.grad)
