"""A training: what it has learned and how it goes one update further. Writes nothing.

Data to procedure to step. When to look, save and stop is the trainer's affair.
"""

from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any, Literal

import numpy as np

from ganvas.assembly import make_step
from ganvas.clusters import Clusters
from ganvas.conditions import class_frequencies, clusters_of, conditioned, num_conditions
from ganvas.data.images import Images
from ganvas.data.points import AnySet, Points, PointSet
from ganvas.device import Machine
from ganvas.errors import DivergedError, NotFiniteError
from ganvas.feed import Feed, shape_of
from ganvas.group import Group
from ganvas.losses import LOSSES
from ganvas.model import Generator, ModelConfig
from ganvas.plan import budget_to_images
from ganvas.procedure import Cursor, Update, make_procedure, share_of
from ganvas.recipe import Recipe
from ganvas.schedule import learning_rate_factor
from ganvas.showcase import Showcase
from ganvas.soundness import fingerprint, first_broken
from ganvas.step import Report, restart, revise
from ganvas.tally import Tally

__all__ = ["ROLL_BACK_FACTOR", "Training"]

ROLL_BACK_FACTOR = 0.5
"""By how much a roll back lowers every learning rate."""


class Training:
    """The state of training one resolved recipe on one data set, and its next update.

    `images` were drawn so far, of `total_images`, in `seconds`; `roll_backs` says how often it
    went back to a checkpoint because it diverged. `changes` are settings of the recipe that
    remedies changed on the way, `remedies` what was given (`ganvas.doctor.treatment`); `ends_at`
    is where one of them ends the run, earlier than planned.
    """

    def __init__(
        self, recipe: Recipe, dataset: AnySet, machine: Machine, group: Group | None = None
    ) -> None:
        self.recipe, self.dataset, self.machine = recipe, dataset, machine
        self.group = group or Group()
        self.shape = shape_of(dataset)
        self.num_classes = num_conditions(recipe, dataset)
        loss = LOSSES[recipe.loss.name]
        self.procedure = make_procedure(recipe, pairs_real=loss.pairs_real)
        self.total_images = budget_to_images(recipe.budget, self.procedure, len(dataset.train))
        self.step = make_step(
            recipe,
            shape=self.shape,
            num_classes=self.num_classes,
            device=machine.device,
            precision=machine.precision,
            group=self.group,
        )
        self.cursor: Cursor = self.procedure.start()
        self.images = 0
        self.seconds = 0.0
        self.roll_backs = 0
        self.changes: dict[str, Any] = {}
        self.remedies: list[dict[str, Any]] = []
        self.ends_at: int | None = None
        self.tally = Tally()
        self._report: dict[str, float] | None = None
        self._clusters: Clusters | None = None

    @property
    def clusters(self) -> Clusters | None:
        """The clusters that the run is conditioned on; fitted on its training images if need be.

        That is once in a run's life: a checkpoint holds them, and so does a model, whose clusters
        a run takes that begins from its networks. None where the run has no clusters.
        """
        if self._clusters is None:
            self._clusters = clusters_of(self.recipe, self.dataset)
        return self._clusters

    @clusters.setter
    def clusters(self, clusters: Clusters | None) -> None:
        assert "feed" not in self.__dict__, "images were drawn already, by other clusters"
        self._clusters = clusters

    @cached_property
    def train_images(self) -> Images | Points:
        """The training images (or points), labelled with their classes or clusters."""
        return conditioned(self.dataset.train, self.clusters)

    @cached_property
    def feed(self) -> Feed:
        """What fetches the rows of an update; made at the first one."""
        return Feed(
            self.recipe,
            self.train_images,
            num_classes=self.num_classes,
            device=self.machine.device,
        )

    @property
    def end_images(self) -> int:
        """The images at which training ends: the budget's, or those of a remedy that ends it."""
        return self.total_images if self.ends_at is None else min(self.ends_at, self.total_images)

    @property
    def is_spent(self) -> bool:
        """Whether training came to its end, the last iteration's too."""
        return self.images >= self.end_images and self.cursor.update == 0

    def advance(self) -> None:
        """Make the next update."""
        # Also while nothing is drawn: then D pre-trains, or the run proper begins after that.
        begins = self.cursor.update == 0 or self.images == 0
        self.step.set_progress(self.images / self.total_images)
        update, self.cursor = self.procedure.next(self.cursor, self._report)
        if begins:
            self.step.set_learning_rate_factor(
                self._base_factor if update.pretrains else self.learning_rate_factor()
            )
        report = self._carry_out(update)
        self.images += update.images
        self.tally.add(report)
        if self.procedure.reads_reports:
            self._report = {name: float(value) for name, value in report.items()}
        if update.ends_iteration:
            new = self.procedure.images_per_iteration
            self.step.end_iteration(images=self.images, new_images=new)

    def _carry_out(self, update: Update) -> Report:
        """Have the step make an update, or this process' share of it."""
        group = self.group
        if group.size == 1:
            return self.step.carry_out(update, self.feed.fetch(update))
        pack = self.recipe.discriminator.pack
        mine, share = share_of(update, rank=group.rank, size=group.size, pack=pack)
        return self.step.carry_out(mine, self.feed.fetch(mine), share)

    def revise(self, changes: Mapping[str, Any]) -> None:
        """Go on with these settings of the recipe changed, and all others as it has them."""
        if changes != self.changes:
            self._revise(changes)

    def _revise(self, changes: Mapping[str, Any]) -> None:
        self.changes = dict(changes)
        revise(self.step, self.recipe.with_settings(self.changes))

    def go_back(self, state: Mapping[str, Any]) -> None:
        """Take networks, average and optimisers of an earlier state, and nothing else of it.

        Images, settings and the procedure's place stay: what comes next is drawn and reported as
        if they had been these all along.
        """
        changes, counts = self.changes, dict(self.step.counts)
        # Optimisers and controllers are those of the settings that were in force then.
        self._revise(state.get("changes", {}))
        self.step.load_state_dict(state["step"])
        self.step.counts = counts
        self._revise(changes)

    def restart(self, network: Literal["generator", "discriminator"], beginning: int) -> None:
        """Begin a network anew; `beginning` counts how often that was, and decides its weights."""
        fresh = make_step(
            self.recipe,
            shape=self.shape,
            num_classes=self.num_classes,
            device=self.machine.device,
            precision=self.machine.precision,
            beginning=beginning,
        )
        restart(self.step, network, fresh)

    def iterate(self, num_images: int) -> int:
        """Train on at least `num_images` more images in whole iterations, without any upkeep.

        Returns how many it were. For measuring: such a trainer's run is thrown away.
        """
        first = self.images
        while self.images < first + num_images or self.cursor.update:
            self.advance()
        return self.images - first

    def model_config(self, command: str = "") -> ModelConfig:
        """Return what the model's config.json says, without its digests."""
        recipe, dataset = self.recipe, self.dataset
        shares = class_frequencies(self.train_images, self.num_classes)
        clusters = self.clusters
        return ModelConfig(
            shape=self.shape,
            latent=recipe.latent,
            generator=recipe.generator,
            discriminator=recipe.discriminator,
            scale=dataset.scale if isinstance(dataset, PointSet) else 1.0,
            loss=recipe.loss.name,
            class_names=dataset.class_names if self.num_classes and clusters is None else (),
            class_frequencies=shares if clusters is None else (),
            cluster_frequencies=() if clusters is None else shares,
            cluster_components=0 if clusters is None else clusters.directions.shape[-1],
            cluster_parts=1 if clusters is None else clusters.num_parts,
            data=dataset.name,
            data_digest=dataset.digest,
            held_out=len(dataset.held_out),
            recipe=recipe.name,
            seed=recipe.seed,
            images=self.images,
            command=command,
        )

    def generator(self) -> Generator:
        """Return the average of G as it stands, for sampling; it shares the weights."""
        return Generator(self.model_config(), self.step.average.average)

    def state_dict(self) -> dict[str, Any]:
        """Return all that a run needs to go on from here."""
        return {
            "step": self.step.state_dict(),
            "cursor": asdict(self.cursor),
            "images": self.images,
            "seconds": self.seconds,
            "recipe": self.recipe.to_json(),
            "data_digest": self.dataset.digest,
            "roll_backs": self.roll_backs,
            "changes": dict(self.changes),
            "remedies": self.remedies,
            "ends_at": self.ends_at,
            "report": self._report,
            "tally": self.tally.state_dict(),
            "clusters": None if self.clusters is None else self.clusters.to_tensors(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to what `state_dict` gave; in this process alone, whoever leads others."""
        changes = state.get("changes", {})
        if changes != self.changes:
            self._revise(changes)
        self.remedies = [dict(remedy) for remedy in state.get("remedies", [])]
        self.ends_at = state.get("ends_at")
        self.step.load_state_dict(state["step"])
        cursor = state["cursor"]
        self.cursor = Cursor(**{**cursor, "memory": tuple(cursor["memory"])})
        self.images, self.seconds = int(state["images"]), float(state["seconds"])
        self.roll_backs = int(state["roll_backs"])
        self._report = state["report"]
        self.tally.load_state_dict(state["tally"])
        if self._clusters is None and state.get("clusters") is not None:
            self.clusters = Clusters.from_tensors(state["clusters"])

    def fixed_samples(self) -> tuple[np.ndarray, int, int]:
        """Return the picture of the fixed latents by the average of G, as `Showcase.picture`."""
        try:
            return self.showcase.picture(self.generator())
        except NotFiniteError:  # finite weights can be large enough for that
            raise DivergedError(self.diverged("a sample")) from None

    @cached_property
    def showcase(self) -> Showcase:
        """The fixed latents that the run's pictures show."""
        shares = class_frequencies(self.train_images, self.num_classes)
        return Showcase(self.recipe, self.dataset, shares)

    def compare(self) -> None:
        """Raise GanvasError unless all processes of the group learned the same, to the last bit."""
        self.group.require_same(fingerprint(self.step.state_dict()), "what was learned")

    def refuse_broken(self) -> None:
        """Raise DivergedError unless all that training has changed is finite."""
        broken = first_broken({**self.step.state_dict(), "losses": self.tally.state_dict()})
        if broken is not None:
            raise DivergedError(self.diverged(broken))

    def diverged(self, name: str) -> str:
        """Return the words for a run in which `name` is no longer finite."""
        return (
            f"training diverged: {name} is not finite at {self.images:,} images; "
            "lower the learning rates or take another --seed"
        )

    def learning_rate_factor(self) -> float:
        """Return what each base learning rate is multiplied by for the next iteration."""
        factor = learning_rate_factor(self.step.recipe.schedule, self.images, self.total_images)
        return factor * self._base_factor

    @property
    def _base_factor(self) -> float:
        return float(ROLL_BACK_FACTOR**self.roll_backs)
