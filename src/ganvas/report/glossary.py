"""What the field's terms in a report mean, for somebody who never met them. Data."""

from collections.abc import Mapping

__all__ = ["EVIDENCE", "FIGURES", "LOSSES"]

LOSSES: Mapping[str, str] = {
    "non_saturating": "D says how probable it finds it that an image is real, and G tries to raise "
    "that for its fakes",
    "hinge": "D is to score real images above 1 and fakes below -1, and G tries to raise the score "
    "of its fakes",
    "least_squares": "D is to answer 1 to real images and 0 to fakes, and errors count squared",
    "wasserstein": "D scores images, and what counts is how far apart real images and fakes score",
    "relativistic": "D is to score a real image above a fake, whatever either's score alone",
}
"""A recipe's loss by its name: by which rule the players' mistakes are counted."""

FIGURES: Mapping[str, tuple[str, str, str]] = {
    "fd": ("Fréchet distance", "how far the samples lie from the training images, as a whole",
           ".4g"),
    "fd_infinity": ("Fréchet distance, endlessly many",
                    "the same, estimated for endlessly many samples", ".4g"),
    "kid": ("kernel distance", "how far they lie apart, by another measure; 0 is the least", ".4g"),
    "precision": ("precision", "share of samples that lie among the real images", ".1%"),
    "recall": ("recall", "share of real images that lie among the samples", ".1%"),
    "density": ("density", "how densely real images surround the samples; 1 for real ones", ".3f"),
    "coverage": ("coverage", "share of the real variety that the samples reach", ".1%"),
    "label_accuracy": ("right class", "share that shows the class asked for", ".2%"),
    "class_kl": ("class divergence", "how far the samples' classes are from the data's", ".4g"),
    "cas": ("classification score",
            "how well a classifier trained on samples knows real images", ".2%"),
    "ndb": ("different bins", "share of kinds of images made too often or too rarely", ".1%"),
    "ct": ("copying test", "far below 0: copies of training images; about 0 is right", ".3g"),
    "authenticity": ("authenticity", "share of samples that are no near copy of a training image",
                     ".1%"),
    "modes": ("modes found",
              "heaps of real points, or triples of digits, that the samples reach", ".0f"),
    "modes_kl": ("modes' divergence", "how far the modes' shares are from even ones", ".4g"),
    "high_quality": ("near a mode",
                     "share of samples within three standard deviations of a heap", ".1%"),
}  # fmt: skip
"""Each figure of an evaluation by its name: a title, what it is, and how its values are written."""

EVIDENCE: Mapping[str, str] = {
    "feature_diversity": "samples' distance from each other, real images' being 1",
    "duplicates": "share of samples that have a twin",
    "overfitting": "D's overfitting (0 none, 1 by heart)",
    "d_accuracy_train": "training images that D calls real",
    "d_accuracy_held_out": "held-out images that D calls real",
    "d_loss": "D's loss",
    "d_loss_ideal": "the loss of a D that cannot tell",
    "g_loss": "G's loss",
    "swing": "swing of D's loss, its ideal being 1",
    "low": "darkest in samples",
    "high": "brightest in samples",
    "low_real": "darkest in real images",
    "high_real": "brightest in real images",
    "contrast": "contrast of samples",
    "contrast_real": "contrast of real images",
    "roughness": "roughness of samples",
    "roughness_real": "roughness of real images",
    "saturation": "black and white pixels of samples",
    "saturation_real": "black and white pixels of real images",
    "counts": "samples of each class",
    "kl": "divergence of the classes",
    "class_accuracy": "samples that show the class asked for",
    "fd": "Fréchet distance",
    "best_fd": "its best",
    "found": "modes found",
    "modes": "modes there are",
    "update_ratio": "change of the weights in one update",
    "d_spectral_norm": "how much the steepest layer magnifies",
    "ema_gap": "pixels between G and its average, beside two samples",
    "copying": "distance to training images, that of new images being 1",
    "training_images": "training images",
    "images": "images",
    "looked_at": "images looked at",
    "exact_copies": "exact copies among them",
    "near_copies": "share that nearly is another",
    "held_out": "held-out images that are trained on",
    "test": "test images that are trained on",
    "darkest": "darkest in the data (0 to 255)",
    "brightest": "brightest in the data (0 to 255)",
    "disagreement": "labels that a judge of this data doubts",
    "judge_errs": "labels of real images that it gets wrong itself",
    "d_accuracy_real": "real images that D calls real",
    "d_accuracy_fake": "fakes that D calls fake",
    "learning_rate": "learning rate",
    "weight_decay": "weight decay",
    "dropout": "share that is dropped",
    "instance_noise": "deviation of the noise on what D sees",
    "flipped": "images taught with the other answer",
    "warmup_images": "images while learning rates rise",
    "half_life_images": "half-life of the average, in images",
    "discriminator_steps": "updates of D in a turn",
    "generator_steps": "updates of G in a turn",
    "first": "first seen",
}
"""A finding's numbers by their names in findings.jsonl; others are named as they are there."""
