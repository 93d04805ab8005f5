"""The conductor: a training's updates -> files and events. Next to no state of its own.

Every upkeep (log line, picture, checkpoint) falls on a boundary counted in images, never in
seconds, so that two runs of one seed do the same things at the same places.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

from ganvas.checkpoint import save_checkpoint
from ganvas.data.points import AnySet
from ganvas.device import Machine
from ganvas.errors import DiskFullError, DivergedError
from ganvas.events import Noted, Sampled, Ticked, Watcher
from ganvas.group import Group
from ganvas.model import save_model
from ganvas.procedure import Cursor
from ganvas.recipe import Recipe
from ganvas.runlog import RunDirectory
from ganvas.signals import StopRequest
from ganvas.step import Gauge
from ganvas.training import Training

__all__ = ["Trainer"]


class Trainer(Training):
    """A training in a run directory: it looks, saves, tells, and stops when asked.

    `found_best`: a probe has just found the model the best so far, and that is not saved yet.
    """

    def __init__(
        self,
        recipe: Recipe,
        dataset: AnySet,
        directory: RunDirectory,
        machine: Machine,
        watcher: Watcher,
        group: Group | None = None,
    ) -> None:
        super().__init__(recipe, dataset, machine, group)
        self.directory, self._watcher = directory, watcher
        self._probes: list[tuple[int, Callable[[], None]]] = []
        self._gauge_every: int | None = None
        self._acts: list[Callable[[], None]] = []
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self.found_best = False
        self._saved_at: tuple[int, Cursor] | None = None
        self._no_room = False
        self._has_news = True

    def train(self, stop: StopRequest) -> str:
        """Train until the budget is spent or a stop is asked for; return finished or stopped.

        Raises DivergedError when something is no longer finite, GanvasError when it cannot be
        written.
        """
        turns = self.recipe.procedure.pretraining_steps
        if turns and self.cursor.iteration == 0:  # else nothing is heard for minutes
            self._watcher(Noted(text=f"D learns alone first, for {turns:,} turns; no image counts"))
        self._started = time.perf_counter() - self.seconds
        self._ticked = self.images, time.perf_counter()
        self._go_on()
        while self.images < self.end_images or self.cursor.update:
            self._place_gauge()
            self.advance()
            if not self.step.is_whole:
                continue
            asked = stop.take_checkpoint_request()
            busy = asked or (self.cursor.update == 0 and self._has_upkeep())
            received, _ = self.group.largest([stop.received or 0, int(busy)])
            self.group.is_heard = bool(busy or received)
            if busy:
                self.seconds = time.perf_counter() - self._started
                if self.cursor.update == 0:
                    self._keep_up()
                if asked:
                    self.save_checkpoint()
                received = received or stop.received or 0  # the others wait for a word
            if received:  # by any process: all leave after this update
                stop.received = received
                break
            if busy:
                self._go_on()
        self.group.is_heard = True
        self.seconds = time.perf_counter() - self._started
        return "finished" if self.is_spent else "stopped"

    def _go_on(self) -> None:
        """Let the processes that follow train until they are told otherwise."""
        self.group.tell({"do": "train"})
        self.group.is_heard = False

    def _has_upkeep(self) -> bool:
        """Whether anything is to be done between this iteration and the next."""
        recipe = self.recipe
        places = [
            recipe.log.every_images,
            recipe.log.samples_every_images,
            recipe.checkpoint.every_images,
            *(every for every, _ in self._probes),
        ]
        return any(map(self._is_due, places)) or (bool(self._acts) and self._has_news)

    def _keep_up(self) -> None:
        """Do what a run leaves behind on its way, where it is due."""
        if self._is_due(self.recipe.log.every_images):
            images, at = self._ticked
            self._ticked = self.images, time.perf_counter()
            self._tick((self.images - images) / max(self._ticked[1] - at, 1e-9))
        if self._is_due(self.recipe.log.samples_every_images):
            self.write_samples()
        for every, probe in self._probes:
            if self._is_due(every):
                self.refuse_broken()
                probe()
        for act in self._acts:
            act()
        self._has_news = False
        if self.found_best or self._is_due(self.recipe.checkpoint.every_images):
            self.save_checkpoint()

    def revise(self, changes: Mapping[str, Any]) -> None:
        """Change settings as `Training.revise` does, in all processes."""
        if changes != self.changes:
            self.group.tell({"do": "revise", "changes": dict(changes)})
        super().revise(changes)

    def restart(self, network: Literal["generator", "discriminator"], beginning: int) -> None:
        """Begin a network anew as `Training.restart` does, in all processes."""
        self.group.tell({"do": "restart", "network": network, "beginning": beginning})
        super().restart(network, beginning)

    def go_back(self, state: Mapping[str, Any]) -> None:
        """Take an earlier state's networks as `Training.go_back` does, in all processes."""
        super().go_back(state)
        self.share_state()

    def end_soon(self) -> None:
        """End the run, in all processes, after one more iteration, as any run ends."""
        self.ends_at = self.images + 1
        self.share_state()

    def share_state(self) -> None:
        """Give all processes the state of training as it is here."""
        if self.group.size > 1:
            self.group.tell({"do": "load"})
            self.group.tell_state(self.state_dict())

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

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Give `listener` every line of metrics.jsonl from now on."""
        self._listeners.append(listener)

    def at_boundary(self, act: Callable[[], None]) -> None:
        """Call `act` between any two iterations, after the probes: it may change the training."""
        self._acts.append(act)

    def gauge_every(self, images: int) -> None:
        """Measure the updates right before every `images`: `step.gauge` is there for the probes."""
        self._gauge_every = images

    def _place_gauge(self) -> None:
        if self._gauge_every is None or self.cursor.update:
            return
        after = self.images + self.procedure.images_per_iteration
        is_due = after // self._gauge_every > self.images // self._gauge_every
        self.step.gauge = Gauge() if is_due or after >= self.end_images else None

    def write_samples(self) -> None:
        """Write the fixed latents' pictures, one row for each class, by the average of G."""
        self.refuse_broken()
        images, rows, columns = self.fixed_samples()
        name = f"samples/{self.images:09d}.png"
        with self.patience():
            path, grid = self.directory.write_grid(name, images, columns)
            self.directory.write_grid("samples.png", images, columns)
            self._watcher(
                Sampled(images=self.images, path=path, grid=grid, rows=rows, columns=columns)
            )

    def keep_as_best(self) -> None:
        """Let a probe say that the model is the best so far: a checkpoint of it is kept."""
        self.found_best = True

    def save_checkpoint(self, *, patient: bool = True) -> None:
        """Save everything that training has changed, once; refused when it is not finite.

        Without patience a full disk is an error whatever the recipe says.
        """
        if self._saved_at == (self.images, self.cursor) and not self.found_best:
            return
        is_best, self.found_best = self.found_best, False
        self.refuse_broken()
        if self.group.size > 1:
            self.group.tell({"do": "compare"})
            self.compare()
        with self.patience() if patient else nullcontext():
            path = save_checkpoint(
                self.directory.checkpoints,
                self.images,
                {**self.state_dict(), "metrics_length": self.directory.metrics_length()},
                keep=self.recipe.checkpoint.keep,
                is_best=is_best,
            )
            self._saved_at = (self.images, self.cursor)
            self._no_room = False
            self._watcher(Noted(text=f"saved {path}"))

    def save_model(self, command: str, card: str, folder: Path | None = None) -> None:
        """Write the average of G, and D, as a model that others can load."""
        self.refuse_broken()
        save_model(
            folder or self.directory.model,
            self.model_config(command),
            generator=self.step.average.average,
            discriminator=self.step.discriminator,
            card=card,
            clusters=self.clusters,
        )

    @contextmanager
    def patience(self) -> Iterator[None]:
        """Let a full disk only pause what is saved, unless the recipe says to stop."""
        try:
            yield
        except DiskFullError as error:
            if self.recipe.checkpoint.on_full_disk == "stop":
                raise
            if not self._no_room:  # said once, not at every line of the log
                self._no_room = True
                self._watcher(
                    Noted(text=f"{error}; training goes on, and saves again once there is room")
                )

    def _is_due(self, every: int) -> bool:
        """Whether this iteration passed a multiple of `every` images, or was the run's last."""
        before = self.images - self.procedure.images_per_iteration
        return self.images // every > before // every or self.images >= self.end_images

    def _tick(self, speed: float) -> None:
        values = self.tally.take()
        if "d_loss" not in values and {"d_real_loss", "d_fake_loss"} <= values.keys():
            values["d_loss"] = values["d_real_loss"] + values["d_fake_loss"]
        broken = [name for name, value in values.items() if not math.isfinite(value)]
        if broken:
            raise DivergedError(self.diverged(broken[0]))
        rounded = {name: float(f"{value:.6g}") for name, value in values.items()}
        self.append_metrics(
            {
                "images": self.images,
                "seconds": round(self.seconds, 3),
                "images_per_second": round(speed, 1),
                "learning_rate_factor": self.learning_rate_factor(),
                **rounded,
                **self._update_counts(),
            }
        )
        self._watcher(
            Ticked(
                images=self.images,
                total_images=self.total_images,
                seconds=self.seconds,
                images_per_second=speed,
                values={**rounded, **self._update_counts()},
            )
        )

    def append_metrics(self, line: dict[str, Any]) -> None:
        """Add one line to metrics.jsonl; for want of room it waits for the next."""
        with self.patience():
            self.directory.append_metrics(line)
        self._has_news = True
        for listener in self._listeners:
            listener(line)

    def _update_counts(self) -> dict[str, int]:
        """Return how often each optimiser ran so far, where the procedure decides by losses."""
        if not self.procedure.reads_reports:
            return {}
        return {f"updates_{name}": count for name, count in self.step.counts.items()}
