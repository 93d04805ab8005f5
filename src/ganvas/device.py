"""Device, precision and threads: decided once from what the machine is, then recorded.

Nothing here is timed, so the same machine always decides the same.
"""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ganvas.errors import UsageError
from ganvas.group import Group
from ganvas.recipe import MachineSettings, Recipe
from ganvas.words import counted

__all__ = [
    "AS_ASKED",
    "Machine",
    "agreed_machine",
    "choose_machine",
    "fast_bfloat16",
    "num_cores",
    "one_thread",
    "use_machine",
]

AS_ASKED = "as asked"
"""Why a machine computes in its precision, where somebody chose it."""

# torch.device takes more, and reads cuda:300 as cuda:44.
_DEVICE = re.compile(r"cpu|mps|cuda(:\d{1,2})?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Where and how a run computes; `why` says what decided the precision.

    `threads` are those of one of its `processes`.
    """

    device: torch.device
    precision: torch.dtype
    threads: int
    why: str
    processes: int = 1

    def as_settings(self, device: str) -> MachineSettings:
        """Return settings that leave nothing open: by them a resumed run computes as it began."""
        return MachineSettings(
            device=device,
            threads=self.threads,
            precision="bfloat16" if self.precision is torch.bfloat16 else "float32",
        )

    def __str__(self) -> str:
        precision = str(self.precision).removeprefix("torch.")
        threads = counted(self.threads, "thread")
        if self.processes > 1:
            threads = f"{self.processes} processes of {threads}"
        return f"{self.device}, {threads}, {precision} ({self.why})"


def choose_machine(settings: MachineSettings, group: Group | None = None) -> Machine:
    """Return what `settings` come to on this machine, for this process of a group.

    The processes on one machine share its cores, and each has a GPU of its own.
    Raises UsageError for a device that is not there.
    """
    group = group or Group()
    device = _choose_device(settings.device)
    if group.size > 1:
        device = _own_device(device, settings.device, group)
    if settings.precision == "auto":
        fast, why = fast_bfloat16(device)
        precision = torch.bfloat16 if fast else torch.float32
    else:
        precision = torch.bfloat16 if settings.precision == "bfloat16" else torch.float32
        why = AS_ASKED
    return Machine(
        device=device,
        precision=precision,
        threads=settings.threads or max(1, num_cores() // group.local_size),
        why=why,
        processes=group.size,
    )


def use_machine(settings: MachineSettings, group: Group | None = None) -> Machine:
    """Return what `settings` come to, and set this process's number of threads to it.

    Raises UsageError for a device that is not there.
    """
    machine = choose_machine(settings, group)
    torch.set_num_threads(machine.threads)
    if machine.device.type == "cuda" and machine.processes > 1:
        torch.cuda.set_device(machine.device)  # where NCCL computes
    return machine


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread while the context lasts: sums keep their order whatever the rest."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def agreed_machine(machine: Machine, recipe: Recipe, group: Group) -> tuple[Machine, Recipe]:
    """Return the machine and the recipe as the first process of the group has decided them.

    Processors of two kinds decide otherwise, of precision for one, and all must compute alike.
    """
    if group.size == 1:
        return machine, recipe
    said = group.first(recipe.to_json)
    with group.together():
        recipe = Recipe.from_json(said)
        return replace(use_machine(recipe.machine, group), why=machine.why), recipe


def fast_bfloat16(device: torch.device) -> tuple[bool, str]:
    """Return whether the hardware computes in bfloat16 itself, and how that is known.

    Processors that only emulate it are slower than with float32, some of them a hundredfold.
    """
    if device.type == "cuda":
        fast = torch.cuda.get_device_capability(device) >= (8, 0)
        return fast, f"the GPU computes bfloat16{'' if fast else ' slowly'}"
    if device.type != "cpu":
        return False, f"bfloat16 is not used on {device.type}"
    flags = _processor_flags()
    for flag in ("amx_bf16", "avx512_bf16"):
        if flag in flags:
            return True, f"the processor has {flag}"
    known = "the processor has no bfloat16 arithmetic" if flags else "processor features unknown"
    return False, known


def num_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _choose_device(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if not _DEVICE.fullmatch(name):
        raise UsageError(f"--device must be auto, cpu, cuda, cuda:1 or mps, not '{name}'")
    device = torch.device(name)
    count = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
    if (device.index or 0) >= count[device.type]:
        raise UsageError(f"--device {name} is not available here; use --device auto or cpu")
    return device


def _own_device(device: torch.device, name: str, group: Group) -> torch.device:
    """Return the GPU of this process of several; the CPU serves all of them."""
    if device.type == "cpu":
        return device
    if device.type != "cuda":
        raise UsageError(f"{group.size} processes cannot train on {device.type}; use --device cpu")
    if ":" in name:
        raise UsageError(
            f"--device {name} is one GPU for {group.size} processes; give --device cuda, which "
            "gives each its own"
        )
    there = torch.cuda.device_count()
    if there < group.local_size:
        raise UsageError(
            f"{group.local_size} processes run on this machine, which has {there} GPUs; give "
            f"torchrun --nproc-per-node {there}, or --device cpu"
        )
    return torch.device("cuda", group.local_rank)


def _processor_flags() -> set[str]:
    """Return the processor's feature flags as the system names them; empty where it does not."""
    if platform.system() != "Linux":
        return set()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return set(value.split())
    return set()
