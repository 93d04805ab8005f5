"""Multiply-adds counted from shapes: closed forms, with and without memory."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ganvas.arithmetic import multiply_adds

SMALL = st.integers(1, 6)


@settings(deadline=None, max_examples=30)
@given(rows=SMALL, inputs=SMALL, outputs=SMALL)
def test_a_dense_layer_is_inputs_times_outputs_for_each_row(
    rows: int, inputs: int, outputs: int
) -> None:
    layer = nn.Linear(inputs, outputs)
    assert multiply_adds(layer, torch.zeros(rows, inputs)) == inputs * outputs


@settings(deadline=None, max_examples=20)
@given(rows=SMALL, inputs=SMALL, outputs=SMALL, kernel=st.integers(1, 3), side=st.integers(3, 7))
def test_a_convolution_is_its_kernel_at_every_place(
    rows: int, inputs: int, outputs: int, kernel: int, side: int
) -> None:
    layer = nn.Conv2d(inputs, outputs, kernel)
    places = (side - kernel + 1) ** 2
    images = torch.zeros(rows, inputs, side, side)
    assert multiply_adds(layer, images) == places * inputs * outputs * kernel**2


def test_layers_add_up_and_without_memory_they_are_as_many() -> None:
    network = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Dropout(0.5), nn.Linear(7, 3))
    expected = 5 * 7 + 7 * 3
    assert multiply_adds(network, torch.zeros(4, 5)) == expected
    assert not network.training
    assert multiply_adds(network.to("meta"), torch.zeros(4, 5, device="meta")) == expected


def test_the_weights_can_still_be_trained() -> None:
    network = nn.Linear(2, 1)
    multiply_adds(network, torch.zeros(1, 2))
    network(torch.ones(1, 2)).sum().backward()
    assert network.weight.grad is not None
    assert network.weight.grad.flatten().tolist() == [1.0, 1.0]
