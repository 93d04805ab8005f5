"""Differentiable augmentation of what D sees, real and fake alike, and how strong it is to be.

operations  each change of images by numbers that are given, row by row
policy      which changes, and the random numbers of each
adaptive    the probability that is steered by how far D overfits (ADA)
noise       instance noise, and how it fades over a run
"""

from ganvas.augment.adaptive import AdaptiveProbability, overfitting_sign
from ganvas.augment.noise import add_noise, noise_deviation
from ganvas.augment.policy import OPERATIONS, augment

__all__ = [
    "OPERATIONS",
    "AdaptiveProbability",
    "add_noise",
    "augment",
    "noise_deviation",
    "overfitting_sign",
]
