"""Every limit that a finding rests on, each with its reason. Data, no code.

`docs/doctor.md` says how they were set; the sabotage suite judges them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["THRESHOLDS", "Threshold", "limit"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """A limit and why it is this one."""

    value: float
    why: str


def _t(value: float, why: str) -> Threshold:
    return Threshold(value=value, why=why)


THRESHOLDS: Mapping[str, Threshold] = {
    # balance
    "d_loss_low": _t(0.05, "share of the ideal loss; healthy runs stay above a tenth"),
    "d_loss_nil": _t(0.01, "share of the ideal loss at which nothing is left for G to learn from"),
    "d_right": _t(
        0.97, "D's accuracy on real and on fake images, the lesser; healthy: 0.89 at most"
    ),
    "d_loss_high": _t(1.5, "times the ideal: D is worse than a coin that always says one half"),
    "d_loss_absurd": _t(3.0, "times the ideal: D is sure, and wrong"),
    "d_loss_swing": _t(
        1.5, "middle half of the logged D losses over their ideal; young published runs reach 1.3"
    ),
    # gradients and updates
    "update_nothing": _t(1e-8, "|dw|/|w| that float32 weights cannot even hold"),
    "update_slow": _t(3e-5, "|dw|/|w| of one update; healthy ones move 1e-4 to 1e-2"),
    "update_fast": _t(0.05, "|dw|/|w| of one update: twenty of them replace the network"),
    "gradient_vanished": _t(0.01, "share of the running median (arXiv 1701.04862 for why)"),
    "gradient_exploded": _t(100.0, "times the running median: gradients on fakes at divergence"),
    "dead_share": _t(0.5, "half of a network's channels never change"),
    "spectral_norm": _t(100.0, "of one layer of D; healthy layers stay below 30"),
    # collapse
    "diversity_collapsed": _t(0.5, "mean distance of fakes over that of real images"),
    "diversity_low": _t(0.7, "the same, warned of"),
    "twins": _t(0.3, "share of samples that have a twin; real images: next to none"),
    "class_expected": _t(12.0, "samples a class should have had: none by chance 1 in 160,000"),
    "class_kl": _t(0.35, "KL of the classes seen to those of the data; noise of 300 samples 0.015"),
    "class_accuracy": _t(0.25, "share of a class's samples that show it, little above chance"),
    "class_grows": _t(0.1, "of its samples more than three looks ago: on its way"),
    "labels_ignored": _t(0.4, "the same over all classes"),
    "modes_found": _t(0.7, "share of the modes of a toy law"),
    # overfitting
    "overfitting": _t(0.4, "r_v (arXiv 2006.06676), a mean over looks: 0 none, 1 by heart"),
    "overfitting_badly": _t(0.8, "the same"),
    "accuracy_gap": _t(0.10, "D's accuracy on training images above that on held-out ones"),
    "copying": _t(0.5, "distance of fakes to training images over that of held-out ones"),
    # samples
    "contrast_nil": _t(0.15, "of the real images' contrast: next to a plain picture"),
    "rough": _t(2.0, "times the real images' steps between neighbouring pixels: noise"),
    "rough_still": _t(0.95, "of the roughness at the look before: less is on its way"),
    "saturated": _t(0.25, "share of black and white pixels above that of real images"),
    "range_share": _t(0.75, "of the real images' range of brightness"),
    "ema_gap": _t(1.5, "pixels of the average beside G's, over those of two samples"),
    # quality
    "quality_lost": _t(2.0, "times the best Frechet distance so far"),
    "quality_still": _t(0.98, "of the best of the looks before: less is an improvement"),
    # settings
    "rates_apart": _t(10.0, "times: the published recipes' are at most 4 apart"),
    "rate_high": _t(5e-3, "for Adam and RMSprop; published: 1e-5 to 2e-3"),
    "rate_times": _t(20.0, "times the rate that the recipe of that name has"),
    "rate_high_sgd": _t(0.5, "for SGD; published: 1e-3 to 0.1"),
    "rate_low": _t(
        4.5e-5, "for Adam and RMSprop, 0 aside; published recipes that learn slowly: 5e-5"
    ),
    "momentum": _t(0.95, "beta1: Adam's default of 0.9 is the most that recipes use"),
    "momentum_penalised": _t(0.6, "beta1 beside a gradient penalty (arXiv 1704.00028: 0)"),
    "warmup_long": _t(0.5, "share of the run in which learning rates rise; published: a twentieth"),
    "updates_apart": _t(8.0, "updates of one for each of the other; published: 5 at most"),
    "decay_of_update": _t(1e-3, "share of a weight that decay takes in an update of AdamW or SGD"),
    "decay_of_gradient": _t(0.01, "weight decay within the gradient of Adam; published: 1e-4"),
    "dropout": _t(0.9, "share that is dropped; published: 0.8 at most"),
    "instance_noise": _t(1.0, "deviation, of signals in [-1, 1]; published: 0.1 to 0.5"),
    "flipped": _t(0.25, "share of images taught with the other answer; published: 0.05 to 0.1"),
    "average_long": _t(0.25, "half-life of the average of G over the run"),
    "batch": _t(8.0, "images: batch norms need some, gradients too"),
    "latent": _t(4.0, "numbers of noise for an image"),
    "clip": _t(1e-4, "norm or value to which gradients are cut"),
    "penalty": _t(100.0, "weight; published: 0.05 to 10"),
    "width_share": _t(8.0, "D's width over G's, or the other way round"),
    "width_least": _t(4.0, "channels"),
    # data
    "few_images": _t(1000.0, "as `ganvas data info` warns"),
    "unbalanced": _t(10.0, "times the smallest class"),
    "many_copies": _t(0.01, "share of training images that are copies of others"),
    "near_copies": _t(0.05, "share with another at less than a tenth of the usual distance"),
    "label_noise": _t(
        0.10, "share of labels that a judge disagrees with, over twice its own error"
    ),
    "narrow_range": _t(0.5, "of all brightness steps are used by the images"),
}


def limit(name: str) -> float:
    """Return the value of a threshold."""
    return THRESHOLDS[name].value
