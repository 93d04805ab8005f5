"""What the updates do: too little, too much, nothing; gradients that vanish or explode."""

import statistics
from collections.abc import Iterator, Sequence

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs"]

_LEAST_FACTOR = 0.05  # of the learning rate: below, a schedule has all but stopped
_LEAST_LOOKS = 3


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield the signs of both players' updates at the newest probe."""
    for player, words in (("g", "generator"), ("d", "discriminator")):
        yield from _updates(history, player, words)
        dead = history.last("probe", f"{player}_dead_units")
        if dead is not None and dead > limit("dead_share"):
            evidence = {"network": words, "share": dead}
            yield Sign(name="dead_units", severity="warning", evidence=evidence)
    yield from _gradients(history)
    norm = history.last("probe", "d_spectral_norm")
    if norm is not None and norm > limit("spectral_norm"):
        evidence = {"d_spectral_norm": norm}
        yield Sign(name="steep_discriminator", severity="warning", evidence=evidence)


def _updates(history: History, player: str, words: str) -> Iterator[Sign]:
    ratio = history.last("probe", f"{player}_update_ratio")
    factor = history.last("log", "learning_rate_factor")
    factor = 1.0 if factor is None else factor
    if ratio is None or factor < _LEAST_FACTOR:
        return
    gap = history.last("log", "d_gap_factor") if player == "d" else None
    ratio /= factor * (gap or 1.0)
    evidence = {"network": words, "update_ratio": ratio}
    if ratio < limit("update_nothing"):
        yield Sign(name="frozen_network", severity="error", evidence=evidence)
    elif ratio < limit("update_slow"):
        yield Sign(name=f"{player}_learns_too_slowly", severity="warning", evidence=evidence)
    elif ratio > limit("update_fast"):
        yield Sign(name=f"{player}_learns_too_fast", severity="warning", evidence=evidence)


def _gradients(history: History) -> Iterator[Sign]:
    for name, low, high in (
        ("g_gradient_norm", "vanishing_g_gradient", "exploding_gradient"),
        ("fake_gradient_norm", "vanishing_g_gradient", "exploding_gradient"),
        ("d_gradient_norm", None, "exploding_gradient"),
    ):
        *before, now = history.values("probe", name) or [0.0]
        if len(before) < _LEAST_LOOKS:
            continue
        medians = _medians(before)
        usual = max(medians)
        evidence = {name: now, "usual": usual}
        vanished = low is not None and now < limit("gradient_vanished") * usual
        if low is not None and vanished and _tells_apart(history):
            yield Sign(name=low, severity="error", evidence=evidence)
            return
        usual = min(medians)
        evidence = {name: now, "usual": usual}
        if now > limit("gradient_exploded") * max(usual, 1e-12):
            yield Sign(name=high, severity="warning", evidence=evidence)
            return


def _tells_apart(history: History) -> bool:
    """Whether most real images score above most fakes, as far as is known.

    Where they do not, a small gradient is no trouble: there is little left to learn.
    """
    real, fake = (history.lists("probe", f"{side}_logits", 1) for side in ("real", "fake"))
    return not real or not fake or bool(real[0][1] > fake[0][3])  # quarters of both


def _medians(values: Sequence[float]) -> list[float]:
    """Return the medians of the first 3, 6, 12, ... values: what lasts must not become usual."""
    counts = [_LEAST_LOOKS]
    while 2 * counts[-1] <= len(values):
        counts.append(2 * counts[-1])
    return [statistics.median(values[:count]) for count in counts]
