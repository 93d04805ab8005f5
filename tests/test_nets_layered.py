"""What layered networks share: classes, pixels in [0, 1], dropout, order, refusals."""

import itertools
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ganvas.errors import UsageError
from ganvas.nets import DISCRIMINATORS, GENERATORS, ImageShape, make_discriminator, make_generator
from ganvas.nets.blocks import (
    Crop,
    Double,
    Dropout,
    Finish,
    Flatten,
    ToMap,
    dropouts_of,
    halved_sizes,
    set_dropout_stream,
    turn,
)
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings, Recipe
from tests.recipe_names import IMAGE_ARCHITECTURES

SHAPE = ImageShape(channels=1, height=12, width=10)
CONDITIONAL = IMAGE_ARCHITECTURES
UNIT_RANGE = ["dcgan-rmsprop", "dropout-cnn", "smooth-ez"]


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def noise(count: int = 4) -> torch.Tensor:
    return torch.randn(count, 6, generator=seeded(1))


def generator(name: str, classes: int = 0, seed: int = 0, **values: Any) -> Any:
    settings = GeneratorSettings(architecture=name, width=8, **values)
    return make_generator(
        settings, latent_size=6, shape=SHAPE, num_classes=classes, seed=seeded(seed)
    )


def discriminator(name: str, classes: int = 0, seed: int = 0, **values: Any) -> Any:
    settings = DiscriminatorSettings(architecture=name, width=8, **values)
    return make_discriminator(settings, shape=SHAPE, num_classes=classes, seed=seeded(seed))


@pytest.mark.parametrize("name", CONDITIONAL)
def test_classes_change_what_both_networks_do(name: str) -> None:
    g, d = generator(name, 3).eval(), discriminator(name, 3).eval()
    first, last = torch.zeros(4, dtype=torch.int64), torch.full((4,), 2)
    images = g(noise(), first).detach()
    assert not torch.allclose(images, g(noise(), last), atol=1e-6)
    assert not torch.equal(d(images, first), d(images, last))
    table = d.class_logits(images)
    for label in (first, last):
        expected = d(images, label)
        chosen = table.gather(1, label[:, None]).squeeze(1)
        assert torch.allclose(chosen, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_an_image_of_several_classes_has_the_mean_of_their_logits(name: str) -> None:
    g, d = generator(name, 4).eval(), discriminator(name, 4).eval()
    labels = torch.tensor([[0, 2], [1, 3], [0, 3], [1, 2]])
    images = g(noise(), labels).detach()
    assert not torch.allclose(images, g(noise(), labels[:, 0]), atol=1e-6)
    expected = d.class_logits(images).gather(1, labels).mean(1)
    assert torch.allclose(d(images, labels), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_without_classes_labels_are_not_read_and_nothing_is_added(name: str) -> None:
    g, d = generator(name).eval(), discriminator(name).eval()
    labels = torch.tensor([0, 1, 2, 9])
    images = g(noise()).detach()
    assert torch.equal(g(noise(), labels), images)
    assert torch.equal(d(images, labels), d(images))
    conditional = generator(name, 3), discriminator(name, 3)
    for network, other in zip((g, d), conditional, strict=True):
        extra = set(other.state_dict()) - set(network.state_dict())
        assert {key.split(".")[-2] for key in extra} <= {"embedding", "projection"}


@pytest.mark.parametrize("name", UNIT_RANGE)
def test_a_network_for_pixels_from_0_to_1_meets_them_as_published(name: str) -> None:
    g, d = generator(name).eval(), discriminator(name).eval()
    seen: dict[str, torch.Tensor] = {}
    g.layers.register_forward_hook(lambda *call: seen.update(made=call[2]))
    d.layers.register_forward_pre_hook(lambda _, given: seen.update(read=given[0]))
    images = g(noise())
    assert float(images.detach().abs().max()) <= 1
    d(images)
    read = seen["read"] if d.turned == g.turned else turn(seen["read"])
    # D reads the sigmoid that G gave, and G's gradient does not notice the way between.
    assert torch.allclose(read, torch.sigmoid(seen["made"]), atol=1e-7)
    (slope,) = torch.autograd.grad(read.sum(), seen["made"])
    sigmoid = torch.sigmoid(seen["made"].detach())
    assert torch.allclose(slope, sigmoid * (1 - sigmoid), atol=1e-7)


@pytest.mark.parametrize("name", IMAGE_ARCHITECTURES)
def test_every_parameter_gets_a_finite_gradient(name: str) -> None:
    classes = 3 if name in CONDITIONAL else 0
    g, d = generator(name, classes), discriminator(name, classes)
    labels = torch.tensor([0, 1, 2, 0]) if classes else None
    d(g(noise(), labels), labels).square().sum().backward()
    for network in (g, d):
        for key, parameter in network.named_parameters():
            assert parameter.grad is not None, key
            assert bool(torch.isfinite(parameter.grad).all()), key


def accepting(table: dict[str, type[nn.Module]], setting: str) -> list[str]:
    """The architectures that take a setting, found out by asking for it."""
    make = generator if table is GENERATORS else discriminator
    changed = {"dropout": 0.5, "order": "activation_norm_dropout"}[setting]
    accepted = []
    for name in sorted(table):
        try:
            make(name, 0, 0, **{setting: changed})
        except UsageError:
            continue
        accepted.append(name)
    return accepted


DROPS = [
    *((generator, name) for name in accepting(GENERATORS, "dropout")),
    *((discriminator, name) for name in accepting(DISCRIMINATORS, "dropout")),
]


def test_which_published_networks_take_dropout_and_order() -> None:
    published = {"cifar-cars", "dcgan-rmsprop", "dropout-cnn", "shallow-z20", "smooth-ez"}
    assert published | {"lsgan", "sngan", "wgan-gp"} <= set(accepting(GENERATORS, "dropout"))
    assert published | {"lsgan", "sngan", "wgan-gp"} <= set(accepting(DISCRIMINATORS, "dropout"))
    assert published - {"cifar-cars"} <= set(accepting(GENERATORS, "order"))
    assert set(accepting(DISCRIMINATORS, "order")) == {"lsgan", "shallow-z20"}


@pytest.mark.parametrize(("make", "name"), DROPS)
def test_dropout_follows_its_own_stream_in_training_only(make: Any, name: str) -> None:
    network = make(name, dropout=0.5)
    given = noise() if make is generator else torch.rand(4, 1, 12, 10, generator=seeded())
    results = []
    for number in (1, 1, 2):
        set_dropout_stream(dropouts_of(network), lambda number=number: seeded(number))  # type: ignore[misc]
        results.append(network(given))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])
    network.eval()
    assert torch.equal(network(given), network(given))
    shares = {layer.probability for layer in network.modules() if isinstance(layer, Dropout)}
    assert 0.5 in shares


@pytest.mark.parametrize("name", IMAGE_ARCHITECTURES)
def test_in_evaluation_an_image_does_not_depend_on_its_batch(name: str) -> None:
    g = generator(name).eval()
    assert torch.allclose(g(noise(4))[1:2], g(noise(4)[1:2]), atol=1e-5)
    d = discriminator(name).eval()
    images = torch.rand(4, 1, 12, 10, generator=seeded())
    assert torch.allclose(d(images)[1:2], d(images[1:2]), rtol=1e-4, atol=1e-6)


def test_settings_that_a_network_does_not_have_are_refused() -> None:
    with pytest.raises(UsageError, match=r"generator\.dropout means nothing to .* 'r3'"):
        generator("r3", dropout=0.5)
    with pytest.raises(UsageError, match=r"discriminator\.order means nothing to .*; leave it at"):
        discriminator("dropout-cnn", order="activation_norm_dropout")
    with pytest.raises(UsageError, match=r"generator\.dropout must be"):
        GeneratorSettings(dropout=1.0)
    with pytest.raises(UsageError, match=r"generator\.order cannot be 'norm'"):
        Recipe().with_settings({"generator.order": "norm"})


ORDERS = [
    "norm_activation_dropout",
    "activation_norm_dropout",
    "dropout_norm_activation",
    "activation_dropout_norm",
]


@pytest.mark.parametrize("order", ORDERS)
def test_finish_does_what_its_order_says(order: str) -> None:
    x = torch.randn(6, 3, 4, 4, generator=seeded()) + 0.5
    finish = Finish(nn.BatchNorm2d(3), slope=0.2, dropout=0.5, order=order)  # type: ignore[arg-type]
    set_dropout_stream(dropouts_of(finish), seeded)
    drop = Dropout(0.5)
    set_dropout_stream(dropouts_of(drop), seeded)
    steps = {
        "norm": nn.BatchNorm2d(3),
        "activation": nn.LeakyReLU(0.2),
        "dropout": drop,
    }
    expected = x
    for step in order.split("_"):
        expected = steps[step](expected)
    assert torch.equal(finish(x), expected)


def test_the_orders_are_all_different() -> None:
    images = torch.rand(4, 1, 12, 10, generator=seeded())
    logits = []
    for order in ORDERS:
        network = discriminator("shallow-z20", order=order, dropout=0.5)
        set_dropout_stream(dropouts_of(network), seeded)
        logits.append(network(images))
    assert all(not torch.equal(a, b) for a, b in itertools.combinations(logits, 2))


@given(height=st.integers(1, 5), width=st.integers(1, 5), channels=st.integers(1, 4))
def test_maps_and_features_are_laid_out_as_keras_does(
    height: int, width: int, channels: int
) -> None:
    features = torch.arange(2.0 * height * width * channels).reshape(2, -1)
    maps = ToMap(height, width, channels)(features)
    assert maps.shape == (2, channels, height, width)
    assert float(maps[1, -1, 0, 0]) == height * width * channels + channels - 1
    assert torch.equal(Flatten()(maps), features)


@given(height=st.integers(1, 200), width=st.integers(1, 200), times=st.integers(0, 6))
def test_halvings_round_up_each_time(height: int, width: int, times: int) -> None:
    sizes = halved_sizes(height, width, times)
    assert sizes[0] == (height, width)
    assert len(sizes) == times + 1
    for (a, b), (c, d) in itertools.pairwise(sizes):
        assert (c, d) == ((a + 1) // 2, (b + 1) // 2)


def test_doubling_repeats_pixels_and_a_crop_keeps_left_and_top() -> None:
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    double = x.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.equal(Double()(x), double)
    assert torch.equal(Crop(1, 2)(x), x[..., :1, :2])
    assert Crop(2, 3)(x) is x
