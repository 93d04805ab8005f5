"""Device, precision and threads follow from what the machine says it is, and from nothing else."""

import os
import platform
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ganvas import device
from ganvas.device import Machine, agreed_machine, choose_machine, fast_bfloat16, num_cores
from ganvas.errors import UsageError
from ganvas.group import Group
from ganvas.recipe import MachineSettings, Recipe
from tests.training_helpers import TINY

CPU = torch.device("cpu")


@pytest.fixture
def cpuinfo(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What /proc/cpuinfo says: to be filled by the test."""
    lines: list[str] = []
    read_text = Path.read_text

    def read(path: Path, *args: str | None, **kwargs: str | None) -> str:
        if path == Path("/proc/cpuinfo"):
            return "\n".join(lines)
        return read_text(path, *args, **kwargs)

    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(Path, "read_text", read)
    return lines


def have_cuda(monkeypatch: pytest.MonkeyPatch, count: int, capability: tuple[int, int]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    have_cuda(monkeypatch, 0, (0, 0))
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize(
    ("flags", "precision", "why"),
    [
        ("fpu avx512f avx512_bf16", torch.bfloat16, "the processor has avx512_bf16"),
        ("amx_bf16 avx512_bf16 amx_tile", torch.bfloat16, "the processor has amx_bf16"),
        ("fpu avx2 avx512f", torch.float32, "the processor has no bfloat16 arithmetic"),
        # One name within another is no feature: avx_bf16x, xamx_bf16.
        ("avx512_bf16x xamx_bf16", torch.float32, "the processor has no bfloat16 arithmetic"),
        ("", torch.float32, "processor features unknown"),
    ],
)
def test_precision_follows_the_processors_flags(
    cpuinfo: list[str], flags: str, precision: torch.dtype, why: str
) -> None:
    cpuinfo += ["processor\t: 0", "model name\t: a PC with avx512_bf16", f"flags\t\t: {flags}"]
    machine = choose_machine(MachineSettings())
    assert (machine.device, machine.precision, machine.why) == (CPU, precision, why)


def test_flags_are_read_whatever_the_system_calls_them(cpuinfo: list[str]) -> None:
    cpuinfo += ["Features\t: fp asimd avx512_bf16"]
    assert fast_bfloat16(CPU) == (True, "the processor has avx512_bf16")


@pytest.mark.parametrize("reason", ["no such file", "another system"])
def test_without_knowledge_of_the_processor_it_is_float32(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError(reason)

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr(platform, "system", lambda: "Linux" if reason.startswith("no") else "Other")
    assert fast_bfloat16(CPU) == (False, "processor features unknown")


@pytest.mark.usefixtures("no_gpu")
def test_the_same_machine_always_decides_the_same(cpuinfo: list[str]) -> None:
    cpuinfo += ["flags : avx512_bf16"]
    assert choose_machine(MachineSettings()) == choose_machine(MachineSettings())


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("flags", ["", "avx512_bf16"])
def test_what_is_asked_for_is_done(cpuinfo: list[str], precision: str, flags: str) -> None:
    cpuinfo += [f"flags : {flags}"]
    asked = MachineSettings(device="cpu", threads=3, precision=precision)  # type: ignore[arg-type]
    expected = Machine(device=CPU, precision=getattr(torch, precision), threads=3, why="as asked")
    assert choose_machine(asked) == expected


@pytest.mark.parametrize(
    ("capability", "precision", "why"),
    [
        ((8, 0), torch.bfloat16, "the GPU computes bfloat16"),
        ((12, 0), torch.bfloat16, "the GPU computes bfloat16"),
        ((7, 5), torch.float32, "the GPU computes bfloat16 slowly"),
    ],
)
def test_a_gpu_is_taken_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
    capability: tuple[int, int],
    precision: torch.dtype,
    why: str,
) -> None:
    have_cuda(monkeypatch, 2, capability)
    machine = choose_machine(MachineSettings())
    assert (machine.device.type, machine.precision, machine.why) == ("cuda", precision, why)
    assert choose_machine(MachineSettings(device="cpu")).device == CPU
    assert choose_machine(MachineSettings(device="cuda:1")).device == torch.device("cuda:1")
    with pytest.raises(UsageError, match="--device cuda:2 is not available here"):
        choose_machine(MachineSettings(device="cuda:2"))


@pytest.mark.usefixtures("no_gpu")
def test_an_apple_gpu_comes_after_cuda_and_before_the_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    machine = choose_machine(MachineSettings())
    assert (machine.device.type, machine.precision) == ("mps", torch.float32)
    have_cuda(monkeypatch, 1, (9, 0))
    assert choose_machine(MachineSettings()).device.type == "cuda"


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"--device {name} is not available here; use --device"):
        choose_machine(MachineSettings(device=name))


@pytest.mark.parametrize(
    "name",
    ["gpu", "", "CPU", "cpu:0", "cuda:", "cuda:-1", "cuda:300", "cuda:1\n", "meta", "xpu", "5"],
)
def test_an_unknown_device_is_refused_even_where_torch_would_take_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    have_cuda(monkeypatch, 100, (9, 0))
    with pytest.raises(UsageError, match="--device must be auto, cpu, cuda, cuda:1 or mps, not '"):
        choose_machine(MachineSettings(device=name))


def test_threads_are_the_processors_that_this_process_may_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 5}, raising=False)
    assert num_cores() == 3
    assert choose_machine(MachineSettings(device="cpu")).threads == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    for count, expected in ((6, 6), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        assert num_cores() == expected


def test_a_machine_in_words() -> None:
    one = Machine(device=CPU, precision=torch.float32, threads=1, why="as asked")
    two = Machine(device=CPU, precision=torch.bfloat16, threads=2, why="so")
    assert str(one) == "cpu, 1 thread, float32 (as asked)"
    assert str(two) == "cpu, 2 threads, bfloat16 (so)"


def test_choosing_changes_nothing_in_this_process() -> None:
    before = torch.get_num_threads(), torch.get_default_dtype()
    choose_machine(MachineSettings(device="cpu", threads=before[0] + 1, precision="bfloat16"))
    assert before == (torch.get_num_threads(), torch.get_default_dtype())


def of_several(local_rank: int, local_size: int, size: int) -> Group:
    group = Group()
    group.local_rank, group.local_size, group.size = local_rank, local_size, size
    return group


def test_processes_of_one_machine_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "num_cores", lambda: 8)
    for local_size, threads in ((1, 8), (2, 4), (3, 2), (16, 1)):
        machine = choose_machine(MachineSettings(device="cpu"), of_several(0, local_size, 16))
        assert (machine.threads, machine.processes) == (threads, 16)
    asked = choose_machine(MachineSettings(device="cpu", threads=3), of_several(1, 2, 2))
    assert "2 processes of 3 threads" in str(asked)


def test_each_process_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 0))
    for rank in (0, 1):
        machine = choose_machine(MachineSettings(device="cuda"), of_several(rank, 2, 4))
        assert machine.device == torch.device("cuda", rank)
        assert machine.precision is torch.bfloat16
    with pytest.raises(UsageError, match="which has 2 GPUs"):
        choose_machine(MachineSettings(device="cuda"), of_several(0, 3, 3))
    with pytest.raises(UsageError, match="one GPU for 4 processes"):
        choose_machine(MachineSettings(device="cuda:1"), of_several(0, 2, 4))


def test_processors_of_two_kinds_compute_as_the_first_one_does() -> None:
    class Second(Group):
        size = 2

        def first(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            own = Recipe.from_json(act())
            assert own.machine.precision == "float32"
            first = replace(own.machine, precision="bfloat16")
            return replace(own, machine=first).to_json()

    machine = choose_machine(MachineSettings(device="cpu", precision="float32", threads=1))
    recipe = replace(TINY, machine=machine.as_settings("cpu"))
    agreed, same = agreed_machine(machine, recipe, Second())
    assert (agreed.precision, same.machine.precision) == (torch.bfloat16, "bfloat16")
    assert agreed_machine(machine, recipe, Group()) == (machine, recipe)
