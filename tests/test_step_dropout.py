"""An update's dropout: one stream for each network, at the update's number, and of its rows."""

from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ganvas.nets.blocks import Dropout
from ganvas.procedure import Share
from ganvas.recipe import Recipe
from ganvas.rng import Part, stream
from ganvas.step.dropout import Randomness
from ganvas.step.view import View

SEED = 5


def network(*shares: float) -> nn.Sequential:
    return nn.Sequential(*(Dropout(share) for share in shares))


def begun(
    g: nn.Module, d: nn.Module, position: int, share: Share | None = None
) -> tuple[View, Sequence[Dropout]]:
    """What D sees, and the layers of both networks, in update number `position`."""
    view = View(Recipe(seed=SEED), d, precision=torch.float32, device=torch.device("cpu"))
    Randomness(view, g).begin(position, share)
    return view, [layer for layer in (*g.modules(), *d.modules()) if isinstance(layer, Dropout)]


@settings(deadline=None)
@given(position=st.integers(0, 10**9))
def test_each_network_draws_from_its_own_stream_at_the_update_s_number(position: int) -> None:
    _, (first, second, of_d) = begun(network(0.5, 0.2), network(0.3), position)
    assert first.generator is second.generator  # so that no two layers drop alike
    for layer, name in ((first, "dropout.g"), (of_d, "dropout.d")):
        assert layer.generator is not None
        expected = torch.rand(4, generator=stream(SEED, name, position))
        assert torch.equal(torch.rand(4, generator=layer.generator), expected)


def test_layers_that_drop_nothing_are_given_nothing() -> None:
    _, layers = begun(network(0.0), network(), 3)
    assert [layer.generator for layer in layers] == [None]


def test_one_of_several_processes_drops_what_one_alone_drops_in_its_rows() -> None:
    g, d, images = network(0.5), network(0.5), torch.ones(6, 40)
    begun(g, d, 7)
    whole = g(images), d(images)
    share = Share(real=None, fake=Part(first=2, count=3, total=6))
    view, _ = begun(g, d, 7, share)
    assert torch.equal(g(images[2:5]), whole[0][2:5])
    assert torch.equal(d(view.show(images[2:5], "fake")), whole[1][2:5])
    with pytest.raises(ValueError, match="none of the parts"):
        g(images)
