"""What a recipe and its data say before the first update."""

from collections.abc import Iterator
from typing import Any

from ganvas.doctor.checks.data import count_signs
from ganvas.doctor.history import Facts
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit
from ganvas.recipe import OptimizerSettings, Recipe

__all__ = ["setting_signs"]


def setting_signs(facts: Facts) -> Iterator[Sign]:
    """Yield the signs in the recipe, then those in its data's counts."""
    recipe = facts.recipe
    players = _players(recipe)
    usual = {} if facts.published is None else _players(facts.published)
    for player, settings in players.items():
        yield from _rates(player, settings, usual.get(player))
        yield from _pulls(player, settings)
    rates = [settings.learning_rate for settings in players.values()]
    if min(rates) > 0 and max(rates) > limit("rates_apart") * min(rates):
        evidence = {"generator": rates[0], "discriminator": rates[1]}
        yield Sign(name="learning_rates_apart", severity="warning", evidence=evidence)
    penalty = recipe.penalty
    weights = {"r1": penalty.r1, "r2": penalty.r2, "gradient_penalty": penalty.gradient_penalty}
    if max(weights.values()) > limit("penalty"):
        yield Sign(name="penalty_too_strong", severity="warning", evidence=weights)
    bounded = max(weights.values()) or recipe.discriminator.spectral_norm
    if recipe.loss.name == "wasserstein" and not bounded:
        yield Sign(name="critic_unbounded", severity="warning", evidence=weights)
    beta1 = recipe.optimizer.discriminator.beta1
    if max(weights.values()) and beta1 > limit("momentum_penalised"):
        evidence = {"beta1": beta1}
        yield Sign(name="momentum_with_penalty", severity="warning", evidence=evidence)
    yield from _course(facts)
    yield from _sizes(facts)
    yield from _layers(recipe)
    yield from count_signs(facts.num_train, facts.class_counts or {})


def _players(recipe: Recipe) -> dict[str, OptimizerSettings]:
    optimizer = recipe.optimizer
    return {"generator": optimizer.generator, "discriminator": optimizer.discriminator}


def _rates(
    player: str, settings: OptimizerSettings, usual: OptimizerSettings | None
) -> Iterator[Sign]:
    rate = settings.learning_rate
    evidence = {"network": player, "learning_rate": rate}
    highest = limit("rate_high_sgd" if settings.name == "sgd" else "rate_high")
    if usual is not None and usual.name == settings.name:
        highest = min(highest, limit("rate_times") * usual.learning_rate)
    if rate == 0:
        yield Sign(name="frozen_network", severity="error", evidence=evidence)
    elif rate > highest:
        yield Sign(name="learning_rate_high", severity="warning", evidence=evidence)
    elif settings.name != "sgd" and rate < limit("rate_low"):
        yield Sign(name="learning_rate_low", severity="warning", evidence=evidence)
    if settings.beta1 > limit("momentum"):
        evidence = {"network": player, "beta1": settings.beta1}
        yield Sign(name="momentum_too_high", severity="warning", evidence=evidence)
    for clip in (settings.clip_norm, settings.clip_value):
        if 0 < clip < limit("clip"):
            evidence = {"network": player, "clip": clip}
            yield Sign(name="gradients_clipped", severity="warning", evidence=evidence)
            break


def _pulls(player: str, settings: OptimizerSettings) -> Iterator[Sign]:
    """Yield weight_decay_too_strong: it acts beside the gradient of AdamW and SGD, or within it."""
    decay, rate = settings.weight_decay, settings.learning_rate
    within = settings.name in ("adam", "rmsprop")
    too_strong = (
        decay > limit("decay_of_gradient") if within else decay * rate > limit("decay_of_update")
    )
    if too_strong:
        evidence = {"network": player, "weight_decay": decay, "learning_rate": rate}
        yield Sign(name="weight_decay_too_strong", severity="warning", evidence=evidence)


def _course(facts: Facts) -> Iterator[Sign]:
    """Yield learning_rate_low, updates_apart, lessons_too_noisy, ema_lags."""
    recipe = facts.recipe
    procedure, noise, ema = recipe.procedure, recipe.instance_noise, recipe.ema
    warmup = recipe.schedule.warmup_images
    usual = 0 if facts.published is None else facts.published.schedule.warmup_images
    # As the recipe has it, it is only a short run.
    if warmup > max(usual, limit("warmup_long") * facts.total_images):
        slow = {"warmup_images": warmup, "images": facts.total_images}
        yield Sign(name="learning_rate_low", severity="warning", evidence=slow)
    steps = procedure.discriminator_steps, procedure.generator_steps
    if max(steps) > limit("updates_apart") * min(steps):
        evidence: dict[str, Any] = {"discriminator_steps": steps[0], "generator_steps": steps[1]}
        yield Sign(name="updates_apart", severity="warning", evidence=evidence)
    if noise.deviation > limit("instance_noise") or recipe.targets.flip > limit("flipped"):
        evidence = {"instance_noise": noise.deviation, "flipped": recipe.targets.flip}
        yield Sign(name="lessons_too_noisy", severity="warning", evidence=evidence)
    longest = min(ema.half_life_images, ema.ramp_up * facts.total_images)
    if longest > limit("average_long") * facts.total_images:
        evidence = {"half_life_images": longest, "images": facts.total_images}
        yield Sign(name="ema_lags", severity="warning", evidence=evidence)


def _sizes(facts: Facts) -> Iterator[Sign]:
    recipe = facts.recipe
    if recipe.batch_size < limit("batch"):
        evidence: dict[str, float] = {"batch_size": recipe.batch_size}
        yield Sign(name="batch_too_small", severity="warning", evidence=evidence)
    points = recipe.generator.architecture.startswith("points")
    if recipe.latent.size < (2 if points else limit("latent")):
        evidence = {"latent_size": recipe.latent.size}
        yield Sign(name="latent_too_small", severity="warning", evidence=evidence)
    g, d = recipe.generator.width, recipe.discriminator.width
    if max(g, d) > limit("width_share") * min(g, d) or min(g, d) < limit("width_least"):
        evidence = {"generator_width": g, "discriminator_width": d}
        yield Sign(name="networks_unequal", severity="warning", evidence=evidence)


def _layers(recipe: Recipe) -> Iterator[Sign]:
    for name, network in (("generator", recipe.generator), ("discriminator", recipe.discriminator)):
        if network.dropout >= limit("dropout"):
            strong = {"network": name, "dropout": network.dropout}
            yield Sign(name="dropout_too_strong", severity="warning", evidence=strong)
        order = network.order.split("_")
        if network.dropout and order.index("dropout") < order.index("norm"):
            found: dict[str, Any] = {
                "network": name,
                "order": network.order,
                "dropout": network.dropout,
            }
            yield Sign(name="layer_order", severity="warning", evidence=found)
    if recipe.generator.dropout and recipe.procedure.fakes_from == "evaluation":
        found = {"dropout": recipe.generator.dropout, "fakes_from": "evaluation"}
        yield Sign(name="dropout_in_evaluation", severity="note", evidence=found)
