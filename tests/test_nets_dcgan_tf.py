"""The DCGAN tutorial's networks: parameter counts by hand, and Keras' padding."""

import pytest
import torch
from torch.nn import functional as F

from ganvas.nets.dcgan_tf import DcganTfDiscriminator, DcganTfGenerator, _pad_same
from ganvas.nets.shape import ImageShape

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


@pytest.mark.parametrize(("size", "before", "after"), [(28, 1, 2), (14, 1, 2), (7, 2, 2)])
def test_same_padding_puts_the_odd_pixel_right_and_bottom(
    size: int, before: int, after: int
) -> None:
    padded = _pad_same(torch.ones(1, 1, size, size))[0, 0]
    assert padded.shape == (size + before + after,) * 2
    assert int(padded[:before].sum()) == 0
    assert int(padded[:, size + before :].sum()) == 0
    assert int(padded.sum()) == size * size
    assert F.conv2d(padded[None, None], torch.ones(1, 1, 5, 5), stride=2).shape[-1] == -(-size // 2)


def test_a_transposed_convolution_is_the_gradient_of_the_padded_one() -> None:
    # Keras defines its "same" transposed convolution so: the adjoint of the strided one.
    weight = torch.randn(1, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    image = torch.zeros(1, 1, 28, 28, requires_grad=True)
    out = torch.randn(1, 1, 14, 14, generator=torch.Generator().manual_seed(1))
    F.conv2d(_pad_same(image), weight, stride=2).backward(out)
    ours = F.conv_transpose2d(out, weight, stride=2, padding=1)[..., :-1, :-1]
    assert image.grad is not None
    assert torch.allclose(ours, image.grad, atol=1e-5)


def test_classes_add_their_vectors_and_nothing_else() -> None:
    plain, joined = (DcganTfGenerator(latent_size=100, shape=MNIST, num_classes=n) for n in (0, 10))
    assert count(joined) - count(plain) == 10 * 32 + 32 * 7 * 7 * 256
    plain_d, joined_d = (DcganTfDiscriminator(shape=MNIST, num_classes=n) for n in (0, 10))
    assert count(joined_d) - count(plain_d) == 10 * 7 * 7 * 128
