"""What D makes of images it trains on, of images it never saw, and of fakes; its overfitting.

D's logits in, plain numbers out. A D that knows its training images by heart scores them above
held-out ones, and its loss on held-out images turns upwards while that on training images falls.
"""

import math
from typing import Any

import torch
from torch import Tensor

from ganvas.ideal import IDEAL_DISCRIMINATOR_LOSS
from ganvas.losses import LOSSES

__all__ = ["discriminator_figures", "overfitting", "share_above"]

_CLEAR = 2.0  # standard errors by which D must tell training images from fakes


def discriminator_figures(
    loss: str, *, train: Tensor, held_out: Tensor | None, fake: Tensor
) -> dict[str, Any]:
    """Return D's losses and accuracies, and G's, from D's logits of three sets of images.

    `loss` names a loss of `ganvas.losses`; the logits are float (N,), as many of each kind,
    `held_out` None where there are no such images. The figures, without any penalty:

    d_loss_train, d_loss_held_out    D's loss with these as the real images, and the same fakes
    d_loss_ideal                     what it is when D cannot tell real from fake
    g_loss                           G's loss on these fakes (against the training images)
    d_accuracy_train, _held_out      share of real images that D calls real
    d_accuracy_fake                  share of fakes that D calls fake
    fooling_rate                     share of fakes that D calls real
    logit_train, _held_out, _fake    mean logits
    overfitting                      see `overfitting`
    accuracy_of                      "images", or "pairs" where the loss has no boundary

    Where only differences of logits mean something, D is right about a pair of a real and a fake
    image when the real one's logit is larger: then `d_accuracy_train` and `_held_out` are the
    shares of such pairs among all (the area under the ROC curve, ties by half), `d_accuracy_fake`
    is that of the pairs with training images, and the fooling rate what it lacks to 1.
    Figures that need held-out images are None without them.
    """
    game = LOSSES[loss]
    pairs = game.boundary is None

    def accuracy(real: Tensor) -> float:
        return share_above(real, fake if game.boundary is None else game.boundary)

    def mean(logits: Tensor) -> float:
        return float(logits.double().mean())

    if game.boundary is None:
        right_about_fakes = accuracy(train)
        fooled = 1 - right_about_fakes
    else:
        fooled = share_above(fake, game.boundary)
        right_about_fakes = share_above(-fake, -game.boundary)
    unseen = held_out is not None
    return {
        "d_loss_train": float(game.discriminator(real=train, fake=fake)),
        "d_loss_held_out": float(game.discriminator(real=held_out, fake=fake)) if unseen else None,
        "d_loss_ideal": IDEAL_DISCRIMINATOR_LOSS[loss],
        "g_loss": float(game.generator(real=train, fake=fake)),
        "d_accuracy_train": accuracy(train),
        "d_accuracy_held_out": None if held_out is None else accuracy(held_out),
        "d_accuracy_fake": right_about_fakes,
        "fooling_rate": fooled,
        "logit_train": mean(train),
        "logit_held_out": None if held_out is None else mean(held_out),
        "logit_fake": mean(fake),
        "overfitting": overfitting(train=train, held_out=held_out, fake=fake),
        "accuracy_of": "pairs" if pairs else "images",
    }


def overfitting(*, train: Tensor, held_out: Tensor | None, fake: Tensor) -> float | None:
    """Return r_v = (E D(train) - E D(held-out)) / (E D(train) - E D(fake)), from logits (N,).

    0: held-out images look to D as the training images do; 1: they look like fakes, D has
    learnt its training images by heart (arXiv 2006.06676, eq. 1). Chance takes it a little below
    0 or above 1. None without held-out images, and where D does not tell training images from
    fakes by two standard errors, so that the quotient would be noise.
    """
    if held_out is None or min(len(train), len(fake)) < 2:
        return None
    real, unseen, made = train.double(), held_out.double(), fake.double()
    apart = float(real.mean() - made.mean())
    error = math.sqrt(float(real.var()) / len(real) + float(made.var()) / len(made))
    if not apart > _CLEAR * error:
        return None
    return float(real.mean() - unseen.mean()) / apart


def share_above(logits: Tensor, limit: float | Tensor) -> float:
    """Return the share of `logits` (N,) above a number, or of pairs above logits (M,).

    Of pairs, all N x M count, and ties by half; a logit at the number itself is not above it.
    """
    if not isinstance(limit, Tensor):
        return float((logits > limit).double().mean())
    others = limit.sort().values
    below = torch.searchsorted(others, logits, right=False)
    not_above = torch.searchsorted(others, logits, right=True)
    return float((below + not_above).double().mean()) / (2 * len(others))
