"""Quality of a run: looked at on its way, which keeps the best model, and measured at its end."""

import math
from collections.abc import Callable
from typing import Any

from ganvas.card import model_card
from ganvas.data.points import PointSet
from ganvas.errors import DivergedError
from ganvas.evaluation import evaluate_generator, evaluate_points, sample_points
from ganvas.evaluation.discriminator import Validation, plan_validation
from ganvas.evaluation.points import look_at_points
from ganvas.evaluation.probe import Probe, costs_of, fitting_samples, plan_probe
from ganvas.evaluation.stacks import STACK_METRICS, holds_stacks
from ganvas.evaluation.verdicts import Verdicts
from ganvas.events import Noted, Probed, Validated, Watcher
from ganvas.judge import judge_for
from ganvas.judge.card import user_folders
from ganvas.trainer import Trainer

__all__ = ["FINAL_METRICS", "measure_end"]
__all__ += ["watch_discriminator", "watch_quality", "watch_verdicts"]

FINAL_METRICS = ("fd", "coverage", "label_accuracy")
"""What is measured at the end of a run; `ganvas eval` has the rest."""

_MEASURED_ALIKE = ("judge", "samples", "split", "seed")


def watch_quality(trainer: Trainer, tell: Watcher, command: str) -> None:
    """Have `trainer` probe its generator on a schedule, and keep the best model in `best/`.

    The best is the one nearest to the held-out images, the earliest of equals; nothing else is
    chosen by. A best that was measured otherwise (a judge trained since) is not compared with.
    Of points, which have no judge, modes are counted, and no model is chosen.

    Raises DataError for a damaged judge or best.json.
    """
    recipe, dataset = trainer.recipe, trainer.dataset
    settings = recipe.evaluation
    if not settings.probe_samples:
        return
    if isinstance(dataset, PointSet):
        _watch_points(trainer, dataset, tell)
        return
    judge = judge_for(dataset, folders=user_folders())
    if not Probe.can_be(dataset, judge):
        tell(
            Noted(
                text="quality is not looked at on the way: that takes more training and held-out "
                f"images than the judge's {judge.num_features} features, and there are "
                f"{len(dataset.train):,} and {len(dataset.held_out):,}"
            )
        )
        return
    every, samples = plan_probe(
        costs_of(recipe, dataset, judge),
        every_images=settings.probe_every_images,
        at_most=settings.probe_samples,
    )
    probe: Callable[..., dict[str, Any]] | None = None
    best = _Best(trainer, tell, command)

    def look() -> None:
        nonlocal probe
        if probe is None:  # a run too short for a probe does not wait for the real images' features
            probe = Probe(dataset, judge, samples=samples, seed=recipe.seed)
        figures = probe(trainer.generator())
        trainer.append_metrics(
            {"images": trainer.images, "seconds": round(trainer.seconds, 3), "probe": figures}
        )
        is_best = best.consider(figures)
        tell(Probed(images=trainer.images, figures=figures, is_best=is_best))

    trainer.probe_every(every, look)


class _Best:
    """The model of a run that came nearest to the held-out images, kept in `best/`."""

    def __init__(self, trainer: Trainer, tell: Watcher, command: str) -> None:
        self._trainer, self._tell, self._command = trainer, tell, command
        self._figures = trainer.directory.read_best()

    def consider(self, figures: dict[str, Any]) -> bool:
        """Keep the model as it stands where its figures are the best; return whether it is kept."""
        best, images = self._figures, self._trainer.images
        if best is not None and any(best.get(name) != figures[name] for name in _MEASURED_ALIKE):
            self._tell(
                Noted(text="the best model so far was measured otherwise; the choice begins anew")
            )
            best = self._figures = None
        # A resumed run comes by its best place again, and writes again what a kill cut off there.
        again = best is not None and best["images"] == images
        if best is None or again or figures["fd"] < best["fd"]:
            self._keep({"images": images, **figures})
        return self._figures is not None and self._figures["images"] == images

    def _keep(self, figures: dict[str, Any]) -> None:
        trainer, directory = self._trainer, self._trainer.directory
        card = model_card(
            trainer.model_config(self._command),
            licence=trainer.dataset.licence,
            quality=_spoken(figures),
        )
        with trainer.patience():  # on a full disk the model before stays the best there is
            trainer.save_model(self._command, card, directory.best)
            directory.write_best(figures)
            self._figures = figures
            trainer.keep_as_best()


def _watch_points(trainer: Trainer, dataset: PointSet, tell: Watcher) -> None:
    """Have `trainer` count its modes on a schedule: a line with `modes` in metrics.jsonl."""
    settings = trainer.recipe.evaluation

    def look() -> None:
        figures = look_at_points(
            trainer.generator(),
            dataset,
            samples=settings.probe_samples,
            seed=trainer.recipe.seed,
        )
        trainer.append_metrics(
            {"images": trainer.images, "seconds": round(trainer.seconds, 3), "modes": figures}
        )
        tell(Probed(images=trainer.images, figures=figures, is_best=False))

    trainer.probe_every(settings.probe_every_images, look)


def watch_discriminator(trainer: Trainer, tell: Watcher) -> tuple[Validation, int] | None:
    """Have `trainer` ask D about training, held-out and fake images on a schedule.

    Returns what asks, and how many images lie between two looks; None where the recipe wants none.
    """
    recipe, dataset = trainer.recipe, trainer.dataset
    settings = recipe.evaluation
    if not settings.validation_images:
        return None
    pack = recipe.discriminator.pack
    if len(dataset.held_out) < pack:
        few = f"fewer images are held out than the discriminator sees at once ({pack})"
        why = "no images are held out" if pack == 1 else few
        tell(
            Noted(
                text=f"{why}: whether the discriminator overfits cannot be seen, "
                "only what it makes of training images and fakes"
            )
        )
    every, count = plan_validation(
        recipe,
        dataset,
        every_images=settings.validation_every_images,
        at_most=settings.validation_images,
    )
    validation = Validation(recipe, dataset, count=count, clusters=trainer.clusters)

    def look() -> None:
        networks = {
            "generator": trainer.step.generator,
            "discriminator": trainer.step.discriminator,
        }
        figures = validation(trainer.images, **networks)
        broken = [n for n, v in figures.items() if isinstance(v, float) and not math.isfinite(v)]
        if broken:
            raise DivergedError(trainer.diverged(broken[0]))
        rounded = {n: float(f"{v:.6g}") if isinstance(v, float) else v for n, v in figures.items()}
        trainer.append_metrics(
            {"images": trainer.images, "seconds": round(trainer.seconds, 3), "validation": rounded}
        )
        said = validation.ask(trainer.images, **networks)  # at no cost: it was asked just now
        logits = {"train": said.train, "held_out": said.held_out, "fake": said.fake}
        tell(
            Validated(
                images=trainer.images,
                figures=rounded,
                logits={name: side.numpy() for name, side in logits.items() if side is not None},
            )
        )

    trainer.probe_every(every, look)
    return validation, every


def watch_verdicts(trainer: Trainer) -> None:
    """Have `trainer` write beside each picture of samples what D says of the images in it.

    They are for whoever looks at the pictures: that costs D's passes of the images shown, a few
    thousandths of the training between two pictures.
    """
    recipe, dataset = trainer.recipe, trainer.dataset
    if isinstance(dataset, PointSet) or not Verdicts.can_be(recipe):
        return
    verdicts = Verdicts(recipe, dataset, clusters=trainer.clusters, asked=trainer.showcase.labels)

    def look() -> None:
        samples, *_ = trainer.fixed_samples()
        said = verdicts(samples, trainer.step.discriminator)
        if all(map(math.isfinite, said["real"] + said["fake"])):
            with trainer.patience():
                trainer.directory.write_verdicts(trainer.images, said)

    trainer.probe_every(recipe.log.samples_every_images, look)


def measure_end(trainer: Trainer, tell: Watcher) -> dict[str, Any] | None:
    """Return the figures at the end of a run; None, and the reason told, where there are none."""
    recipe, dataset = trainer.recipe, trainer.dataset
    if not recipe.evaluation.samples:
        return None
    if isinstance(dataset, PointSet):
        samples = recipe.evaluation.samples
        tell(Noted(text=f"counting the modes of {samples:,} samples"))
        points = sample_points(trainer.generator(), dataset, samples=samples, seed=recipe.seed)
        return evaluate_points(points, dataset, seed=recipe.seed)
    judge = judge_for(dataset, folders=user_folders())
    samples = fitting_samples(
        costs_of(recipe, dataset, judge), images=trainer.images, at_most=recipe.evaluation.samples
    )
    tell(Noted(text=f"measuring the generator on {samples:,} samples"))
    evaluation = evaluate_generator(
        trainer.generator(),
        dataset,
        samples=samples,
        seed=recipe.seed,
        judge=judge,
        metrics=(*FINAL_METRICS, *STACK_METRICS) if holds_stacks(dataset) else FINAL_METRICS,
        strict=False,
    )
    if evaluation["metrics"]:
        return evaluation
    for reason in evaluation["left_out"].values():
        tell(Noted(text=f"quality was not measured: {reason}"))
        break
    return None


def _spoken(figures: dict[str, Any]) -> str:
    return (
        f"Fréchet distance {figures['fd']:.4f} from {figures['samples']:,} samples to the held-out "
        f"images ({figures['real_fd']:.4f} for as many training images), judge "
        f"{figures['judge'][7:15]}, seed {figures['seed']}."
    )
