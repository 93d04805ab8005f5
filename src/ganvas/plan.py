"""A recipe meets its data: what `auto` means, how many images the budget comes to, what cannot be.

Pure: it is told the few facts about the data that it needs.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

from ganvas.clusters import fitting_clusters
from ganvas.errors import UsageError
from ganvas.procedure import Procedure
from ganvas.recipe import Budget, Recipe
from ganvas.recipe.material import MAX_IMAGES
from ganvas.recipes import require_kind
from ganvas.settings import require

__all__ = ["DataFacts", "budget_to_images", "disk_bytes", "require_shareable", "resolve"]
__all__ += ["speed_trial"]


_NAMES_BYTES = 200_000  # of a checkpoint's or model's small files
_PICTURE_BYTES = 900 * 900  # of a grid as PNG: grey and noisy, or in smooth colours
_LINE_BYTES = 500
_MOST_CLUSTERS = 10_000  # of all channels together: as many as a model's config.json may name
_INDEPENDENT = 0.1  # channels agree less: of 1,000 images independent ones do by 0.03, by chance


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFacts:
    """What a plan must know of the data: its name and kind, its counts of images and of classes.

    `num_channels` are those of its images, 1 of points; `channels_agree` is how much they say of
    each other, 0 to 1.
    """

    name: str
    num_train: int
    num_held_out: int
    num_classes: int
    kind: Literal["images", "points"] = "images"
    num_channels: int = 1
    channels_agree: float = 1.0


def _require_sound(recipe: Recipe) -> None:
    """Raise UsageError for a procedure that would not do; a run that has one already is read.

    Of `balanced` whoever is behind learns. A fake costs D -log(1 - p) and G -log p, together
    2 log 2 at least in the mean: with thresholds that sum to less one of them always is.
    """
    procedure = recipe.procedure
    if procedure.name == "balanced":
        require(
            recipe.loss.name == "non_saturating",
            "loss.name",
            "non_saturating where procedure.name is balanced, whose thresholds are of its losses",
            recipe.loss.name,
        )
        both = procedure.fake_threshold + procedure.generator_threshold
        require(
            both < 2 * math.log(2),
            "procedure.fake_threshold and procedure.generator_threshold",
            "less than 2 log 2 (1.386) together, or the game can stand still for good",
            round(both, 6),
        )
    if procedure.name == "rounds" and procedure.round_batches == "mixed":
        require(
            2 * procedure.round_images % recipe.batch_size != 1,
            "procedure.round_images",
            f"such that no batch of {recipe.batch_size} is left with one image of both kinds",
            procedure.round_images,
        )


def resolve(recipe: Recipe, facts: DataFacts) -> Recipe:
    """Return the recipe with `auto` conditioning decided and the data's facts filled in.

    Of clusters there are at most one for every 50 training images, and 10,000 of all channels.

    Raises UsageError where recipe and data do not fit: one for points, the other images; no labels
    to condition on; or fewer training images than a batch draws. So it does for a game that can
    stand still for good, and rounds that end with a batch of one.
    """
    require_kind(recipe, facts.kind, facts.name)
    _require_sound(recipe)
    conditioning = recipe.conditioning
    count = fitting_clusters(recipe.clusters.count, facts.num_train)
    if conditioning in ("auto", "unlabelled"):
        packed = recipe.discriminator.pack > 1  # a pack has one answer, and each image its class
        labelled = conditioning == "auto" and facts.num_classes > 1
        conditioning = (
            "none" if packed else "class" if labelled else "clusters" if count else "none"
        )
    elif conditioning == "clusters" and not count:
        raise UsageError(
            f"{facts.name} has {facts.num_train} training images, too few for two clusters of 50; "
            "set conditioning to none, or give more images"
        )
    elif conditioning == "class" and not facts.num_classes:
        raise UsageError(
            f"{facts.name} has no labels to condition on; leave conditioning at auto or none"
        )
    channels = _channels(recipe, facts) if conditioning == "clusters" else "together"
    if channels == "apart":
        count = min(count, _MOST_CLUSTERS // facts.num_channels)
    clusters = replace(
        recipe.clusters, count=count if conditioning == "clusters" else 0, channels=channels
    )
    drawn = recipe.batch_size
    if recipe.procedure.name == "rounds":
        drawn = max(drawn, recipe.procedure.round_images)
    if facts.num_train < drawn:
        setting = "batch_size" if drawn == recipe.batch_size else "procedure.round_images"
        raise UsageError(
            f"{facts.name} has {facts.num_train} training images, fewer than the {drawn} drawn "
            f"at once; give more images, or lower {setting} with --set"
        )
    return replace(
        recipe,
        conditioning=conditioning,
        clusters=clusters,
        data=replace(recipe.data, name=facts.name, held_out=facts.num_held_out),
    )


def _channels(recipe: Recipe, facts: DataFacts) -> Literal["together", "apart"]:
    """Return whether each channel has clusters of its own: where `auto`, if they do not agree.

    An auxiliary D names one class of an image, not one of each channel. A single channel is the
    image.
    """
    if facts.num_channels == 1 or recipe.discriminator.classes == "auxiliary":
        return "together"
    if recipe.clusters.channels != "auto":
        return recipe.clusters.channels
    return "together" if facts.channels_agree > _INDEPENDENT else "apart"


def require_shareable(recipe: Recipe, processes: int) -> None:
    """Raise UsageError unless so many processes can share each batch of the recipe evenly."""
    if processes == 1:
        return
    pack = recipe.discriminator.pack
    each = processes * pack
    nearest = max(1, round(recipe.batch_size / each)) * each
    packs = f" in packs of {pack}" if pack > 1 else ""
    require(
        recipe.batch_size % each == 0 or recipe.procedure.name == "rounds",
        "batch_size",
        f"such that {processes} processes get equal parts of it{packs}",
        recipe.batch_size,
        f"set it to {nearest}, for it is the batch of all together, or start another number",
    )
    mixed = recipe.procedure.round_batches == "mixed"
    more = recipe.penalty.r1 or recipe.penalty.r2 or recipe.loss.class_weight
    require(
        not mixed or not (more or recipe.discriminator.classes == "auxiliary"),
        "procedure.round_batches",
        f"halves for {processes} processes and a loss with penalties or of classes: how many real "
        "images each of them has is left to chance",
        "mixed",
    )


def speed_trial(recipe: Recipe) -> tuple[Recipe, int]:
    """Return a recipe to measure the speed with, and how many times longer the real one takes.

    Pre-training is left out, for it is no part of the budget; of a round's epochs only as many
    are kept as show their ratio.
    """
    procedure = replace(recipe.procedure, pretraining_steps=0)
    longer = 1
    if procedure.name == "rounds":
        longer = math.gcd(procedure.discriminator_epochs, procedure.generator_epochs)
        procedure = replace(
            procedure,
            discriminator_epochs=procedure.discriminator_epochs // longer,
            generator_epochs=procedure.generator_epochs // longer,
        )
    return replace(recipe, procedure=procedure), longer


def budget_to_images(budget: Budget, procedure: Procedure, num_train: int) -> int:
    """Return the images of a whole run, rounded up to whole iterations.

    `minutes` must have been turned into images before. Raises UsageError for more than MAX_IMAGES.
    """
    each = procedure.images_per_iteration
    amount = {
        "images": budget.amount,
        "epochs": budget.amount * num_train,
        "steps": budget.amount * each,
    }[budget.unit]
    rule = f"such that the run has at most {MAX_IMAGES:,} images"
    require(amount <= MAX_IMAGES, "budget.amount", rule, budget.amount)
    return max(1, math.ceil(amount / each)) * each


def disk_bytes(
    recipe: Recipe, *, generator: int, discriminator: int, num_images: int, checkpoints: int
) -> int:
    """Return about how many bytes a run writes at most, from its networks' parameters.

    A checkpoint holds G, its average, D, and up to two running means of each weight for every
    optimiser that moves it; a model holds G and D, once as `model/` and once as `best/`, and each
    is whole before it takes the place of the last. `num_images` are still to be drawn,
    `checkpoints` are kept at a time.
    """
    movers = (2 if recipe.optimizer.discriminator_states == "two" else 1) + (
        not recipe.procedure.frozen
    )
    checkpoint = 4 * (4 * generator + (1 + 2 * movers) * discriminator) + _NAMES_BYTES
    model = 4 * (generator + discriminator) + _NAMES_BYTES
    pictures = num_images // recipe.log.samples_every_images + 3
    lines = num_images // recipe.log.every_images + 1
    return (
        (checkpoints + 1) * checkpoint
        + 3 * model
        + pictures * _PICTURE_BYTES
        + 4 * lines * _LINE_BYTES  # a probe's, the discriminator's and the log's beside its own
    )
