"""When a run counts as a success: a stated rule over the figures at its end."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ganvas.errors import UsageError, did_you_mean

__all__ = ["DEFAULT_RULE", "DEFAULT_RULE_OF_POINTS", "FIGURES", "Condition", "Rule", "parse_rule"]

FIGURES = ("fd", "coverage", "label_accuracy", "modes", "modes_kl", "high_quality")
"""What is measured at the end of runs; each kind of data has some of them."""
DEFAULT_RULE = "fd<=10x"
DEFAULT_RULE_OF_POINTS = "modes>=1x,high_quality>=0.95"

_CONDITION = re.compile(r"\s*([a-z_]+)\s*(<=|>=)\s*(\d+\.?\d*|\.\d+)\s*(x?)\s*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """`figure` at most (or at least) `bound`, which is a multiple of the real images' own."""

    figure: str
    at_most: bool
    bound: float
    of_real: bool

    def __str__(self) -> str:
        sign = "<=" if self.at_most else ">="
        return f"{self.figure}{sign}{self.bound:g}{'x' if self.of_real else ''}"

    def shortfall(self, metrics: Mapping[str, Any]) -> str:
        """Return why the figures do not meet the condition; "" when they do."""
        found = metrics.get(self.figure)
        if found is None or (self.of_real and not found["real"]):
            return f"{self.figure} was not measured{'' if found is None else ' on real images'}"
        value = found["value"] / found["real"] if self.of_real else found["value"]
        met = value <= self.bound if self.at_most else value >= self.bound
        if met and math.isfinite(value):
            return ""
        return f"{self.figure} is {value:.3g}{'x' if self.of_real else ''}, not {self}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A run succeeds when it finished, without divergence, and meets every condition."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return ",".join(map(str, self.conditions))

    def shortfall(self, status: str, metrics: Mapping[str, Any]) -> str:
        """Return why a run is no success; "" when it is one.

        `metrics` is as `ganvas eval --json` prints it.
        """
        if status != "finished":
            return status
        reasons = (condition.shortfall(metrics) for condition in self.conditions)
        return "; ".join(reason for reason in reasons if reason)


def parse_rule(text: str) -> Rule:
    """Return the rule that ``fd<=5x,label_accuracy>=0.99`` says; 5x: five times real's own.

    Raises UsageError for another form or an unknown figure.
    """
    conditions = []
    for part in text.split(","):
        match = _CONDITION.fullmatch(part)
        if match is None:
            raise UsageError(
                f"--success takes conditions such as fd<=5x (times real's own) or "
                f"label_accuracy>=0.99, joined by commas, not '{part.strip()}'"
            )
        figure, sign, bound, of_real = match.groups()
        if figure not in FIGURES:
            raise UsageError(f"--success: unknown figure '{figure}'{did_you_mean(figure, FIGURES)}")
        conditions.append(
            Condition(
                figure=figure, at_most=sign == "<=", bound=float(bound), of_real=bool(of_real)
            )
        )
    return Rule(conditions=tuple(conditions))
