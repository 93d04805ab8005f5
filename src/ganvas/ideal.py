"""D's loss when it cannot tell real from fake: where both players do their best."""

import math
from collections.abc import Mapping

from ganvas.recipe import Recipe

__all__ = ["IDEAL_DISCRIMINATOR_LOSS", "ideal_discriminator_loss"]

IDEAL_DISCRIMINATOR_LOSS: Mapping[str, float] = {
    "non_saturating": math.log(4),
    "hinge": 2.0,
    "least_squares": 0.5,
    "wasserstein": 0.0,
    "relativistic": math.log(2),
}
"""D's loss when D gives real and fake images the same logits (and the best such logits), for the
targets 1 and 0 and the sum of both sides' means."""


def ideal_discriminator_loss(recipe: Recipe) -> float | None:
    """Return what `d_loss` comes to for a D that cannot tell; penalties and classes left out.

    With targets t and u of real and fake images, both kinds together are taught m = (t + u) / 2 on
    average, whatever the share of flipped ones, and the sum of both sides' means is at least

        non-saturating   -2 (m log m + (1 - m) log(1 - m))       log 4 for m = 1/2
        hinge            4 min(m, 1 - m)                         2
        least squares    2 m (1 - m)                             1/2
        Wasserstein      0; no least value, None, unless m = 1/2
        relativistic     log 2 (arXiv 2501.05441, eq. 2, at equal logits)

    One mean over both kinds (`loss.mean_over=batch`) is half of that, unless D learns from them
    apart, in updates whose losses the log adds.
    """
    name = recipe.loss.name
    if name == "relativistic":
        return math.log(2)
    middle = (recipe.targets.real + recipe.targets.fake) / 2
    if name == "wasserstein" and middle != 0.5:
        return None
    ideal = {
        "non_saturating": 2 * (_information(middle) + _information(1 - middle)),
        "hinge": 4 * min(middle, 1 - middle),
        "least_squares": 2 * middle * (1 - middle),
        "wasserstein": 0.0,
    }[name]
    together = recipe.loss.mean_over == "batch" and not recipe.procedure.learns_apart
    return ideal / 2 if together else ideal


def _information(share: float) -> float:
    return -share * math.log(share) if share > 0 else 0.0
