"""Recipes described: the layers from noise to logit, their sums, other images, the drawing."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ganvas.cli.main import main
from ganvas.description import describe_recipe, layer_cells, own_images, totals
from ganvas.errors import UsageError
from ganvas.nets import ImageShape, PointShape, make_discriminator, make_generator
from ganvas.nets.diagram import diagram_of, shape_in_words
from ganvas.recipe import Recipe
from ganvas.recipes import RECIPES, get_recipe
from ganvas.report.diagram import draw_diagram

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("name", RECIPES)
def test_a_diagram_goes_from_noise_to_image_to_logit_and_sums_to_the_networks(name: str) -> None:
    found = describe_recipe(name)
    recipe, diagram = found.recipe, found.diagram
    g, d = diagram.generator, diagram.discriminator
    shape = diagram.shape
    what = "point" if recipe.kind == "points" else "image"
    assert (g[0].name, g[0].output_shape) == ("noise", (recipe.latent.size,))
    assert (g[-1].name, g[-1].output_shape) == (what, shape.sizes) == (d[0].name, d[0].output_shape)
    assert (d[-1].name, d[-1].output_shape) == ("logit", ())
    classes = diagram.num_classes or diagram.num_clusters
    networks = (
        make_generator(
            recipe.generator,
            latent_size=recipe.latent.size,
            shape=shape,
            num_classes=classes,
            seed=None,
        ),
        make_discriminator(recipe.discriminator, shape=shape, num_classes=classes, seed=None),
    )
    for rows, network in zip((g, d), networks, strict=True):
        count = sum(parameter.numel() for parameter in network.parameters())
        assert sum(row.parameters for row in rows) == count
        assert totals(rows).startswith(f"{count:,} parameters")
        assert len(layer_cells(rows)) == len(rows)


def test_known_numbers_of_published_networks() -> None:
    found = describe_recipe("dcgan-tf")
    g, d = found.diagram.generator, found.diagram.discriminator
    # Keras' summary of the tutorial's generator: 2,330,944 in all, 25,472 of them not trained.
    assert sum(row.parameters + row.statistics for row in g) == 2_330_944
    assert sum(row.parameters for row in d) == 212_865
    assert layer_cells(g)[3][1] == "SameConvTranspose2d 5x5"
    assert layer_cells(d)[1][1:3] == ["SameConv2d 5x5, stride 2", "14 x 14 x 64"]
    assert ["dropout", "Dropout 0.3", "7 x 7 x 128", "", ""] in layer_cells(d)


def test_images_can_be_chosen() -> None:
    found = describe_recipe("swift", size=(32, 16), channels=3, classes=7)
    assert found.heading == "swift: images of 32 x 16 x 3, 7 classes"
    plain = describe_recipe("swift", classes=0)
    assert (plain.diagram.num_classes, plain.diagram.num_clusters) == (0, 100)
    names = [row.name for row in plain.diagram.generator]
    assert "class" not in names
    assert "cluster" in names
    assert plain.heading.endswith("no classes, 100 clusters in their place")
    assert describe_recipe("swift", classes=1).diagram.num_classes == 0  # "auto" with one class
    with pytest.raises(UsageError, match="did you mean 'swift'"):
        describe_recipe("swfit")


def test_clusters_of_each_channel_are_counted_and_said() -> None:
    recipe = get_recipe("swift").with_settings({"clusters.channels": "apart"})
    shape = ImageShape(channels=3, height=28, width=28)
    found = diagram_of(recipe, shape=shape, num_classes=0)
    assert found.num_clusters == 300
    (row,) = (row for row in found.generator if row.name == "cluster")
    assert row.detail == "one of 100 in each channel"


def test_a_recipes_own_images_are_those_of_its_data() -> None:
    shape, classes = own_images(Recipe().with_settings({"data.name": "cifar10:automobile"}))
    assert (shape.sizes, classes) == ((3, 32, 32), 1)
    shape, classes = own_images(get_recipe("swift"))
    assert (shape.sizes, classes) == ((1, 28, 28), 10)
    assert own_images(get_recipe("points")) == (PointShape(dimensions=2), 8)


@pytest.mark.parametrize(
    ("shape", "words"), [((32, 14, 7), "14 x 7 x 32"), ((128,), "128"), ((), "1")]
)
def test_shapes_are_written_as_people_do(shape: tuple[int, ...], words: str) -> None:
    assert shape_in_words(shape) == words


@pytest.mark.parametrize("name", RECIPES)
def test_the_drawing_shows_every_layer_of_both_networks(name: str, tmp_path: Path) -> None:
    found = describe_recipe(name)
    for path in (tmp_path / "a.svg", tmp_path / "b.svg"):
        draw_diagram(path, found.diagram, found.heading)
    drawn = (tmp_path / "a.svg").read_text()
    assert drawn == (tmp_path / "b.svg").read_text()
    for _, rows in found.diagram.sides:
        assert f">{sum(row.parameters for row in rows):,} parameters<" in drawn
        for row in rows:
            if row.parameters:
                assert f">{row.parameters:,}<" in drawn
                assert f">{shape_in_words(row.output_shape)}<" in drawn


def shown(capsys: Captured, *line: str) -> str:
    assert main(["recipes", *line]) == 0
    return capsys.readouterr().out


def test_the_command_says_what_it_is_and_lists_layers_and_settings(capsys: Captured) -> None:
    text = shown(capsys, "dcgan-tf")
    found = describe_recipe("dcgan-tf")
    flat = " ".join(text.split())
    for words in (found.page.title, found.page.source, found.page.expect, found.heading):
        assert " ".join(words.split()) in flat
    assert "generator: 2,305,472 parameters, 25,472 statistics" in text
    assert "optimizer.generator.learning_rate" in text
    values: dict[str, Any] = json.loads(shown(capsys, "dcgan-tf", "--json"))
    assert values.pop("page")["source"] == found.page.source
    networks = values.pop("networks")
    assert networks["generator"]["parameters"] == 2_305_472
    assert networks["discriminator"]["layers"][0]["output_shape"] == [1, 28, 28]
    assert Recipe.from_json(values) == get_recipe("dcgan-tf")


def test_the_command_draws_and_takes_other_images(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "layers.png"
    line = ["swift", "--size", "16x24", "--channels", "3", "--classes", "0", "-o", str(path)]
    assert "swift: images of 16 x 24 x 3, no classes" in shown(capsys, *line)
    with Image.open(path) as picture:
        assert picture.width > 1000


@pytest.mark.parametrize(
    "line",
    [
        ["swfit"],
        ["--size", "32"],
        ["--classes", "3"],
        ["swift", "-o", "layers.gif"],
        ["swift", "--size", "4"],
        ["dcgan-tf", "--size", "8x200"],
    ],
)
def test_what_cannot_be_shown_is_one_line(line: list[str], capsys: Captured) -> None:
    try:
        code = main(["recipes", *line])
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
