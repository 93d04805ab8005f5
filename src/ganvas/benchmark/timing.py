"""Interleaved timing: candidates take turns, so that a machine's moods hit all of them alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median

import torch

__all__ = ["convolution_ceiling", "interleave", "seconds_of"]


def seconds_of(act: Callable[[], object]) -> float:
    """Return how long one call takes, in seconds."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def interleave(
    candidates: Mapping[str, Callable[[], object]], *, repeats: int, warmups: int = 1
) -> dict[str, list[float]]:
    """Return each candidate's seconds, `repeats` of them, taken in turns after warm-ups."""
    for _ in range(warmups):
        for act in candidates.values():
            act()
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, act in candidates.items():
            seconds[name].append(seconds_of(act))
    return seconds


def convolution_ceiling(precision: torch.dtype, *, repeats: int = 7) -> float:
    """Return the arithmetic that a favourable convolution reaches here, in GFLOP/s.

    64 -> 128 channels, 3x3, 14x14, batch 64, channels_last, forward and backward; a
    multiply-add counts as two operations.
    """
    seed = torch.Generator().manual_seed(0)
    images = torch.randn(64, 64, 14, 14, generator=seed).to(precision)
    weight = torch.randn(128, 64, 3, 3, generator=seed).to(precision)
    images = images.contiguous(memory_format=torch.channels_last).requires_grad_()
    weight = weight.contiguous(memory_format=torch.channels_last).requires_grad_()

    def act() -> None:
        for _ in range(5):
            out = torch.nn.functional.conv2d(images, weight, padding=1)
            out.backward(out.detach())

    operations = 5 * 3 * 2 * 64 * 128 * 64 * 9 * 14 * 14
    return operations / median(interleave({"": act}, repeats=repeats)[""]) / 1e9
