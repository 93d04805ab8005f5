"""Adversarial losses: D's logits in, a scalar loss out; the larger a logit, the more "real".

Real and fake terms are summed, so each loss has one ideal value that D's loss approaches when real
and fake cannot be told apart: see `ganvas.ideal`. (`loss.mean_over=batch`, one mean
over both kinds, is the step's affair, as are other targets than 1 and 0: `ganvas.step.targets`.)
Everything is computed in float32, whatever the precision of the logits.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = [
    "LOSSES",
    "NO_PROBABILITY",
    "AdversarialLoss",
    "mismatch_loss",
]

NO_PROBABILITY = {
    "hinge": "the hinge loss teaches D on which side of 0 a picture lies, not how probable it is",
    "wasserstein": "the Wasserstein loss gives only differences of logits a meaning",
    "relativistic": "the relativistic loss gives only differences of logits a meaning",
}
"""Why a D trained with one of these losses gives no probability of being real."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdversarialLoss:
    """The two sides of one game.

    `discriminator(real=, fake=)` takes D's logits, both float (N,), and gives D's loss.
    `generator(real=, fake=)` gives G's loss; `real` is only read where `pairs_real` holds.
    `boundary` is the logit above which D says "real"; None where only differences mean something.
    `slope_ratio(fake)` gives (dL_G / dl) / (dL_D / dl) for each fake logit l, where D's loss has
    a slope everywhere: with it one backward pass through D serves both players.
    `probability(logits)` is the chance of being real, as real and fake come equally often, that the
    best D would give; None where no such D tells it.
    `of_real(logits)` and `of_fake(logits)` give D's loss (N,) of single images taken for real and
    for fake, whose means add up to `discriminator`; None where D's loss knows only pairs.
    """

    discriminator: Callable[..., Tensor]
    generator: Callable[..., Tensor]
    pairs_real: bool = False
    boundary: float | None = 0.0
    slope_ratio: Callable[[Tensor], Tensor] | None = None
    probability: Callable[[Tensor], Tensor] | None = None
    of_real: Callable[[Tensor], Tensor] | None = None
    of_fake: Callable[[Tensor], Tensor] | None = None


def non_saturating_discriminator(*, real: Tensor, fake: Tensor) -> Tensor:
    """-log s(real) - log(1 - s(fake)), s the logistic function (arXiv 1406.2661, eq. 1)."""
    return F.softplus(-real.float()).mean() + F.softplus(fake.float()).mean()


def non_saturating_generator(*, real: Tensor | None = None, fake: Tensor) -> Tensor:
    """-log s(fake): the form whose gradient does not vanish (arXiv 1406.2661, section 3)."""
    return F.softplus(-fake.float()).mean()


def non_saturating_slope_ratio(fake: Tensor) -> Tensor:
    """(dL_G / dl) / (dL_D / dl) = -(1 - s) / s = -exp(-l) (after arXiv 2103.00430, eq. 8).

    Cut at |l| = 40, far outside of what training meets, to stay finite in float32.
    """
    return -torch.exp(-fake.float().clamp(-40, 40))


def hinge_discriminator(*, real: Tensor, fake: Tensor) -> Tensor:
    """max(0, 1 - real) + max(0, 1 + fake) (arXiv 1705.02894, section 4)."""
    return F.relu(1 - real.float()).mean() + F.relu(1 + fake.float()).mean()


def negated_generator(*, real: Tensor | None = None, fake: Tensor) -> Tensor:
    """-fake: G's side of the hinge and of the Wasserstein game."""
    return -fake.float().mean()


def least_squares_discriminator(*, real: Tensor, fake: Tensor) -> Tensor:
    """(real - 1)^2 + fake^2, targets 1 and 0 (arXiv 1611.04076, eq. 9 without its halves)."""
    return (real.float() - 1).square().mean() + fake.float().square().mean()


def least_squares_generator(*, real: Tensor | None = None, fake: Tensor) -> Tensor:
    """(fake - 1)^2 (arXiv 1611.04076, eq. 9 without its half)."""
    return (fake.float() - 1).square().mean()


def wasserstein_discriminator(*, real: Tensor, fake: Tensor) -> Tensor:
    """fake - real: minus the critic's estimate of the distance (arXiv 1701.07875, eq. 2)."""
    return fake.float().mean() - real.float().mean()


def relativistic_discriminator(*, real: Tensor, fake: Tensor) -> Tensor:
    """-log s(real - fake), pair by pair (arXiv 2501.05441, eq. 2)."""
    return F.softplus(fake.float() - real.float()).mean()


def relativistic_generator(*, real: Tensor, fake: Tensor) -> Tensor:
    """-log s(fake - real), pair by pair (arXiv 2501.05441, eq. 2)."""
    return F.softplus(real.float() - fake.float()).mean()


def mismatch_loss(class_logits: Tensor, labels: Tensor) -> Tensor:
    """-log(1 - s(l_k)), averaged over every wrong class k of each real image.

    `class_logits` float (N, K) of real images, `labels` int64 (N,), or (N, P) where each image is
    of P of the classes. A real image with a wrong class counts as fake (the matching-aware
    discriminator, arXiv 1605.05396, algorithm 1), so D learns what tells the classes apart. 0
    without a wrong class.
    """
    logits = class_logits.float()
    count, classes = logits.shape
    right = logits.gather(1, labels.view(count, -1))
    num_wrong = classes - right.shape[1]
    if num_wrong == 0:
        return logits.new_zeros(())
    wrong = F.softplus(logits).sum() - F.softplus(right).sum()
    return wrong / (count * num_wrong)


LOSSES: dict[str, AdversarialLoss] = {
    "non_saturating": AdversarialLoss(
        discriminator=non_saturating_discriminator,
        generator=non_saturating_generator,
        slope_ratio=non_saturating_slope_ratio,
        probability=torch.sigmoid,
        of_real=lambda logits: F.softplus(-logits.float()),
        of_fake=lambda logits: F.softplus(logits.float()),
    ),
    "hinge": AdversarialLoss(
        discriminator=hinge_discriminator,
        generator=negated_generator,
        of_real=lambda logits: F.relu(1 - logits.float()),
        of_fake=lambda logits: F.relu(1 + logits.float()),
    ),
    "least_squares": AdversarialLoss(
        discriminator=least_squares_discriminator,
        generator=least_squares_generator,
        boundary=0.5,
        # The best D is p_real / (p_real + p_fake) itself (arXiv 1611.04076, section 3.2).
        probability=lambda logits: logits.clamp(0, 1),
        of_real=lambda logits: (logits.float() - 1).square(),
        of_fake=lambda logits: logits.float().square(),
    ),
    "wasserstein": AdversarialLoss(
        discriminator=wasserstein_discriminator,
        generator=negated_generator,
        boundary=None,
        of_real=lambda logits: -logits.float(),
        of_fake=lambda logits: logits.float(),
    ),
    "relativistic": AdversarialLoss(
        discriminator=relativistic_discriminator,
        generator=relativistic_generator,
        pairs_real=True,
        boundary=None,
    ),
}
"""Every loss by its name in `LossSettings`."""
