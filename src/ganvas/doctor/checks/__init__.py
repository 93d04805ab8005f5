"""The checks, by what they look at. Each reads the newest line of its kind and what came before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ganvas.doctor.checks import (
    balance,
    classes,
    collapse,
    data,
    gradients,
    overfitting,
    progress,
    samples,
)
from ganvas.doctor.checks.settings import setting_signs
from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign

__all__ = ["CHECKS", "Check", "setting_signs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """A family of findings: at which lines it looks, and how many looks in a row make a finding.

    `looks_of_errors`: how many do where it is an error, which is far beyond chance.
    """

    kind: str
    looks: int
    looks_of_errors: int
    signs: Callable[[Facts, History], Iterator[Sign]]


CHECKS: tuple[Check, ...] = (
    Check(kind="data", looks=1, looks_of_errors=1, signs=data.signs),
    Check(kind="log", looks=5, looks_of_errors=5, signs=balance.signs),
    Check(kind="probe", looks=2, looks_of_errors=2, signs=gradients.signs),
    Check(kind="probe", looks=3, looks_of_errors=2, signs=collapse.signs),
    # Three of errors, too: a young generator draws one class as its neighbour for a while.
    Check(kind="probe", looks=3, looks_of_errors=3, signs=classes.signs),
    Check(kind="modes", looks=3, looks_of_errors=3, signs=collapse.signs_of_points),
    Check(kind="probe", looks=3, looks_of_errors=2, signs=samples.signs),
    Check(kind="probe", looks=3, looks_of_errors=3, signs=overfitting.signs_of_copying),
    Check(kind="validation", looks=3, looks_of_errors=3, signs=overfitting.signs),
    Check(kind="quality", looks=2, looks_of_errors=2, signs=progress.signs),
)
