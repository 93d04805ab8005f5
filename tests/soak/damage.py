"""Every truncation of a small checkpoint, and random bit flips over all digested kinds of file."""

import resource
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import torch

from ganvas.checkpoint import load_newest, save_checkpoint
from ganvas.errors import GanvasError
from tests.faults.damage import kinds, other_kinds, outcome
from tests.faults.runs import train
from tests.soak.record import Record

_MOST_COMPUTING, _MOST_WAITING = 10, 300  # seconds
_RIGHT = ("refused", "older", "no matter")


class Hang(Exception):
    """Something took longer than anything may."""


@contextmanager
def no_hang() -> Iterator[None]:
    """Raise Hang in what computes for ten seconds, or waits for five minutes.

    A busy machine can let any process wait for half a minute; that is nobody's fault.
    """

    def ring(number: int, frame: FrameType | None) -> None:
        raise Hang(f"{signal.Signals(number).name}: it takes too long")

    before = {number: signal.signal(number, ring) for number in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, _MOST_COMPUTING)
    signal.setitimer(signal.ITIMER_REAL, _MOST_WAITING)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def peak_mib() -> float:
    """The most memory that this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def soak_truncations(record: Record) -> None:
    """Cut each file of a small checkpoint at each byte; an older one must be loaded instead."""
    folder = record.folder / "truncated"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    generator = torch.Generator().manual_seed(0)
    weights = {f"layer.{i}": torch.randn(16, 16, generator=generator) for i in range(8)}
    save_checkpoint(folder / "checkpoints", 64, {"images": 64, "step": weights}, keep=2)
    newest = save_checkpoint(folder / "checkpoints", 128, {"images": 128, "step": weights}, keep=2)
    for path in sorted(newest.iterdir()):
        content = path.read_bytes()
        part = f"truncations of {path.name}"
        outcomes: Counter[str] = Counter()
        failures: list[str] = []
        for length in range(record.done(part), len(content)):
            path.write_bytes(content[:length])
            try:
                with no_hang():
                    loaded = load_newest(folder / "checkpoints")
                older = loaded is not None and loaded.state["images"] == 64
                found = "older" if older and loaded and len(loaded.passed_over) == 1 else "WRONG"
            except Exception as error:  # the very thing that is looked for
                found = f"{type(error).__name__}: {error}"
            outcomes[found] += 1
            if found != "older":
                failures.append(f"{path.name} cut to {length} bytes: {found}")
        path.write_bytes(content)
        if outcomes:
            record.count(part, dict(outcomes), failures)
        print(f"{part}: {record.done(part)}", flush=True)
    record.note("truncations of state.safetensors", peak_mib=round(peak_mib()))


def soak_flips(record: Record, *, trials: int, seed: int) -> None:
    """Flip one random bit of a random kind of file, until that was done `trials` times."""
    part = "bit flips"
    place = record.folder / "flipped"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    run = train(place).directory
    copy = Path(shutil.copytree(run, place / "copy"))
    targets = [(kind, copy) for kind in kinds(run)] + other_kinds(place)
    wholes = [kind.read(folder) for kind, folder in targets]
    contents = [(folder / kind.file).read_bytes() for kind, folder in targets]
    while (number := record.done(part)) < trials:
        rng = np.random.default_rng([seed, number])
        outcomes: Counter[str] = Counter()
        failures: list[str] = []
        for _ in range(min(100, trials - number)):
            at = int(rng.integers(len(targets)))
            (kind, folder), content = targets[at], contents[at]
            bit = int(rng.integers(8 * len(content)))
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            (folder / kind.file).write_bytes(flipped)
            try:
                with no_hang():
                    found = outcome(kind, folder, wholes[at])
            except (Exception, GanvasError) as error:
                found = f"{type(error).__name__}: {error}"
            (folder / kind.file).write_bytes(content)
            outcomes[found if found in _RIGHT else "WRONG"] += 1
            if found not in _RIGHT:
                failures.append(f"{kind.name}, bit {bit}: {found}")
        record.count(part, dict(outcomes), failures)
        print(f"{part}: {record.done(part):,} of {trials:,}: {dict(outcomes)}", flush=True)
    record.note(part, peak_mib=round(peak_mib()), kinds=len(targets))
