"""Leading directions: those of networks whose directions are known, signed by rule, the same."""

import pytest
import torch
from torch import Tensor, nn

from ganvas.errors import NotFiniteError
from ganvas.explore import leading_directions, num_leading, num_places
from ganvas.recipe import LatentSettings

SETTINGS = LatentSettings(size=12)


class Linear(nn.Module):
    """Pictures that are linear in noise and class; a class moves each by the same."""

    def __init__(self, weight: Tensor, classes: int = 0) -> None:
        super().__init__()
        self.weight, self.classes = weight, torch.arange(float(classes))

    def forward(self, noise: Tensor, labels: Tensor | None) -> Tensor:
        picture = noise.double() @ self.weight
        if labels is not None:
            picture = picture + self.classes[labels][:, None]
        return picture.reshape(len(noise), 1, 4, -1)


def turned(seed: int) -> Tensor:
    """A rotation of 12 dimensions."""
    drawn = torch.randn((12, 12), generator=torch.Generator().manual_seed(seed)).double()
    return torch.linalg.qr(drawn).Q


@pytest.mark.parametrize("frequencies", [(), (0.2, 0.3, 0.5)])
def test_of_a_linear_network_they_are_its_left_singular_vectors(
    frequencies: tuple[float, ...],
) -> None:
    left, right = turned(0), turned(1)
    sizes = torch.arange(12.0, 0.0, -1.0).double()
    network = Linear(left @ sizes.diag() @ right, len(frequencies))
    found = leading_directions(network, SETTINGS, frequencies)
    assert found.vectors.shape == (8, 12)
    torch.testing.assert_close(
        found.shares, sizes[:8] ** 2 / (sizes**2).sum(), rtol=1e-4, atol=1e-4
    )
    for row, direction in zip(found.vectors, left.T, strict=False):
        largest = direction[direction.abs().argmax()]
        torch.testing.assert_close(row, direction * largest.sign(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["normal", "truncated", "uniform"])
def test_they_are_orthonormal_signed_and_the_same_each_time(kind: str) -> None:
    settings = LatentSettings(size=12, distribution=kind)  # type: ignore[arg-type]
    network = nn.Sequential(nn.Linear(12, 20), nn.Tanh(), nn.Linear(20, 16))
    with torch.inference_mode():
        for parameter in network.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(parameter.numel()))
        first, second = (
            leading_directions(lambda noise, _: network(noise), settings, ()).vectors
            for _ in range(2)
        )
    assert torch.equal(first, second)
    torch.testing.assert_close(first @ first.T, torch.eye(8).double())
    assert bool((first.gather(1, first.abs().argmax(1, keepdim=True)) > 0).all())


def test_the_first_changes_pictures_most() -> None:
    left = turned(2)
    network = Linear(left @ torch.arange(1.0, 13.0).double().diag())
    found = leading_directions(network, SETTINGS, ()).vectors
    changes = [float((row @ network.weight).norm()) for row in found]
    assert changes == pytest.approx([12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0], rel=1e-4)


def test_a_small_latent_space_has_fewer() -> None:
    settings = LatentSettings(size=3)
    assert num_leading(settings) == 3
    weight = torch.eye(3, 16).double()
    assert leading_directions(Linear(weight), settings, ()).vectors.shape == (3, 3)


def test_of_pictures_that_never_change_they_are_directions_all_the_same() -> None:
    found = leading_directions(Linear(torch.zeros(12, 16).double()), SETTINGS, ())
    torch.testing.assert_close(found.vectors @ found.vectors.T, torch.eye(8).double())
    assert found.shares.tolist() == [0.0] * 8


def test_fewer_places_are_taken_the_more_a_network_costs() -> None:
    costs = [1.0, 3.6e6, 1e7, 1e8, 1e12]
    places = [num_places(LatentSettings(size=64), cost) for cost in costs]
    assert places == sorted(places, reverse=True)
    assert (places[0], places[-1]) == (32, 8)


def test_the_places_of_fewer_are_the_first_of_more() -> None:
    seen: list[Tensor] = []

    def network(noise: Tensor, labels: Tensor | None) -> Tensor:
        seen.append(noise)
        return noise

    leading_directions(network, SETTINGS, (), 2)
    few = torch.cat(seen)
    seen.clear()
    leading_directions(network, SETTINGS, (), 5)
    assert len(few) == 2 * 2 * 12
    assert torch.equal(torch.cat(seen)[: len(few)], few)


def test_a_broken_network_is_one_of_our_errors() -> None:
    with pytest.raises(NotFiniteError, match="not finite"):
        leading_directions(Linear(torch.full((12, 16), float("nan")).double()), SETTINGS, ())
