"""The named optimisers are torch's own, with the recipe's numbers."""

from copy import deepcopy
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch
from torch import nn

from ganvas.errors import UsageError
from ganvas.optimizers import (
    advance,
    clear_gradients,
    make_optimizer,
    make_optimizers,
    retune,
    set_rate,
)
from ganvas.recipe import Optimizers, OptimizerSettings
from ganvas.soundness import fingerprint


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


@pytest.mark.parametrize("name", ["adam", "adamw"])
@pytest.mark.parametrize("beta1", [0.0, 0.5])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_advancing_is_torchs_own_step_to_the_last_bit(
    name: Literal["adam", "adamw"], beta1: float, decay: float
) -> None:
    settings = OptimizerSettings(name=name, learning_rate=0.05, beta1=beta1, weight_decay=decay)
    weights = [[nn.Parameter(torch.ones(37, 5)), nn.Parameter(torch.ones(3))] for _ in range(2)]
    ours, plain = (make_optimizer(settings, part) for part in weights)
    seed = torch.Generator().manual_seed(0)
    for number in range(5):
        for mine, theirs in zip(*weights, strict=True):
            clear_gradients(ours)
            theirs.grad = None
            if number != 2 or mine.dim() > 1:  # a weight may go without a gradient
                theirs.grad = torch.randn(theirs.shape, generator=seed)
        for mine, theirs in zip(*weights, strict=True):
            mine.grad = None if theirs.grad is None else theirs.grad.clone()
        set_rate(ours, 1 - number / 10)
        set_rate(plain, 1 - number / 10)
        if number == 3:  # a checkpoint is torch's own, both ways
            ours.load_state_dict(deepcopy(plain.state_dict()))
        if number == 4 and beta1 == 0:
            for optimizer in (ours, plain):
                retune(optimizer, replace(settings, beta1=0.9))
        advance(ours, settings, number)
        plain.step()
        assert fingerprint(ours.state_dict()) == fingerprint(plain.state_dict())
        assert fingerprint(weights[0]) == fingerprint(weights[1])


@pytest.mark.parametrize("name", ["adam", "adamw", "rmsprop", "sgd"])
def test_retuned_it_has_every_number_of_one_made_with_those_settings(
    name: Literal["adam", "adamw", "rmsprop", "sgd"],
) -> None:
    first = OptimizerSettings(name=name, learning_rate=0.1, weight_decay=5.0)
    other = OptimizerSettings(
        name=name, learning_rate=0.2, beta1=0.3, beta2=0.7, epsilon=1e-3, weight_decay=0.01
    )
    retuned, made = (make_optimizer(kind, network().parameters()) for kind in (first, other))
    retune(retuned, other)
    for optimizer in (retuned, made):
        set_rate(optimizer, 1.0)
    for group, expected in zip(retuned.param_groups, made.param_groups, strict=True):
        assert {k: v for k, v in group.items() if k != "params"} == {
            k: v for k, v in expected.items() if k != "params"
        }


def test_gradients_that_share_memory_leave_states_that_do_not() -> None:
    settings = OptimizerSettings(name="adam", beta1=0.0)
    weight = nn.Parameter(torch.ones(4))
    first, second = (make_optimizer(settings, [weight]) for _ in range(2))
    weight.grad = torch.ones(8)[4:]  # as several processes leave it
    for optimizer in (first, second):
        advance(optimizer, settings, 0)
    means = [optimizer.state[weight]["exp_avg"] for optimizer in (first, second)]
    assert len({mean.untyped_storage().data_ptr() for mean in [*means, weight.grad]}) == 3


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


RATE = 0.05
GRADIENTS = [np.array(g) for g in ((0.3, -2.0), (0.1, 0.5), (-0.4, 1e-6), (2.5, 0.0), (0.2, -0.1))]


def advanced(settings: OptimizerSettings) -> list[np.ndarray]:
    """The weight after each of the updates with GRADIENTS, from (1, -1)."""
    weight = nn.Parameter(torch.tensor([1.0, -1.0], dtype=torch.float64))
    optimizer = make_optimizer(settings, [weight])
    after = []
    for number, gradient in enumerate(GRADIENTS):
        weight.grad = torch.tensor(gradient)
        advance(optimizer, settings, number)
        after.append(weight.detach().numpy().copy())
    return after


def assert_path(settings: OptimizerSettings, steps: list[np.ndarray]) -> None:
    place = np.array([1.0, -1.0])
    for step, found in zip(steps, advanced(settings), strict=True):
        place = place - step
        np.testing.assert_allclose(found, place, rtol=1e-9, atol=1e-12)


def test_rmsprop_is_keras_form_epsilon_beside_the_root() -> None:
    v, steps = np.zeros(2), []
    for g in GRADIENTS:
        v = 0.9 * v + 0.1 * g * g
        steps.append(RATE * g / (np.sqrt(v) + 1e-7))
    assert_path(
        OptimizerSettings(name="rmsprop", learning_rate=RATE, beta2=0.9, epsilon=1e-7), steps
    )


@pytest.mark.parametrize("epsilon", [1e-7, 1e-2])
def test_adam_corrected_in_its_rate_is_keras_form(epsilon: float) -> None:
    m, v, steps = np.zeros(2), np.zeros(2), []
    for t, g in enumerate(GRADIENTS, start=1):
        m, v = 0.5 * m + 0.5 * g, 0.999 * v + 0.001 * g * g
        rate = RATE * np.sqrt(1 - 0.999**t) / (1 - 0.5**t)
        steps.append(rate * m / (np.sqrt(v) + epsilon))
    settings = OptimizerSettings(
        learning_rate=RATE, beta1=0.5, beta2=0.999, epsilon=epsilon, bias_correction="rate"
    )
    assert_path(settings, steps)


def test_adam_corrected_in_its_moments_weighs_epsilon_otherwise() -> None:
    m, v, steps = np.zeros(2), np.zeros(2), []
    for t, g in enumerate(GRADIENTS, start=1):
        m, v = 0.5 * m + 0.5 * g, 0.999 * v + 0.001 * g * g
        steps.append(RATE * (m / (1 - 0.5**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-2))
    assert_path(OptimizerSettings(learning_rate=RATE, beta1=0.5, beta2=0.999, epsilon=1e-2), steps)


def test_decay_divides_the_rate_by_the_updates_made_before() -> None:
    steps = [RATE / (1 + 0.25 * t) * g for t, g in enumerate(GRADIENTS)]
    assert_path(OptimizerSettings(name="sgd", learning_rate=RATE, decay=0.25), steps)


def test_decay_goes_on_from_the_scheduled_rate() -> None:
    settings = OptimizerSettings(name="sgd", learning_rate=1.0, decay=1.0)
    weight = nn.Parameter(torch.zeros(1))
    optimizer = make_optimizer(settings, [weight])
    set_rate(optimizer, 0.5)
    weight.grad = torch.ones(1)
    advance(optimizer, settings, 3)
    assert float(weight.detach()) == pytest.approx(-0.5 / 4)


def test_clipping_by_value_cuts_each_number_and_by_norm_scales_all() -> None:
    by_value = [RATE * np.clip(g, -0.25, 0.25) for g in GRADIENTS]
    assert_path(OptimizerSettings(name="sgd", learning_rate=RATE, clip_value=0.25), by_value)
    settings = OptimizerSettings(name="sgd", learning_rate=1.0, clip_norm=2.0)
    first, second = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    optimizer = make_optimizer(settings, [first, second])
    first.grad, second.grad = torch.tensor([3.0]), torch.tensor([4.0])  # together of norm 5
    advance(optimizer, settings, 0)
    assert float(first.detach()) == pytest.approx(-1.2, rel=1e-5)
    assert float(second.detach()) == pytest.approx(-1.6, rel=1e-5)


def test_two_states_are_two_optimisers_of_one_network() -> None:
    g, d = network(), network()
    made = make_optimizers(
        Optimizers(discriminator_states="two"), generator=g, discriminator=d, frozen=False
    )
    assert list(made) == ["generator", "discriminator_real", "discriminator_fake"]
    held = made["generator"].param_groups[0]["params"]
    assert len(held) == len([*g.parameters(), *d.parameters()])


def test_a_correction_that_nothing_reads_is_refused() -> None:
    with pytest.raises(UsageError, match="bias_correction must be moments"):
        OptimizerSettings(name="rmsprop", bias_correction="rate")
