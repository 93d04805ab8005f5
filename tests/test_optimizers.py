"""The named optimisers are torch's own, with the recipe's numbers."""

import pytest
import torch
from torch import nn

from ganvas.optimizers import make_optimizer, make_optimizers
from ganvas.recipe import Optimizers, OptimizerSettings


def network() -> nn.Module:
    net = nn.Linear(3, 2)
    with torch.no_grad():
        for number, parameter in enumerate(net.parameters()):
            parameter.fill_(0.1 * (number + 1))
    return net


def learn(net: nn.Module, optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    for number in range(6):
        inputs = torch.randn(5, 3, generator=torch.Generator().manual_seed(number))
        optimizer.zero_grad()
        net(inputs).square().mean().backward()
        optimizer.step()
    return [parameter.detach() for parameter in net.parameters()]


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_it_learns_as_the_plain_optimiser_does(name: str) -> None:
    settings = OptimizerSettings(
        name=name,  # type: ignore[arg-type]
        learning_rate=0.05,
        beta1=0.5,
        weight_decay=0.1,
    )
    ours, reference = network(), network()
    betas, weights = (0.5, 0.99), list(reference.parameters())
    plain: dict[str, torch.optim.Optimizer] = {
        "adam": torch.optim.Adam(weights, 0.05, betas, weight_decay=0.1),
        "adamw": torch.optim.AdamW(weights, 0.05, betas, weight_decay=0.1),
        "sgd": torch.optim.SGD(weights, 0.05, momentum=0.5, weight_decay=0.1),
    }
    learned = learn(ours, make_optimizer(settings, ours.parameters()))
    expected = learn(reference, plain[name])
    for a, b in zip(learned, expected, strict=True):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-7)


def test_each_player_has_its_own_and_keeps_its_base_rate() -> None:
    settings = Optimizers(
        generator=OptimizerSettings(learning_rate=0.3),
        discriminator=OptimizerSettings(learning_rate=0.1),
    )
    g, d = network(), network()
    made = make_optimizers(settings, generator=g, discriminator=d)
    assert made["generator"].param_groups[0]["base_lr"] == 0.3
    assert made["discriminator"].param_groups[0]["base_lr"] == 0.1
    assert made["generator"].param_groups[0]["params"][0] is next(g.parameters())
