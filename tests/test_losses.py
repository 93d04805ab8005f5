"""Laws of the adversarial losses: ideal values, directions, and their published formulas."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganvas.ideal import IDEAL_DISCRIMINATOR_LOSS
from ganvas.losses import LOSSES, mismatch_loss

logits = st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=8)
NAMES = sorted(LOSSES)


def tensor(values: list[float]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32)


@pytest.mark.parametrize("name", NAMES)
def test_the_ideal_value_is_what_an_undecided_discriminator_pays(name: str) -> None:
    # Undecided: the same logit everywhere, the best such logit (0.5 for targets 1 and 0).
    logit = 0.5 if name == "least_squares" else 0.0
    same = torch.full((7,), logit)
    loss = LOSSES[name].discriminator(real=same, fake=same)
    assert float(loss) == pytest.approx(IDEAL_DISCRIMINATOR_LOSS[name], abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("constant", [-1.0, -0.2, 0.3, 0.9])
def test_no_other_constant_logit_costs_less_than_the_ideal(name: str, constant: float) -> None:
    same = torch.full((3,), constant)
    loss = float(LOSSES[name].discriminator(real=same, fake=same))
    assert loss >= IDEAL_DISCRIMINATOR_LOSS[name] - 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_the_discriminator_gains_by_raising_real_and_lowering_fake(name: str) -> None:
    real = torch.tensor([0.1, -0.2], requires_grad=True)
    fake = torch.tensor([0.2, 0.3], requires_grad=True)
    LOSSES[name].discriminator(real=real, fake=fake).backward()
    assert real.grad is not None
    assert fake.grad is not None
    assert bool((real.grad < 0).all())
    assert bool((fake.grad > 0).all())


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_gains_by_raising_fake(name: str) -> None:
    fake = torch.tensor([-0.5, 0.4], requires_grad=True)
    LOSSES[name].generator(real=torch.tensor([0.3, 0.1]), fake=fake).backward()
    assert fake.grad is not None
    assert bool((fake.grad < 0).all())


@given(real=logits, fake=logits)
def test_non_saturating_equals_the_cross_entropies_of_its_paper(
    real: list[float], fake: list[float]
) -> None:
    loss = LOSSES["non_saturating"].discriminator(real=tensor(real), fake=tensor(fake))
    expected = sum(math.log1p(math.exp(-x)) for x in real) / len(real)
    expected += sum(math.log1p(math.exp(x)) for x in fake) / len(fake)
    assert float(loss) == pytest.approx(expected, rel=1e-5, abs=1e-6)
    g_loss = LOSSES["non_saturating"].generator(fake=tensor(fake))
    expected = sum(math.log1p(math.exp(-x)) for x in fake) / len(fake)
    assert float(g_loss) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@given(pairs=st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=1, max_size=6))
def test_relativistic_pairing_sees_only_differences(pairs: list[tuple[float, float]]) -> None:
    real, fake = (tensor(list(side)) for side in zip(*pairs, strict=True))
    loss = LOSSES["relativistic"].discriminator
    moved = loss(real=real + 3.0, fake=fake + 3.0)
    assert float(moved) == pytest.approx(float(loss(real=real, fake=fake)), rel=1e-4, abs=1e-4)


def test_relativistic_players_are_mirror_images() -> None:
    real, fake = torch.tensor([0.3, -1.0]), torch.tensor([0.9, 0.4])
    loss = LOSSES["relativistic"]
    assert torch.equal(
        loss.discriminator(real=real, fake=fake), loss.generator(real=fake, fake=real)
    )


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_logits_are_lifted_to_float32(name: str) -> None:
    half = torch.tensor([0.25, -0.5], dtype=torch.bfloat16)
    loss = LOSSES[name].discriminator(real=half, fake=half)
    assert loss.dtype is torch.float32


def test_the_slope_ratio_is_the_quotient_of_the_two_losses_slopes() -> None:
    loss = LOSSES["non_saturating"]
    assert loss.slope_ratio is not None
    fake = torch.linspace(-12, 12, 49, dtype=torch.float64, requires_grad=True)
    real = torch.zeros(49)
    (of_g,) = torch.autograd.grad(loss.generator(fake=fake), fake)
    (of_d,) = torch.autograd.grad(loss.discriminator(real=real, fake=fake), fake)
    assert torch.allclose(loss.slope_ratio(fake.detach()).double(), of_g / of_d, rtol=1e-3)


def test_mismatch_counts_each_wrong_class_once() -> None:
    logits = torch.tensor([[9.0, 0.0, 0.0], [0.0, 0.0, 9.0]])
    loss = mismatch_loss(logits, torch.tensor([0, 2]))
    assert float(loss) == pytest.approx(math.log(2))


def test_mismatch_pushes_wrong_classes_down_and_leaves_the_right_one() -> None:
    logits = torch.zeros(2, 4, requires_grad=True)
    mismatch_loss(logits, torch.tensor([1, 3])).backward()
    assert logits.grad is not None
    right = torch.tensor([[False, True, False, False], [False, False, False, True]])
    assert bool((logits.grad[right] == 0).all())
    assert bool((logits.grad[~right] > 0).all())


def test_mismatch_is_nothing_with_one_class() -> None:
    assert float(mismatch_loss(torch.ones(3, 1), torch.zeros(3, dtype=torch.int64))) == 0


def test_mismatch_of_several_classes_counts_each_that_is_none_of_the_image_s() -> None:
    logits = torch.tensor([[9.0, 0.0, 9.0, 0.0], [0.0, 9.0, 0.0, 9.0]], requires_grad=True)
    loss = mismatch_loss(logits, torch.tensor([[0, 2], [1, 3]]))
    assert float(loss.detach()) == pytest.approx(math.log(2))
    loss.backward()
    assert logits.grad is not None
    assert not logits.grad[logits.detach() == 9].any()
    one_label = torch.tensor([[0], [1]])
    assert torch.equal(mismatch_loss(logits, one_label), mismatch_loss(logits, one_label[:, 0]))
