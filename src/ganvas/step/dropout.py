"""All that is random in an update; dropout has a stream of numbers for each network."""

from torch import nn

from ganvas.nets.blocks import Dropout, dropouts_of, set_dropout_stream
from ganvas.procedure import Share
from ganvas.rng import RowGenerator, stream
from ganvas.step.view import View

__all__ = ["Randomness"]


class Randomness:
    """Starts the random numbers of each update; which layers drop anything is looked up once."""

    def __init__(self, view: View, generator: nn.Module) -> None:
        self._view = view
        self._of_g, self._of_d = dropouts_of(generator), dropouts_of(view.discriminator)

    def begin(self, position: int, share: Share | None) -> None:
        """Start all that is random in update number `position`; this process does `share` of it."""
        view = self._view
        of_generator = self._stream("g", self._of_g, position)
        view.begin_update(position, share, self._stream("d", self._of_d, position))
        view.place(of_generator, "fake")  # G makes nothing but the update's fakes

    def _stream(self, player: str, layers: list[Dropout], position: int) -> RowGenerator | None:
        seed, device = self._view.recipe.seed, self._view.device
        return set_dropout_stream(
            layers, lambda: stream(seed, f"dropout.{player}", position, device=device)
        )
