"""The networks of points: shapes, classes, packs, and that each kind keeps to its own."""

import pytest
import torch

from ganvas.errors import UsageError
from ganvas.nets import ImageShape, PointShape, make_discriminator, make_generator
from ganvas.nets.points import Waves
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings
from ganvas.recipes import get_recipe
from ganvas.rng import stream

G = GeneratorSettings(architecture="points", width=16)
D = DiscriminatorSettings(architecture="points", width=16)
PLANE = PointShape(dimensions=2)
IMAGE = ImageShape(channels=1, height=8, width=8)


@pytest.mark.parametrize("num_classes", [0, 3])
def test_noise_to_points_to_logits(num_classes: int) -> None:
    seed = stream(0, "test")
    labels = torch.arange(6) % 3 if num_classes else None
    g = make_generator(G, latent_size=4, shape=PLANE, num_classes=num_classes, seed=seed)
    d = make_discriminator(D, shape=PLANE, num_classes=num_classes, seed=seed)
    points = g(torch.randn(6, 4, generator=seed), labels)
    assert points.shape == (6, 2)
    logits = d(points, labels)
    assert logits.shape == (6,)
    if labels is not None:
        of_classes = d.class_logits(points)  # type: ignore[operator]
        torch.testing.assert_close(of_classes.gather(1, labels[:, None])[:, 0], logits)
        other = (labels + 1) % 3
        assert not torch.equal(d(points, other), logits)


def test_waves_are_the_points_and_their_octaves() -> None:
    points = torch.rand(5, 2, dtype=torch.float64, generator=stream(0, "test")) * 2 - 1
    waves = Waves(3)(points).view(5, 7, 2)
    torch.testing.assert_close(waves[:, 0], points)
    for octave, factor in enumerate((1, 2, 4)):
        sine, cosine = waves[:, 1 + 2 * octave], waves[:, 2 + 2 * octave]
        torch.testing.assert_close(sine.square() + cosine.square(), torch.ones_like(points))
        back = torch.atan2(sine, cosine)
        torch.testing.assert_close(
            torch.remainder(points * torch.pi * factor - back, 2 * torch.pi).cos(),
            torch.ones_like(points),
        )
    torch.testing.assert_close(Waves(3)(points + 2)[:, 2:], Waves(3)(points)[:, 2:])


def test_points_are_not_bounded() -> None:
    g = make_generator(G, latent_size=4, shape=PLANE, num_classes=0, seed=stream(0, "test"))
    far, near = (g(torch.full((1, 4), size)).detach() for size in (1e4, 1.0))
    # no bias at the start: twice the noise is twice as far
    torch.testing.assert_close(far, 1e4 * near, rtol=1e-4, atol=0)


def test_a_packed_d_reads_points_side_by_side() -> None:
    packed = DiscriminatorSettings(architecture="points", width=16, pack=3)
    d = make_discriminator(packed, shape=PLANE, num_classes=0, seed=stream(0, "test"))
    points = torch.randn(7, 2, generator=stream(1, "test"))
    logits = d(points)
    assert logits.shape == (2,)
    torch.testing.assert_close(logits, d.network(points[:6].reshape(2, 6)))  # type: ignore[operator]


@pytest.mark.parametrize("seed", [None, torch.Generator()])
def test_architectures_of_the_other_kind_are_refused(seed: torch.Generator | None) -> None:
    swift = get_recipe("swift")
    for settings, shape in ((G, IMAGE), (swift.generator, PLANE)):
        with pytest.raises(UsageError, match=r"generator.architecture cannot be .* for"):
            make_generator(settings, latent_size=4, shape=shape, num_classes=0, seed=seed)
    for of_d, shape in ((D, IMAGE), (swift.discriminator, PLANE)):
        with pytest.raises(UsageError, match=r"discriminator.architecture cannot be .* for"):
            make_discriminator(of_d, shape=shape, num_classes=0, seed=seed)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"augment.policy": "cutout"}, "augment.policy must be empty for points"),
        ({"discriminator.architecture": "swift"}, "discriminator.architecture must be one for"),
        ({"generator.architecture": "swift"}, "discriminator.architecture must be one for"),
    ],
)
def test_a_recipe_of_points_is_one_in_all_its_parts(changes: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        get_recipe("points").with_settings(changes)
