"""The learning rate's course as a function of images seen; it never reads a clock."""

import math

from ganvas.recipe import ScheduleSettings

__all__ = ["learning_rate_factor"]


def learning_rate_factor(schedule: ScheduleSettings, images: int, total_images: int) -> float:
    """Return what the base learning rate is multiplied with after `images` of `total_images`.

    warm-up   w = min(1, (images + 1) / warmup_images)
    decay     d = 1 before decay_from, then from 1 to `final` at the end: linearly, or along
              half a cosine
    result    w * d, in [0, 1]

    The warm-up counts from one image, so the first update is never a step of nothing.
    """
    warmup = min(1.0, (images + 1) / schedule.warmup_images) if schedule.warmup_images else 1.0
    progress = images / total_images if total_images else 1.0
    if schedule.decay_from >= 1 or progress <= schedule.decay_from:
        return warmup
    left = max(0.0, (1 - progress) / (1 - schedule.decay_from))
    if schedule.shape == "cosine":
        left = (1 - math.cos(math.pi * left)) / 2
    return warmup * (schedule.final + (1 - schedule.final) * left)
