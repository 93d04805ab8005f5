"""What D makes of training, held-out and fake images: laws of the numbers."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ganvas.ideal import IDEAL_DISCRIMINATOR_LOSS
from ganvas.losses import LOSSES
from ganvas.validation import discriminator_figures, overfitting, share_above

SEEDS = st.integers(0, 2**20)
IDEAL_LOGITS = {"least_squares": 0.5}


def draw(seed: int, count: int = 40, *, mean: float = 0.0, step: float = 0.25) -> Tensor:
    """Logits with ties, as those of a saturated D have."""
    values = np.random.default_rng(seed).normal(mean, 1, count)
    return torch.from_numpy(np.round(values / step) * step).float()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_d_that_tells_nothing_apart_has_its_ideal_loss_and_no_overfitting(loss: str) -> None:
    same = torch.full((10,), IDEAL_LOGITS.get(loss, 0.0))
    found = discriminator_figures(loss, train=same, held_out=same, fake=same)
    assert found["d_loss_train"] == pytest.approx(IDEAL_DISCRIMINATOR_LOSS[loss], abs=1e-6)
    assert found["d_loss_held_out"] == found["d_loss_train"]
    assert found["d_loss_ideal"] == IDEAL_DISCRIMINATOR_LOSS[loss]
    assert found["overfitting"] is None
    if LOSSES[loss].boundary is None:
        assert found["d_accuracy_train"] == found["fooling_rate"] == 0.5


@pytest.mark.parametrize("loss", LOSSES)
def test_a_d_that_tells_all_apart_is_right_and_never_fooled(loss: str) -> None:
    found = discriminator_figures(
        loss,
        train=torch.linspace(2, 3, 8),
        held_out=torch.linspace(1, 2, 8),
        fake=torch.linspace(-3, -2, 8),
    )
    assert found["d_accuracy_train"] == found["d_accuracy_held_out"] == 1
    assert found["d_accuracy_fake"] == 1
    assert found["fooling_rate"] == 0
    assert found["overfitting"] == pytest.approx(1 / 5, abs=1e-6)
    assert found["g_loss"] == float(
        LOSSES[loss].generator(real=torch.linspace(2, 3, 8), fake=torch.linspace(-3, -2, 8))
    )


@given(seed=SEEDS, boundary=st.sampled_from([-0.25, 0.0, 0.5]))
def test_losses_with_a_boundary_count_images(seed: int, boundary: float) -> None:
    name = "least_squares" if boundary == 0.5 else "hinge"
    train, held_out, fake = draw(seed, mean=1), draw(seed + 1), draw(seed + 2, mean=-1)
    found = discriminator_figures(name, train=train, held_out=held_out, fake=fake)
    edge = LOSSES[name].boundary
    assert edge is not None
    assert found["accuracy_of"] == "images"
    assert found["d_accuracy_train"] == np.mean([x > edge for x in train.tolist()])
    assert found["d_accuracy_held_out"] == np.mean([x > edge for x in held_out.tolist()])
    assert found["d_accuracy_fake"] == np.mean([x < edge for x in fake.tolist()])
    assert found["fooling_rate"] == np.mean([x > edge for x in fake.tolist()])


@given(seed=SEEDS)
def test_losses_without_a_boundary_count_pairs_whatever_is_added_to_all_logits(seed: int) -> None:
    train, held_out, fake = draw(seed, mean=1), draw(seed + 1), draw(seed + 2, mean=-1)
    for name in ("wasserstein", "relativistic"):
        found = discriminator_figures(name, train=train, held_out=held_out, fake=fake)
        moved = discriminator_figures(name, train=train + 8, held_out=held_out + 8, fake=fake + 8)
        assert found["accuracy_of"] == "pairs"
        assert found["d_accuracy_fake"] == found["d_accuracy_train"]
        assert found["fooling_rate"] == pytest.approx(1 - found["d_accuracy_train"])
        for figure in ("d_accuracy_train", "d_accuracy_held_out", "fooling_rate"):
            assert moved[figure] == found[figure]
        assert moved["d_loss_held_out"] == pytest.approx(found["d_loss_held_out"], abs=1e-5)


@given(seed=SEEDS, count=st.integers(1, 30), others=st.integers(1, 30))
def test_pairs_are_counted_as_one_by_one(seed: int, count: int, others: int) -> None:
    logits, limits = draw(seed, count), draw(seed + 1, others)
    one_by_one = [
        1.0 if a > b else 0.5 if a == b else 0.0 for a in logits.tolist() for b in limits.tolist()
    ]
    assert share_above(logits, limits) == pytest.approx(np.mean(one_by_one), abs=1e-12)
    assert share_above(logits, limits) + share_above(limits, logits) == pytest.approx(1)


@given(seed=SEEDS, part=st.floats(0, 1), scale=st.floats(0.1, 10), shift=st.floats(-5, 5))
def test_overfitting_is_how_far_held_out_images_are_on_the_way_to_the_fakes(
    seed: int, part: float, scale: float, shift: float
) -> None:
    train, fake = draw(seed, mean=3), draw(seed + 1, mean=-3)
    held_out = train + part * (fake.mean() - train.mean())
    found = overfitting(train=train, held_out=held_out, fake=fake)
    assert found == pytest.approx(part, abs=1e-5)
    moved = overfitting(
        train=train * scale + shift, held_out=held_out * scale + shift, fake=fake * scale + shift
    )
    assert moved == pytest.approx(part, abs=1e-4)


def test_overfitting_has_no_value_where_it_would_be_noise() -> None:
    train, fake = draw(0, 200, mean=0.05), draw(1, 200)
    assert overfitting(train=train, held_out=train, fake=fake) is None  # not told apart
    assert overfitting(train=fake - 3, held_out=fake, fake=fake) is None  # fakes look more real
    assert overfitting(train=train + 3, held_out=None, fake=fake) is None
    assert overfitting(train=train[:1] + 3, held_out=train[:1], fake=fake[:1]) is None


def test_without_held_out_images_the_rest_is_the_same() -> None:
    train, fake = draw(0, mean=1), draw(1, mean=-1)
    for name in LOSSES:
        whole = discriminator_figures(name, train=train, held_out=train, fake=fake)
        found = discriminator_figures(name, train=train, held_out=None, fake=fake)
        missing = {figure for figure, value in found.items() if value is None}
        assert missing == {
            "d_loss_held_out",
            "d_accuracy_held_out",
            "logit_held_out",
            "overfitting",
        }
        assert {n: v for n, v in found.items() if n not in missing} == {
            n: v for n, v in whole.items() if n not in missing
        }


def test_the_loss_on_held_out_images_rises_as_they_look_less_real() -> None:
    train, fake = draw(0, mean=2), draw(1, mean=-2)
    for name in LOSSES:
        losses = [
            discriminator_figures(name, train=train, held_out=train - less, fake=fake)[
                "d_loss_held_out"
            ]
            for less in (0.0, 2.0, 4.0)
        ]
        assert losses == sorted(losses)
        assert all(map(math.isfinite, losses))
