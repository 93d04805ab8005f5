"""The DCGAN tutorial's networks: parameter counts by hand, and Keras' layers in NumPy."""

from typing import Any

import numpy as np
import torch

from ganvas.nets.dcgan_tf import DcganTfDiscriminator, DcganTfGenerator
from ganvas.nets.shape import ImageShape
from tests.keras_reference import conv_same, conv_transpose_same

MNIST = ImageShape(channels=1, height=28, width=28)


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_generator_has_the_published_parameters() -> None:
    dense = 100 * 7 * 7 * 256
    norms = 2 * (7 * 7 * 256 + 128 + 64)
    convolutions = 25 * (256 * 128 + 128 * 64 + 64 * 1)
    assert count(DcganTfGenerator(latent_size=100, shape=MNIST)) == dense + norms + convolutions


def test_the_discriminator_has_the_published_parameters() -> None:
    first, second = 25 * 1 * 64 + 64, 25 * 64 * 128 + 128
    assert count(DcganTfDiscriminator(shape=MNIST)) == first + second + (7 * 7 * 128 + 1)


def filled(network: torch.nn.Module) -> Any:
    """The network in double precision, in evaluation, with numbers everywhere."""
    with torch.no_grad():
        for number, tensor in enumerate((*network.parameters(), *network.buffers())):
            if tensor.is_floating_point():
                tensor.uniform_(0.1, 0.5, generator=torch.Generator().manual_seed(number))
    return network.double().eval()


def kernel(layer: Any) -> np.ndarray:
    return layer.weight.permute(2, 3, 1, 0).detach().numpy()


def rectified(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0.3 * x)


def normed(x: np.ndarray, norm: torch.nn.Module) -> np.ndarray:
    mean, variance, scale, shift = (
        getattr(norm, name).detach().numpy()
        for name in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / np.sqrt(variance + 1e-3) * scale + shift


def test_the_generator_is_its_keras_layers_one_by_one() -> None:
    shape = ImageShape(channels=3, height=10, width=9)  # made as 12x12, then cropped
    network = filled(DcganTfGenerator(latent_size=3, shape=shape, width=2))
    noise = torch.randn(2, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = []
    for row in noise.numpy() / 20:  # small, that tanh does not saturate
        x = rectified(normed(network.dense.weight.detach().numpy() @ row, network.norm0))
        x = x.reshape(8, 3, 3).transpose(1, 2, 0)
        x = rectified(normed(conv_transpose_same(x, kernel(network.up1), 1), network.norm1))
        x = rectified(normed(conv_transpose_same(x, kernel(network.up2), 2), network.norm2))
        x = conv_transpose_same(x, kernel(network.up3), 2)[:10, :9]
        expected.append(np.tanh(x).transpose(2, 0, 1))
    images = network(noise / 20).detach().numpy()
    np.testing.assert_allclose(images, expected, rtol=1e-12)


def test_the_discriminator_is_its_keras_layers_one_by_one() -> None:
    shape = ImageShape(channels=3, height=10, width=9)
    network = filled(DcganTfDiscriminator(shape=shape, width=2))
    images = torch.randn(
        2, 3, 10, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    expected = []
    for image in images.numpy():
        x = image.transpose(1, 2, 0)
        for layer in (network.conv1, network.conv2):
            x = rectified(conv_same(x, kernel(layer), 2) + layer.bias.detach().numpy())
        logit = network.head.logit
        weight = logit.weight.detach().numpy()[0]
        expected.append(weight @ x.transpose(2, 0, 1).reshape(-1) + float(logit.bias.data))
    np.testing.assert_allclose(network(images).detach().numpy(), expected, rtol=1e-12)


def test_classes_add_their_vectors_and_nothing_else() -> None:
    plain, joined = (DcganTfGenerator(latent_size=100, shape=MNIST, num_classes=n) for n in (0, 10))
    assert count(joined) - count(plain) == 10 * 32 + 32 * 7 * 7 * 256
    plain_d, joined_d = (DcganTfDiscriminator(shape=MNIST, num_classes=n) for n in (0, 10))
    assert count(joined_d) - count(plain_d) == 10 * 7 * 7 * 128
