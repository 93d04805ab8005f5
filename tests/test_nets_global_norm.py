"""Batch norm over the rows of several processes, which one process plays here."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ganvas.nets.blocks import couples_images
from ganvas.nets.global_norm import GlobalBatchNorm, global_statistics, share_batch_norms
from ganvas.nets.modulated import ModulatedBatchNorm


def seeded(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 3 + 2


def alone(values: Tensor) -> Tensor:
    return values[None]


def with_others(others: list[Tensor]) -> "list[Tensor]":
    """What the other processes would send: means, variances and counts of their rows."""
    sent: list[Tensor] = []

    def keep(values: Tensor) -> Tensor:
        sent.append(values)
        return values[None]

    for rows in others:
        global_statistics(rows, keep)
    return sent


@settings(max_examples=25, deadline=None)
@given(counts=st.lists(st.integers(1, 5), min_size=1, max_size=4), is_map=st.booleans())
def test_statistics_of_parts_are_those_of_the_whole(counts: list[int], is_map: bool) -> None:
    x = seeded(sum(counts) + 1, 3, *(4, 2) if is_map else ())
    parts = x.split([counts[0] + 1, *counts[1:]])
    sent = with_others(list(parts[1:]))
    mean, variance, count = global_statistics(parts[0], lambda own: torch.stack([own, *sent]))
    dims = [0, *range(2, x.dim())]
    assert torch.allclose(mean, x.mean(dims), atol=1e-5)
    assert torch.allclose(variance, x.var(dims, correction=0), atol=1e-4)
    assert float(count) == x.numel() / 3


@pytest.mark.parametrize("affine", [True, False])
def test_alone_it_is_pytorchs_batch_norm(affine: bool) -> None:
    norm, twin = (nn.BatchNorm2d(3, 1e-3, 0.2, affine=affine) for _ in range(2))
    if affine:
        with torch.no_grad():
            for part in (norm, twin):
                part.weight.copy_(torch.tensor([0.5, 1.0, 2.0]))
                part.bias.copy_(torch.tensor([1.0, 0.0, -1.0]))
    ours = GlobalBatchNorm(norm, alone)
    assert ours.state_dict().keys() == twin.state_dict().keys()
    for training in (True, True, False):
        x = seeded(6, 3, 4, 4).requires_grad_(True)
        y = x.detach().clone().requires_grad_(True)
        found, expected = ours.train(training)(x), twin.train(training)(y)
        assert torch.allclose(found, expected, atol=1e-5)
        found.pow(3).sum().backward()
        expected.pow(3).sum().backward()
        assert x.grad is not None
        assert y.grad is not None
        assert torch.allclose(x.grad, y.grad, rtol=1e-3, atol=1e-3)
    for name, value in twin.state_dict().items():
        assert torch.allclose(ours.state_dict()[name], value, atol=1e-5), name


def test_it_can_be_differentiated_twice() -> None:
    ours = GlobalBatchNorm(nn.BatchNorm1d(2), alone)
    x = seeded(5, 2).requires_grad_(True)

    def penalty(norm: nn.Module) -> Tensor:
        (slope,) = torch.autograd.grad(norm(x).pow(3).sum(), x, create_graph=True)
        (second,) = torch.autograd.grad(slope.square().sum(), x)
        return second

    assert torch.allclose(penalty(ours), penalty(nn.BatchNorm1d(2)), rtol=1e-3, atol=1e-2)


def test_every_batch_norm_of_a_network_is_found() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.Sequential(nn.BatchNorm2d(4), nn.ReLU()), ModulatedBatchNorm(4)
    )
    before = {name: value.data_ptr() for name, value in network.state_dict().items()}
    share_batch_norms(network, alone)
    after = {name: value.data_ptr() for name, value in network.state_dict().items()}
    assert after == before  # the very tensors: optimisers and averages hold them
    assert not any(isinstance(part, nn.BatchNorm2d) for part in network.modules())
    assert isinstance(network[2], ModulatedBatchNorm)
    assert network[2].gather is alone
    assert couples_images(network)


def test_a_modulated_norm_alone_is_the_same_with_and_without() -> None:
    plain, shared = ModulatedBatchNorm(3), ModulatedBatchNorm(3)
    shared.gather = alone
    x, scale, shift = seeded(4, 3, 2, 2), seeded(4, 3, seed=1), seeded(4, 3, seed=2)
    for training in (True, False):
        found = shared.train(training)(x, scale, shift)
        assert torch.allclose(found, plain.train(training)(x, scale, shift), atol=1e-5)
    assert torch.allclose(shared.running_var, plain.running_var, atol=1e-6)


def test_by_batch_it_takes_this_process_statistics_alone_and_moves_nothing() -> None:
    def nobody(own: Tensor) -> Tensor:
        raise AssertionError("the others were asked")

    ours = GlobalBatchNorm(nn.BatchNorm2d(3), nobody).eval()
    before = {name: value.clone() for name, value in ours.state_dict().items()}
    x = seeded(6, 3, 4, 4)
    ours.by_batch = True
    assert torch.allclose(ours(x), nn.BatchNorm2d(3).train()(x), atol=1e-5)
    assert all(torch.equal(ours.state_dict()[name], value) for name, value in before.items())
