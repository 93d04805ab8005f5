"""Whether one player is far stronger, by D's loss beside its ideal; whether they swing."""

import statistics
from collections.abc import Iterator
from typing import Any

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit
from ganvas.ideal import ideal_discriminator_loss

__all__ = ["signs"]

_MEAN_OF = 5  # lines
_SWING_OF = 20
_FIRST_UPDATES = 100


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield d_overpowers_g, missing_normalisation, g_overpowers_d, oscillation.

    None for Wasserstein's loss, whose ideal is 0 whatever its scale.
    """
    recipe = facts.recipe
    ideal = None if recipe.loss.name == "wasserstein" else ideal_discriminator_loss(recipe)
    young = history.images < min(_FIRST_UPDATES * recipe.batch_size, facts.total_images // 4)
    if ideal is None or (young and recipe.procedure.name != "rounds"):
        return
    loss = history.mean("log", "d_loss", _MEAN_OF)
    if loss is None:
        return
    share = loss / ideal
    evidence: dict[str, Any] = {"d_loss": round(loss, 6), "d_loss_ideal": round(ideal, 4)}
    g_loss = history.last("log", "g_loss")
    if g_loss is not None:
        evidence["g_loss"] = g_loss
    right = _accuracies(history)
    always_right = len(right) == 2 and min(right.values()) > limit("d_right")
    if share < limit("d_loss_low") or (always_right and share < 1):
        severe = "error" if share < limit("d_loss_nil") else "warning"
        if always_right:
            evidence |= right
        yield Sign(name="d_overpowers_g", severity=severe, evidence=evidence)  # type: ignore[arg-type]
        if history.last("probe", "g_norms") == 0:
            evidence = {"network": "generator", "norms": 0, **evidence}
            yield Sign(name="missing_normalisation", severity=severe, evidence=evidence)  # type: ignore[arg-type]
    elif share > limit("d_loss_high"):
        severe = "error" if share > limit("d_loss_absurd") else "warning"
        yield Sign(name="g_overpowers_d", severity=severe, evidence=evidence)  # type: ignore[arg-type]
    values = history.values("log", "d_loss", _SWING_OF)
    if len(values) == _SWING_OF:
        low, _, high = statistics.quantiles(values, n=4)  # a single spike is none
        swing = (high - low) / ideal
        if swing > limit("d_loss_swing"):
            yield Sign(name="oscillation", severity="warning", evidence={"swing": round(swing, 3)})


def _accuracies(history: History) -> dict[str, float]:
    """Return D's accuracy on real and on fake images over the last lines, where it is known."""
    names = ("d_accuracy_real", "d_accuracy_fake")
    means = {name: history.mean("log", name, _MEAN_OF) for name in names}
    return {name: round(mean, 4) for name, mean in means.items() if mean is not None}
