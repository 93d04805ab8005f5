"""One setting changed at a time, beside the recipe as it is, looked at after the same steps.

    DIR/one-at-a-time.json   what every run is asked for
    DIR/00-base/, DIR/01-batch_size-32/ ...   a run directory for each variant

The old advice: observe at 500 or 1,000 steps before training for 2,000 and more.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ganvas.errors import GanvasError, UsageError
from ganvas.files import cannot_write
from ganvas.lock import RunLock
from ganvas.losses import LOSSES
from ganvas.procedure import make_procedure
from ganvas.recipe import Recipe
from ganvas.runlog import RunDirectory
from ganvas.scale.children import Runner, in_parallel
from ganvas.scale.outcome import Outcome
from ganvas.scale.request import Request, keep_request
from ganvas.scale.space import Dimension
from ganvas.scale.trials import carry_on

__all__ = ["Look", "Variant", "looks_of", "run_variants", "variants_of"]

_LOSSES_OVER = 100  # steps at most, for one loss alone says little


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant:
    """The recipe with at most one setting changed; `label` is `base` or `batch_size=32`."""

    label: str
    folder: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A run after some steps: its samples' picture, losses, and quality; None for what is not.

    `fd` is the distance to the held-out images in multiples of as many training images'.
    """

    step: int
    images: int
    picture: Path | None
    d_loss: float | None
    g_loss: float | None
    fd: float | None


def variants_of(space: Sequence[Dimension], recipe: Recipe) -> list[Variant]:
    """Return the base, which is `recipe`, and a variant for each value that it has not itself.

    Raises UsageError for a range that cannot be listed.
    """
    variants = [Variant(label="base", folder="00-base", changes=())]
    for dimension in space:
        if not dimension.is_finite:
            raise UsageError(
                f"--one-at-a-time needs the values of {dimension.setting} listed: "
                f"{dimension.setting}=a,b,c"
            )
        for value in dimension.listed():
            if recipe.with_settings({dimension.setting: value}) == recipe:
                continue
            label = f"{dimension.setting}={value}"
            plain = re.sub(r"[^A-Za-z0-9.]+", "-", label)[-60:]
            folder = f"{len(variants):02d}-{plain}"
            changes = ((dimension.setting, str(value)),)
            variants.append(Variant(label=label, folder=folder, changes=changes))
    return variants


def run_variants(
    directory: Path,
    asked: Request,
    variants: Sequence[Variant],
    *,
    recipe: Recipe,
    steps: Sequence[int],
    seed: int,
    jobs: int,
    threads: int,
    runner: Runner,
    tell: Callable[[str], None],
) -> dict[str, Outcome]:
    """Train every variant to the last of `steps` and return what each came to, by its label.

    `recipe` is that of the base, with its settings made. A variant that fails does not stop the
    others. Raises as `ganvas.scale.trials.run_trials` does.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(directory, error) from None
    outcomes: dict[str, Outcome] = {}
    with RunLock(directory):
        record = directory / "one-at-a-time.json"
        if not record.exists():
            asked = replace(asked, threads=asked.threads or threads)
        kept = keep_request(record, asked)

        def work(variant: Variant) -> None:
            settings = [f"{name}={value}" for name, value in variant.changes]
            settings += _upkeep(recipe.with_settings(dict(variant.changes)), steps)
            train = kept.train(out=directory, name=variant.folder, seed=seed, settings=settings)
            outcomes[variant.label] = outcome = carry_on(
                directory / variant.folder, train, request=kept, seed=seed, runner=runner
            )
            why = f": {outcome.reason}" if outcome.reason else ""
            tell(f"{len(outcomes)} of {len(variants)}: {variant.label} {outcome.status}{why}")

        in_parallel(work, variants, jobs=jobs, runner=runner)
    return {variant.label: outcomes[variant.label] for variant in variants}


def looks_of(run: Path, recipe: Recipe, steps: Sequence[int]) -> list[Look]:
    """Return what a run was after each of `steps`; of a run that did not come so far, nothing.

    `recipe` is that of the variant.
    """
    each = images_a_step(recipe)
    files = RunDirectory(run)
    try:
        lines = files.read_metrics("images_per_second", dict)
        probes = files.read_metrics("probe", dict)
    except GanvasError:
        lines, probes = [], []
    return [_look(run, step, step * each, lines, probes) for step in steps]


def images_a_step(recipe: Recipe) -> int:
    """Return the real images that one step of a recipe draws: a turn of both networks."""
    procedure = make_procedure(recipe, pairs_real=LOSSES[recipe.loss.name].pairs_real)
    return procedure.images_per_iteration


def _look(
    run: Path,
    step: int,
    images: int,
    lines: Sequence[dict[str, Any]],
    probes: Sequence[dict[str, Any]],
) -> Look:
    picture = run / "samples" / f"{images:09d}.png"
    line: dict[str, Any] = next((found for found in lines if found["images"] == images), {})
    probe: dict[str, Any] = next(
        (
            found["probe"]
            for found in probes
            if found["images"] == images and "fd" in found["probe"]
        ),
        {},
    )
    return Look(
        step=step,
        images=images,
        picture=picture if picture.is_file() else None,
        d_loss=line.get("d_loss"),
        g_loss=line.get("g_loss"),
        fd=float(probe["fd"]) / float(probe["real_fd"]) if probe.get("real_fd") else None,
    )


def _upkeep(recipe: Recipe, steps: Sequence[int]) -> list[str]:
    """Return the settings that end a run at the last step, and write samples and losses at each."""
    each, common = images_a_step(recipe), math.gcd(*steps)
    return [
        "budget.unit=steps",
        f"budget.amount={max(steps)}",
        f"log.samples_every_images={common * each}",
        f"log.every_images={math.gcd(common, _LOSSES_OVER) * each}",
        f"evaluation.probe_every_images={common * each}",
    ]
