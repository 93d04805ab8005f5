"""What is known of a trouble: what it means, what helps, where that is from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Condition", "Remedy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """Something that helps, in words; and as a change of the training where ganvas can make it.

    own       dotted settings, each to be again as the recipe has it when nothing is changed
    scale     dotted settings of the recipe, each to be multiplied by so much
    put       dotted settings, each to be set to this
    raises    what is put is put only where it is more than what is there
    restart   the network that begins anew, with fresh optimisers
    back      both networks, the average and the optimisers are as when the model was best
    fall      the learning rate, which the recipe never lets fall, falls from here to the end
    stop      the run ends; the last of a trouble's remedies
    """

    words: str
    own: tuple[str, ...] = ()
    scale: Mapping[str, float] = field(default_factory=dict)
    put: Mapping[str, Any] = field(default_factory=dict)
    raises: bool = False
    restart: Literal["generator", "discriminator"] | None = None
    back: bool = False
    fall: bool = False
    stop: bool = False

    @property
    def can_be_applied(self) -> bool:
        """Whether a running training can be changed this way."""
        settings = self.own or self.scale or self.put or self.fall
        return bool(settings or self.restart or self.back or self.stop)


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A trouble by its name in findings.jsonl; remedies are in the order to try them in.

    `treats_notes`: a note of it, too, is something to apply a remedy against.
    """

    title: str
    explanation: str
    remedies: tuple[Remedy, ...]
    source: str
    treats_notes: bool = False
