"""D's loss when it cannot tell real from fake, as a recipe's log has it."""

import math

from ganvas.recipe import Recipe

__all__ = ["ideal_loss"]

_IDEAL = {
    "non_saturating": math.log(4),
    "hinge": 2.0,
    "least_squares": 0.5,
    "relativistic": math.log(2),
}
"""As `ganvas.losses.IDEAL_DISCRIMINATOR_LOSS`, whose import would bring torch with it; a test holds
them together. The Wasserstein loss can be anything, and has none here."""


def ideal_loss(recipe: Recipe) -> float | None:
    """Return the ideal of the logged `d_loss`; None where the loss has none.

    One mean over all images of a batch is half of the two sides' sum.
    """
    ideal = _IDEAL.get(recipe.loss.name)
    if ideal is None:
        return None
    return ideal / 2 if recipe.loss.mean_over == "batch" else ideal
