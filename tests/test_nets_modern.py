"""sngan, wgan-gp, lsgan and r3: what their papers say of norms, slopes and first weights."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ganvas.errors import UsageError
from ganvas.nets import ImageShape, make_discriminator, make_generator
from ganvas.nets.blocks import couples_images
from ganvas.nets.dcgan import num_halvings
from ganvas.nets.r3 import R3Discriminator, R3Generator, Resample
from ganvas.nets.wgan_gp import WganGpDiscriminator, WganGpGenerator
from ganvas.penalties import gradient_penalty, squared_gradient_norm
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings

SHAPE = ImageShape(channels=1, height=12, width=10)


def seeded(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def discriminator(name: str, *, spectral_norm: bool = False, width: int = 8) -> nn.Module:
    settings = DiscriminatorSettings(architecture=name, width=width, spectral_norm=spectral_norm)
    return make_discriminator(settings, shape=SHAPE, num_classes=3, seed=seeded())


def images(count: int = 4) -> Tensor:
    return torch.rand(count, 1, 12, 10, generator=seeded(1)) * 2 - 1


@pytest.mark.parametrize("name", ["r3", "sngan", "wgan-gp"])
def test_no_image_influences_anothers_logit_in_training(name: str) -> None:
    network, labels = discriminator(name), torch.tensor([0, 1, 2, 0])
    assert not couples_images(network)
    whole = network(images(), labels)
    assert torch.allclose(network(images()[1:2], labels[1:2]), whole[1:2], rtol=1e-4, atol=1e-6)


def test_lsgan_normalises_all_but_the_first_layer_of_both() -> None:
    network = discriminator("lsgan")
    assert couples_images(network)
    convolutions = sum(isinstance(module, nn.Conv2d) for module in network.modules())
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == convolutions - 1 > 0
    assert all((norm.eps, norm.momentum) == (1e-5, 0.1) for norm in norms)


@pytest.mark.parametrize("name", ["r3", "sngan", "wgan-gp"])
def test_slopes_can_be_penalised(name: str) -> None:
    network, labels = discriminator(name, spectral_norm=name == "sngan"), torch.tensor([0, 1, 2, 0])

    def critic(points: Tensor) -> Tensor:
        logits: Tensor = network(points, labels)
        return logits

    fake = images().flip(0)
    loss = squared_gradient_norm(critic, images())
    loss = loss + gradient_penalty(critic, real=images(), fake=fake, generator=seeded())
    loss.backward()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert gradients
    assert all(bool(torch.isfinite(gradient).all()) for gradient in gradients)


def test_spectral_norm_bounds_every_layer_of_sngan_and_is_saved() -> None:
    network = discriminator("sngan", spectral_norm=True)
    labels = torch.tensor([0, 1, 2, 0])
    vectors = [key for key in network.state_dict() if key.endswith((".left", ".right"))]
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear | nn.Embedding)]
    assert len(vectors) == 2 * len(layers) == 18
    before = {key: network.state_dict()[key].clone() for key in vectors}
    network.eval()(images(), labels)
    assert all(torch.equal(network.state_dict()[key], before[key]) for key in vectors)
    network.train()
    for _ in range(30):
        network(images(), labels)
    assert any(not torch.equal(network.state_dict()[key], before[key]) for key in vectors)
    network.eval()
    for layer in layers:
        largest = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]
        assert float(largest) == pytest.approx(1.0, abs=0.02)


def test_r3_takes_no_spectral_norm_since_its_branches_start_at_nought() -> None:
    with pytest.raises(UsageError, match=r"discriminator\.spectral_norm .* set it to false"):
        discriminator("r3", spectral_norm=True)


@pytest.mark.parametrize(("size", "times"), [(8, 1), (28, 3), (32, 3), (33, 4), (64, 4), (128, 5)])
def test_images_are_halved_until_no_side_is_longer_than_four(size: int, times: int) -> None:
    assert num_halvings(ImageShape(channels=1, height=8, width=size)) == times
    assert -(-size // 2**times) <= 4 < -(-size // 2 ** (times - 1))


def test_wgan_gp_starts_from_its_own_uniform_weights() -> None:
    shape = ImageShape(channels=3, height=32, width=32)
    g = WganGpGenerator(latent_size=128, shape=shape, width=16)
    d = WganGpDiscriminator(shape=shape, width=16)
    for network in (g, d):
        with torch.no_grad():
            network.initialise(seeded())
    dense, up, down = g.layers[0], g.layers[3], d.layers[2]
    fans: dict[Any, float] = {
        dense: 6 / (128 + 16 * 64),
        up: 12 / (64 * 25 / 4 + 32 * 25),
        down: 12 / (16 * 25 + 32 * 25 / 4),
    }
    for layer, square in fans.items():
        weight = layer.weight.detach()
        assert float(weight.abs().max()) == pytest.approx(math.sqrt(square), rel=1e-3)
        assert float(weight.std()) == pytest.approx(math.sqrt(square / 3), rel=0.03)


def test_sngan_starts_with_two_hundredths_in_the_generator() -> None:
    network = make_generator(
        GeneratorSettings(architecture="sngan", width=8),
        latent_size=128,
        shape=SHAPE,
        num_classes=0,
        seed=seeded(),
    )
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.ConvTranspose2d):
            assert float(module.weight.detach().std()) == pytest.approx(0.02, rel=0.05)


def test_a_residual_block_starts_as_the_identity_with_fix_up_gains() -> None:
    network = R3Generator(
        latent_size=4, shape=ImageShape(channels=1, height=16, width=16), width=32
    )
    with torch.no_grad():
        network.initialise(seeded())
    basis: Any = network.layers[0]
    block: Any = network.layers[1]
    x = torch.randn(2, 128, 4, 4, generator=seeded())
    assert torch.equal(block(x), x)
    gain = math.sqrt(2 / (1 + 0.2**2)) * 3**-0.25  # three blocks: at 4, 8 and 16 pixels
    for layer, fan_in in ((block.widen, 128), (block.mix, 16 * 9)):
        deviation = float(layer.weight.detach().std())
        assert deviation == pytest.approx(gain / math.sqrt(fan_in), rel=0.03)
    assert block.mix.groups == 16
    assert float(basis.basis.detach().std()) == pytest.approx(1, rel=0.05)


def test_r3_has_no_norm_and_biases_only_before_an_activation() -> None:
    network = R3Discriminator(shape=SHAPE, width=16)
    assert not any("Norm" in type(module).__name__ for module in network.modules())
    biased = {key.split(".")[-2] for key, _ in network.named_parameters() if key.endswith("bias")}
    assert biased == {"widen", "mix"}


def test_resampling_is_bilinear_inside_and_keeps_constants() -> None:
    x = torch.randn(2, 3, 6, 5, generator=seeded())
    large = Resample(up=True)(x)
    bilinear = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    assert torch.allclose(large[..., 1:-1, 1:-1], bilinear[..., 1:-1, 1:-1], atol=1e-6)
    ones = torch.ones(1, 2, 8, 8)
    assert torch.allclose(Resample(up=True)(ones)[..., 1:-1, 1:-1], torch.ones(14, 14))
    assert torch.allclose(Resample(up=False)(ones)[..., 1:-1, 1:-1], torch.ones(2, 2))


def test_halving_is_the_adjoint_of_doubling_but_for_its_gain() -> None:
    small = torch.randn(1, 2, 4, 3, generator=seeded(), dtype=torch.float64)
    large = torch.randn(1, 2, 8, 6, generator=seeded(1), dtype=torch.float64)
    down, up = Resample(up=False)(large), Resample(up=True)(small)
    assert float((down * small).sum()) == pytest.approx(float((large * up).sum()) / 4)


@pytest.mark.parametrize(("size", "half"), [((7, 8), (4, 4)), ((5, 9), (3, 5)), ((1, 2), (1, 1))])
def test_halving_rounds_up(size: tuple[int, int], half: tuple[int, int]) -> None:
    assert Resample(up=False)(torch.ones(1, 1, *size)).shape[2:] == half
