"""Gradient penalties against closed forms, and that they can be differentiated again."""

import pytest
import torch
from torch import Tensor

from ganvas.penalties import gradient_penalty, squared_gradient_norm


def linear_critic(weight: Tensor) -> "torch.nn.Module":
    class Critic(torch.nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.flatten(1) @ weight

    return Critic()


def test_a_linear_critic_has_the_squared_norm_of_its_weight() -> None:
    weight = torch.arange(1.0, 13.0)
    images = torch.randn(5, 3, 2, 2, generator=torch.Generator().manual_seed(0))
    norm = squared_gradient_norm(linear_critic(weight), images).detach()
    assert float(norm) == pytest.approx(float(weight.square().sum()), rel=1e-6)


def test_a_quadratic_critic_has_the_images_own_norm() -> None:
    # D(x) = |x|^2 / 2 has gradient x.
    images = torch.randn(4, 1, 3, 3, generator=torch.Generator().manual_seed(1))
    norm = squared_gradient_norm(lambda x: x.flatten(1).square().sum(1) / 2, images)
    expected = float(images.square().flatten(1).sum(1).mean())
    assert float(norm.detach()) == pytest.approx(expected, rel=1e-5)


def test_it_can_be_differentiated_by_the_critics_weights() -> None:
    weight = torch.tensor([3.0, 4.0, 0.0, 0.0], requires_grad=True)
    squared_gradient_norm(linear_critic(weight), torch.zeros(2, 1, 2, 2)).backward()
    assert weight.grad is not None
    assert torch.allclose(weight.grad, 2 * weight.detach())


@pytest.mark.parametrize("length", [0.5, 1.0, 3.0])
def test_the_gradient_penalty_of_a_linear_critic_is_its_distance_from_slope_one(
    length: float,
) -> None:
    weight = torch.zeros(4)
    weight[2] = length
    real, fake = torch.ones(3, 1, 2, 2), torch.zeros(3, 1, 2, 2)
    seed = torch.Generator().manual_seed(0)
    penalty = gradient_penalty(linear_critic(weight), real=real, fake=fake, generator=seed).detach()
    assert float(penalty) == pytest.approx((length - 1) ** 2, abs=1e-5)


def test_the_points_lie_between_each_pair() -> None:
    seen = []

    def critic(x: Tensor) -> Tensor:
        seen.append(x.detach())
        return x.flatten(1).sum(1)

    real, fake = torch.full((64, 1, 2, 2), 2.0), torch.full((64, 1, 2, 2), -1.0)
    gradient_penalty(critic, real=real, fake=fake, generator=torch.Generator().manual_seed(3))
    points = seen[0].flatten(1)
    assert bool(((points >= -1) & (points <= 2)).all())
    assert torch.equal(points.min(1).values, points.max(1).values)  # one mix for each pair
    assert float(points[:, 0].std()) > 0.5  # and another for each


def test_a_flat_critic_gives_a_finite_gradient() -> None:
    scale = torch.zeros((), requires_grad=True)
    images = torch.ones(2, 1, 2, 2)
    penalty = gradient_penalty(
        lambda x: scale * x.flatten(1).sum(1),
        real=images,
        fake=-images,
        generator=torch.Generator().manual_seed(0),
    )
    penalty.backward()
    assert scale.grad is not None
    assert bool(torch.isfinite(scale.grad))
