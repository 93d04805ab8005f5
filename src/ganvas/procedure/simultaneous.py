"""Both players at once."""

from dataclasses import dataclass

from ganvas.procedure.counted import Counted
from ganvas.procedure.update import Rows, Update

__all__ = ["Simultaneous"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Simultaneous(Counted):
    """Both players from one forward pass: neither sees the other's update of this step."""

    @property
    def images_per_iteration(self) -> int:
        """Real images that one iteration draws."""
        return self.batch_size

    def _num_updates(self) -> int:
        return 1

    def _update(self, iteration: int, update: int) -> Update:
        return Update(
            player="both",
            optimizer=("generator", "discriminator"),
            real=Rows(draw=iteration, size=self.batch_size),
            noise=Rows(draw=iteration, size=self.batch_size),
            classes=Rows(draw=iteration, size=self.batch_size),
            passes="joint" if self.settings.passes == "joint" else "separate",
            images=self.batch_size,
        )
