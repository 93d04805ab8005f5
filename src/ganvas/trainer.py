"""The conductor: data -> procedure -> step -> files and events. Tiny state of its own.

Every upkeep (log line, picture, checkpoint) falls on a boundary counted in images, never in
seconds, so that two runs of one seed do the same things at the same places.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from ganvas.assembly import make_step
from ganvas.checkpoint import save_checkpoint
from ganvas.data.images import DataSet
from ganvas.device import Machine
from ganvas.errors import DivergedError
from ganvas.events import Noted, Sampled, Ticked, Watcher
from ganvas.feed import Feed, class_frequencies
from ganvas.grid import COLUMNS, MOST_ROWS
from ganvas.latent import latents
from ganvas.losses import LOSSES
from ganvas.model import Generator, ModelConfig, save_model
from ganvas.nets import ImageShape
from ganvas.plan import budget_to_images
from ganvas.procedure import Cursor, make_procedure
from ganvas.recipe import Recipe
from ganvas.runlog import RunDirectory
from ganvas.schedule import learning_rate_factor
from ganvas.signals import StopRequest
from ganvas.tally import Tally

__all__ = ["Trainer"]


class Trainer:
    """Trains one resolved recipe on one data set in one run directory."""

    def __init__(
        self,
        recipe: Recipe,
        dataset: DataSet,
        directory: RunDirectory,
        machine: Machine,
        watcher: Watcher,
    ) -> None:
        self.recipe, self.dataset, self.directory = recipe, dataset, directory
        self.machine, self._watcher = machine, watcher
        self.shape = ImageShape(
            channels=dataset.channels, height=dataset.height, width=dataset.width
        )
        self.num_classes = dataset.num_classes if recipe.conditioning == "class" else 0
        loss = LOSSES[recipe.loss.name]
        self.procedure = make_procedure(recipe, pairs_real=loss.pairs_real)
        self.total_images = budget_to_images(recipe.budget, self.procedure, len(dataset.train))
        self.feed = Feed(recipe, dataset.train, num_classes=self.num_classes, device=machine.device)
        self.step = make_step(
            recipe,
            shape=self.shape,
            num_classes=self.num_classes,
            device=machine.device,
            precision=machine.precision,
        )
        self.cursor: Cursor = self.procedure.start()
        self.images = 0
        self.seconds = 0.0
        self._probes: list[tuple[int, Callable[[], None]]] = []
        self._tally = Tally()
        self._report: dict[str, float] | None = None

    def train(self, stop: StopRequest) -> str:
        """Train until the budget is spent or a stop is asked for; return finished or stopped.

        Raises DivergedError when a loss is no longer finite.
        """
        started = time.perf_counter() - self.seconds
        ticked_images, ticked_at = self.images, time.perf_counter()
        while self.images < self.total_images or self.cursor.update:
            self._one_update()
            if self.cursor.update == 0:
                self.seconds = time.perf_counter() - started
                # Upkeep: what the run leaves behind on its way.
                if self._is_due(self.recipe.log.every_images):
                    now = time.perf_counter()
                    self._tick((self.images - ticked_images) / max(now - ticked_at, 1e-9))
                    ticked_images, ticked_at = self.images, now
                if self._is_due(self.recipe.log.samples_every_images):
                    self.write_samples()
                for every, probe in self._probes:
                    if self._is_due(every):
                        self._refuse_broken_weights()
                        probe()
                if self._is_due(self.recipe.checkpoint.every_images):
                    self.save_checkpoint()
            if stop.received is not None and self.step.is_whole:
                break
        self.seconds = time.perf_counter() - started
        return "finished" if self.is_spent else "stopped"

    @property
    def is_spent(self) -> bool:
        """Whether the whole budget was trained, to the end of its last iteration."""
        return self.images >= self.total_images and self.cursor.update == 0

    def watch(self, watcher: Watcher) -> None:
        """Send the events from now on to `watcher`."""
        self._watcher = watcher

    def probe_every(self, images: int, probe: Callable[[], None]) -> None:
        """Call `probe` every `images`, and at the end of a run that is not shorter.

        Probes that fall on one place are called in the order in which they were given. They may
        look at everything and must change nothing.
        """
        if images <= self.total_images:
            self._probes.append((images, probe))

    def iterate(self, num_images: int) -> int:
        """Train on at least `num_images` more images in whole iterations, without any upkeep.

        Returns how many it were. For measuring: such a trainer's run is thrown away.
        """
        first = self.images
        while self.images < first + num_images or self.cursor.update:
            self._one_update()
        return self.images - first

    def measure_speed(self, num_images: int) -> float:
        """Return images per second over about `num_images`, after one warm-up iteration."""
        self.iterate(1)
        self._tally.take()  # waits for a GPU's work before the clock starts, and again after
        started = time.perf_counter()
        images = self.iterate(num_images)
        self._tally.take()
        return images / (time.perf_counter() - started)

    def write_samples(self) -> None:
        """Write the fixed latents' pictures, one row for each class, by the average of G."""
        self._refuse_broken_weights()
        images, rows = self._fixed_samples()
        name = f"samples/{self.images:09d}.png"
        path, grid = self.directory.write_grid(name, images, COLUMNS)
        self.directory.write_grid("samples.png", images, COLUMNS)
        self._watcher(Sampled(images=self.images, path=path, grid=grid, rows=rows, columns=COLUMNS))

    def save_checkpoint(self) -> None:
        """Save everything that training has changed; refused when the weights are not finite."""
        self._refuse_broken_weights()
        path = save_checkpoint(
            self.directory.checkpoints,
            self.images,
            self.state_dict(),
            keep=self.recipe.checkpoint.keep,
        )
        self._watcher(Noted(text=f"saved {path}"))

    def save_model(self, command: str, card: str, folder: Path | None = None) -> None:
        """Write the average of G, and D, as a model that others can load."""
        self._refuse_broken_weights()
        save_model(
            folder or self.directory.model,
            self.model_config(command),
            generator=self.step.average.average,
            discriminator=self.step.discriminator,
            card=card,
        )

    def model_config(self, command: str = "") -> ModelConfig:
        """Return what the model's config.json says, without its digests."""
        recipe, dataset = self.recipe, self.dataset
        names = dataset.class_names if self.num_classes else ()
        return ModelConfig(
            image=self.shape,
            latent=recipe.latent,
            generator=recipe.generator,
            discriminator=recipe.discriminator,
            loss=recipe.loss.name,
            class_names=names,
            class_frequencies=class_frequencies(dataset.train, self.num_classes),
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
            "report": self._report,
            "tally": self._tally.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to what `state_dict` gave."""
        self.step.load_state_dict(state["step"])
        cursor = state["cursor"]
        self.cursor = Cursor(**{**cursor, "memory": tuple(cursor["memory"])})
        self.images, self.seconds = int(state["images"]), float(state["seconds"])
        self._report = state["report"]
        self._tally.load_state_dict(state["tally"])

    def _one_update(self) -> None:
        if self.cursor.update == 0:
            factor = learning_rate_factor(self.recipe.schedule, self.images, self.total_images)
            self.step.set_learning_rate_factor(factor)
        update, self.cursor = self.procedure.next(self.cursor, self._report)
        report = self.step.carry_out(update, self.feed.fetch(update))
        self.images += update.images
        self._tally.add(report)
        if self.procedure.reads_reports:
            self._report = {name: float(value) for name, value in report.items()}
        if update.ends_iteration:
            new = self.procedure.images_per_iteration
            self.step.end_iteration(images=self.images, new_images=new)

    def _is_due(self, every: int) -> bool:
        """Whether this iteration passed a multiple of `every` images, or was the run's last."""
        before = self.images - self.procedure.images_per_iteration
        return self.images // every > before // every or self.images >= self.total_images

    def _tick(self, speed: float) -> None:
        values = self._tally.take()
        broken = [name for name, value in values.items() if not math.isfinite(value)]
        if broken:
            raise DivergedError(self.diverged(broken[0]))
        rounded = {name: float(f"{value:.6g}") for name, value in values.items()}
        self.directory.append_metrics(
            {
                "images": self.images,
                "seconds": round(self.seconds, 3),
                "images_per_second": round(speed, 1),
                "learning_rate_factor": learning_rate_factor(
                    self.recipe.schedule, self.images, self.total_images
                ),
                **rounded,
            }
        )
        self._watcher(
            Ticked(
                images=self.images,
                total_images=self.total_images,
                seconds=self.seconds,
                images_per_second=speed,
                values=rounded,
            )
        )

    def _fixed_samples(self) -> tuple[Any, int]:
        """Return the grid's images uint8 (N, C, H, W), and its number of rows."""
        classes = self.num_classes
        rows = min(classes, MOST_ROWS) if classes else COLUMNS
        noise, _ = latents(
            self.recipe.latent,
            (),
            seed=self.recipe.seed,
            name="grid",
            draw=0,
            count=rows * COLUMNS,
        )
        labels = torch.arange(rows).repeat_interleave(COLUMNS) if classes else None
        return self.generator().images_from(noise, labels), rows

    def _refuse_broken_weights(self) -> None:
        networks = (self.step.generator, self.step.discriminator, self.step.average.average)
        for network in networks:
            for name, tensor in network.state_dict().items():
                if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                    raise DivergedError(self.diverged(name))

    def diverged(self, name: str) -> str:
        """Return the words for a run in which `name` is no longer finite."""
        return (
            f"training diverged: {name} is not finite at {self.images:,} images; "
            "lower the learning rates or take another --seed"
        )
