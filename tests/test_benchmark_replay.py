"""A step's convolutions and products, recorded: all of them and no other, and their replay."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ganvas.benchmark.replay import Recorder, replay
from ganvas.rng import stream

BATCH = 5


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=stream(0, "replay"))


class Tiny(nn.Module):
    """On 6x6 images a 3x3 convolution of 2 to 3 channels, then a product of 48 to 7 and a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(draw(3, 2, 3, 3))
        self.weight, self.bias = nn.Parameter(draw(7, 48)), nn.Parameter(torch.zeros(7))

    def forward(self, images: Tensor) -> Tensor:
        x = F.leaky_relu(F.conv2d(images, self.kernel))
        return F.linear(x.flatten(1), self.weight, self.bias)


def step(network: nn.Module, images: Tensor) -> None:
    """A loss, its gradients, and a step along them, with much that is no product."""
    for parameter in network.parameters():
        parameter.grad = None
    network(images).square().mean().backward()
    with torch.no_grad():
        for parameter in network.parameters():
            assert parameter.grad is not None
            parameter.sub_(0.01 * parameter.grad)


def recorded(times: int = 1) -> Recorder:
    network, images = Tiny(), draw(BATCH, 2, 6, 6)
    with Recorder() as recorder:
        for _ in range(times):
            step(network, images)
    return recorder


def told(recorder: Recorder) -> list[tuple[str, list[tuple[int, ...]]]]:
    """Each call's operation and the shapes of the tensors that go in."""
    return [
        (
            func.name().split(".")[0].removeprefix("aten::"),
            [tuple(value.shape) for value in args if isinstance(value, Tensor)],
        )
        for func, args, _ in recorder.calls
    ]


OF_ONE_STEP = [
    ("convolution", [(BATCH, 2, 6, 6), (3, 2, 3, 3)]),
    ("addmm", [(7,), (BATCH, 48), (48, 7)]),
    ("mm", [(BATCH, 7), (7, 48)]),  # by inputs, and by weights:
    ("mm", [(7, BATCH), (BATCH, 48)]),
    ("convolution_backward", [(BATCH, 3, 4, 4), (BATCH, 2, 6, 6), (3, 2, 3, 3)]),
]
"""Worked out by hand: nobody asks for the images' gradient, so one backward does for the kernel."""


def test_a_step_s_products_are_recorded_all_of_them_and_no_other() -> None:
    found = told(recorded())
    assert found[:2] == OF_ONE_STEP[:2]
    assert sorted(found[2:4]) == sorted(OF_ONE_STEP[2:4])  # whose order is torch's affair
    assert found[4:] == OF_ONE_STEP[4:]


@settings(deadline=None, max_examples=5)
@given(times=st.integers(2, 6))
def test_the_same_step_again_adds_calls_but_no_copies(times: int) -> None:
    recorder = recorded(times)
    each = len(OF_ONE_STEP)
    assert told(recorder) == told(recorded()) * times
    for place, call in enumerate(recorder.calls):
        assert call is recorder.calls[place % each]


def test_other_shapes_strides_or_types_are_other_calls() -> None:
    square = draw(4, 4)
    with Recorder() as recorder:
        for one in (square, square[:2], square.T, square.double(), square):
            one @ one.new_ones(4, 4)
    assert len(recorder.calls) == 5
    first, *others, last = recorder.calls
    assert last is first
    assert len({id(call) for call in (first, *others)}) == 4
    assert [call[1][0].stride() for call in recorder.calls[:3]] == [(4, 1), (4, 1), (1, 4)]


def test_batched_products_and_transposed_convolutions_count_too() -> None:
    with Recorder() as recorder:
        draw(2, 3, 4).bmm(draw(2, 4, 5))
        F.conv_transpose2d(draw(1, 3, 2, 2), draw(3, 1, 4, 4), stride=2)
        draw(4, 4) + draw(4, 4)
    assert told(recorder) == [
        ("bmm", [(2, 3, 4), (2, 4, 5)]),
        ("convolution", [(1, 3, 2, 2), (3, 1, 4, 4)]),
    ]


def test_what_is_kept_stays_when_what_went_in_changes() -> None:
    weight = draw(3, 3).requires_grad_()
    with Recorder() as recorder:
        torch.eye(3) @ weight
    before = weight.detach().clone()
    with torch.no_grad():
        weight.zero_()
    ((_, (_, kept), _),) = recorder.calls
    assert torch.equal(kept, before)
    assert not kept.requires_grad


def test_recording_changes_nothing() -> None:
    watched, alone = Tiny(), Tiny()
    images = draw(BATCH, 2, 6, 6)
    step(alone, images)
    with Recorder():
        step(watched, images)
    assert all(map(torch.equal, watched.parameters(), alone.parameters()))


def test_a_penalty_s_own_gradients_are_recorded() -> None:
    """Of y = xW: y, dy/dx, and d(dy/dx)^2/dW, a product each."""
    x, weight = draw(2, 3).requires_grad_(), draw(3, 4).requires_grad_()
    with Recorder() as recorder:
        (slope,) = torch.autograd.grad((x @ weight).sum(), x, create_graph=True)
        torch.autograd.grad(slope.square().sum(), weight)
    shapes = [shapes for _, shapes in told(recorder)]
    assert shapes == [[(2, 3), (3, 4)], [(2, 4), (4, 3)], [(3, 2), (2, 4)]]


@pytest.mark.parametrize("times", [1, 3])
def test_a_replay_runs_the_same_calls_on_the_same_numbers(times: int) -> None:
    recorder = recorded(times)
    with Recorder() as again:
        replay(recorder.calls)
    assert told(again) == told(recorder)

    def numbers(call: Any) -> list[Tensor]:
        return [value for value in call[1] if isinstance(value, Tensor)]

    for call, other in zip(recorder.calls, again.calls, strict=True):
        assert call[0] is other[0]
        assert all(map(torch.equal, numbers(call), numbers(other)))


def test_the_arithmetic_of_a_replay_is_that_of_the_layers() -> None:
    calls = recorded().calls
    with FlopCounterMode(display=False) as counter:
        replay(calls)
    convolution, product = 3 * 4 * 4 * 2 * 3 * 3, 48 * 7  # multiply-adds for an image
    # Forward; and by weights, by inputs too for the product.
    assert counter.get_total_flops() == 2 * BATCH * (2 * convolution + 3 * product)
