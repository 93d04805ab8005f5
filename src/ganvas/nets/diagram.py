"""A recipe's two networks as tables of layers, from the noise to an image and on to the logit."""

from dataclasses import dataclass

from ganvas.nets.shape import ImageShape, Shape
from ganvas.nets.summary import LayerRow, describe_discriminator, describe_generator
from ganvas.recipe import Recipe

__all__ = ["Diagram", "diagram_of", "shape_in_words"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagram:
    """The layers of both networks, each with its input first and its output last.

    Inputs and outputs are rows without numbers of their own, so that sums over the rows are the
    networks'. `num_classes` is 0 for networks that take no classes; `num_clusters` are
    what they take in their place, 0 for none, those of all channels where each has its own.
    """

    shape: Shape
    num_classes: int
    num_clusters: int
    generator: tuple[LayerRow, ...]
    discriminator: tuple[LayerRow, ...]

    @property
    def sides(self) -> tuple[tuple[str, tuple[LayerRow, ...]], ...]:
        """Both networks with their names."""
        return ("generator", self.generator), ("discriminator", self.discriminator)


def diagram_of(recipe: Recipe, *, shape: Shape, num_classes: int) -> Diagram:
    """Return the diagram of a recipe's networks for `shape`; nothing is allocated.

    `num_classes` is the data's; a recipe without conditioning, and one that decides by the data,
    has no classes where there is only one, but clusters where it names some.

    Raises UsageError where the networks cannot be made for such images.
    """
    conditional = recipe.conditioning == "class" or (
        recipe.conditioning == "auto" and num_classes > 1
    )
    clustered = recipe.conditioning == "clusters" or (
        recipe.conditioning in ("auto", "unlabelled")
        and not conditional
        and recipe.discriminator.pack == 1
    )
    parts = recipe.clusters.parts_of(shape.channels if isinstance(shape, ImageShape) else 1)
    num_clusters = recipe.clusters.count * parts
    classes = num_classes if conditional else num_clusters if clustered else 0
    what = "image" if isinstance(shape, ImageShape) else "point"
    noise = [_end("noise", "input", (recipe.latent.size,))]
    if classes:
        one = f"one of {classes}"
        if not conditional and parts > 1:
            one = f"one of {recipe.clusters.count} in each channel"
        noise.append(_end("class" if conditional else "cluster", "input", (), one))
    return Diagram(
        shape=shape,
        num_classes=num_classes if conditional else 0,
        num_clusters=0 if conditional else classes,
        generator=(
            *noise,
            *describe_generator(
                recipe.generator,
                latent_size=recipe.latent.size,
                shape=shape,
                num_classes=classes,
            ),
            _end(what, "output", shape.sizes),
        ),
        discriminator=(
            _end(what, "input", shape.sizes),
            *noise[1:],
            *describe_discriminator(recipe.discriminator, shape=shape, num_classes=classes),
            _end("logit", "output", ()),
        ),
    )


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Return (C, H, W) as people write it, 14 x 14 x 32; (128,) as 128; () as 1, one number."""
    if len(shape) == 3:
        channels, height, width = shape
        return f"{height} x {width} x {channels}"
    return " x ".join(map(str, shape)) or "1"


def _end(name: str, kind: str, shape: tuple[int, ...], detail: str = "") -> LayerRow:
    return LayerRow(
        name=name, kind=kind, output_shape=shape, parameters=0, statistics=0, detail=detail
    )
