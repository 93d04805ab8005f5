"""What one check says of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["SEVERITIES", "Severity", "Sign"]

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")
"""From least to most serious: an error means that the run will come to nothing as it is, a warning
that it will come out clearly worse, a note that something is worth knowing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """A trouble as it shows at this moment; it is a finding once it has shown often enough."""

    name: str
    severity: Severity
    evidence: Mapping[str, Any] = field(default_factory=dict)
