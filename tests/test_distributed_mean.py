"""Means of gradients: written over the very gradients, whichever weights come and go."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from ganvas.distributed.channel import Message
from ganvas.distributed.mean import MOST_FIGURES, Means

CPU = torch.device("cpu")


class Echo:
    """A channel to a second process that always sends three times as much."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self._sent: list[Message] = []

    def gather(self, values: Tensor) -> Tensor:
        return torch.stack([values, 3 * values])

    def open_message(self, length: int, device: torch.device) -> Message:
        self.lengths.append(length)
        return Message(sent=torch.empty(length), means=torch.empty(length))

    def send(self, message: Message) -> None:
        self._sent.append(message)

    def receive(self) -> None:
        for message in self._sent:
            torch.mul(message.sent, 2, out=message.means)
        self._sent.clear()


def with_gradients(*shapes: tuple[int, ...]) -> list[nn.Parameter]:
    weights = [nn.Parameter(torch.zeros(shape)) for shape in shapes]
    for number, weight in enumerate(weights, start=1):
        weight.grad = torch.full_like(weight, number)
    return weights


def exchange(means: Means, weights: Sequence[nn.Parameter], *figures: float) -> Tensor:
    sent = means.send(weights, torch.tensor(figures))
    means.receive()
    return sent[: len(figures)]


def test_means_lie_where_the_gradients_lay_and_figures_travel_along() -> None:
    channel = Echo()
    means = Means(lambda device: channel)
    maps, row = with_gradients((4, 3, 2, 2), (5,))
    maps.data = maps.data.contiguous(memory_format=torch.channels_last)
    still = nn.Parameter(torch.zeros(7))
    before = maps.grad, row.grad
    for turn in range(3):
        figures = exchange(means, [maps, still, row], 0.5, turn)
        assert figures.tolist() == [1.0, 2.0 * turn]
    for weight, gradient, number in zip((maps, row), before, (1, 2), strict=True):
        assert gradient is not None
        assert weight.grad is gradient
        assert torch.equal(gradient, torch.full_like(weight, 8 * number))
    assert still.grad is None
    assert channel.lengths == [48 + 5 + MOST_FIGURES]  # one message, opened once


def test_weights_that_come_after_others_have_a_message_of_their_own() -> None:
    # A trial of the machine's speed leaves the very places to the networks of the run.
    channel = Echo()
    means = Means(lambda device: channel)
    for size in range(1, 60):
        weights = with_gradients((size,))
        exchange(means, weights)
        assert weights[0].grad is not None
        assert weights[0].grad.tolist() == [2.0] * size
        del weights
    assert channel.lengths == [size + MOST_FIGURES for size in range(1, 60)]


def test_more_figures_than_there_is_room_for_are_a_mistake_of_ours() -> None:
    channel = Echo()
    with pytest.raises(AssertionError):
        exchange(Means(lambda device: channel), [], *range(MOST_FIGURES + 1))
