"""A recipe described: what it is and where from, and the layers of its networks for some images."""

from dataclasses import asdict, dataclass
from typing import Any

from ganvas.data.asked import parse_data
from ganvas.data.catalogue import find_source
from ganvas.data.named.sources import POINT_SOURCES
from ganvas.errors import UsageError
from ganvas.nets import ImageShape, PointShape, Shape
from ganvas.nets.diagram import Diagram, diagram_of, shape_in_words
from ganvas.nets.summary import LayerRow
from ganvas.recipe import Recipe
from ganvas.recipes import get_recipe, page_of
from ganvas.recipes.page import RecipePage
from ganvas.words import counted

__all__ = [
    "LAYER_COLUMNS",
    "Description",
    "describe_recipe",
    "layer_cells",
    "own_images",
    "totals",
]

LAYER_COLUMNS = ("layer", "kind", "output", "parameters", "statistics")


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """A recipe, what its page says, and its networks."""

    name: str
    recipe: Recipe
    page: RecipePage
    diagram: Diagram

    @property
    def heading(self) -> str:
        """What the diagram shows, in a line."""
        classes = self.diagram.num_classes
        clusters = self.diagram.num_clusters
        kind = counted(classes, "class", "classes") if classes else "no classes"
        if clusters:
            kind += f", {clusters} clusters in their place"
        what = "points" if isinstance(self.diagram.shape, PointShape) else "images"
        return f"{self.name}: {what} of {shape_in_words(self.diagram.shape.sizes)}, {kind}"

    def to_json(self) -> dict[str, Any]:
        """Return the recipe's settings, and beside them `page` and `networks`."""
        shape = self.diagram.shape
        return {
            **self.recipe.to_json(),
            "page": asdict(self.page),
            "networks": {
                "points" if isinstance(shape, PointShape) else "image": asdict(shape),
                "classes": self.diagram.num_classes,
                "clusters": self.diagram.num_clusters,
                **{
                    name: {
                        "parameters": sum(row.parameters for row in rows),
                        "statistics": sum(row.statistics for row in rows),
                        "layers": [asdict(row) for row in rows],
                    }
                    for name, rows in self.diagram.sides
                },
            },
        }


def describe_recipe(
    name: str,
    *,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    classes: int | None = None,
) -> Description:
    """Return the description of the recipe called `name`.

    `size` (height, width), `channels` and `classes` are those of the images that the networks are
    made for; what is None is that of the recipe's own data.

    Raises UsageError for an unknown name and for images that the networks cannot be made for.
    """
    recipe = get_recipe(name)
    shape, own_classes = own_images(recipe)
    if isinstance(shape, ImageShape):
        height, width = size or (shape.height, shape.width)
        shape = ImageShape(channels=channels or shape.channels, height=height, width=width)
    elif size or channels:
        raise UsageError(f"the recipe {name} is for points, which have no size and channels")
    diagram = diagram_of(
        recipe, shape=shape, num_classes=own_classes if classes is None else classes
    )
    return Description(
        name=name,
        recipe=recipe,
        page=page_of(name),
        diagram=diagram,
    )


def own_images(recipe: Recipe) -> tuple[Shape, int]:
    """Return shape and number of classes of the images (or points) of a recipe; reads no data."""
    asked = parse_data(recipe.data.name)
    if asked.name in POINT_SOURCES:
        return PointShape(dimensions=2), POINT_SOURCES[asked.name].num_modes
    source = find_source(asked.name)
    channels, height, width = source.shape
    shape = ImageShape(channels=channels, height=height, width=width)
    return shape, len(asked.classes or source.class_names)


def layer_cells(rows: tuple[LayerRow, ...]) -> list[list[str]]:
    """Return the cells of a table of layers, under `LAYER_COLUMNS`."""
    return [
        [
            row.name,
            " ".join(word for word in (row.kind, row.detail) if word),
            "" if row.name == "class" else shape_in_words(row.output_shape),
            f"{row.parameters:,}" if row.parameters else "",
            f"{row.statistics:,}" if row.statistics else "",
        ]
        for row in rows
    ]


def totals(rows: tuple[LayerRow, ...]) -> str:
    """Return a network's numbers in words."""
    parameters = sum(row.parameters for row in rows)
    statistics = sum(row.statistics for row in rows)
    moved = f", {statistics:,} statistics (moved by training, not trained)" if statistics else ""
    return f"{parameters:,} parameters{moved}"
