"""Dropout's random numbers for an update: a stream for each network."""

from torch import nn

from ganvas.nets.blocks import set_dropout_stream
from ganvas.procedure import Share
from ganvas.rng import RowGenerator, stream
from ganvas.step.view import View

__all__ = ["begin_randomness"]


def begin_randomness(view: View, generator: nn.Module, position: int, share: Share | None) -> None:
    """Start all that is random in update number `position`, of which this process does `share`."""
    seed = view.recipe.seed

    def begin(player: str, network: nn.Module) -> RowGenerator | None:
        return set_dropout_stream(
            network, lambda: stream(seed, f"dropout.{player}", position, device=view.device)
        )

    of_generator = begin("g", generator)
    view.begin_update(position, share, begin("d", view.discriminator))
    view.place(of_generator, "fake")  # G makes nothing but the update's fakes
