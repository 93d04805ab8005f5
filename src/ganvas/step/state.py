"""What of a step a checkpoint holds: everything that training has changed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ganvas.step.gauge import Gauge

if TYPE_CHECKING:
    from ganvas.step.step import Step

__all__ = ["load_state", "state_of"]


def state_of(step: "Step") -> dict[str, Any]:
    """Return everything that training has changed, tensors by reference."""
    return {
        "generator": step.generator.state_dict(),
        "discriminator": step.discriminator.state_dict(),
        "average": step.average.average.state_dict(),
        "optimizers": {name: o.state_dict() for name, o in step.optimizers.items()},
        "counts": dict(step.counts),
        "controllers": {name: part.state_dict() for name, part in step.controllers.items()},
        "gauge": None if step.gauge is None else step.gauge.state_dict(),
    }


def load_state(step: "Step", state: Mapping[str, Any]) -> None:
    """Restore what `state_of` gave."""
    step.generator.load_state_dict(state["generator"])
    step.discriminator.load_state_dict(state["discriminator"])
    step.average.average.load_state_dict(state["average"])
    for name, optimizer in step.optimizers.items():
        optimizer.load_state_dict(state["optimizers"][name])
    step.counts = {name: int(count) for name, count in state["counts"].items()}
    for name, controller in step.controllers.items():
        controller.load_state_dict(state["controllers"][name])
    measured = state.get("gauge")
    step.gauge = None
    if measured is not None:
        step.gauge = Gauge()
        step.gauge.load_state_dict(measured)
