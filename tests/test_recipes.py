"""Recipes by name; what the default promises."""

import pytest

from ganvas.errors import UsageError
from ganvas.recipes import RECIPES, get_recipe, make_recipe, page_of


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_each_recipe_carries_its_name_and_a_summary_of_one_line(name: str) -> None:
    assert get_recipe(name).name == name
    assert page_of(name).summary
    assert "\n" not in page_of(name).summary


def test_unknown_recipes_name_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'swift'"):
        get_recipe("swfit")


def test_swift_takes_classes_where_there_are_any_and_one_pass() -> None:
    recipe = get_recipe("swift")
    assert recipe.conditioning == "auto"
    assert recipe.procedure.name == "simultaneous"
    assert recipe.loss.class_weight > 0


def test_dcgan_tf_is_the_published_one() -> None:
    recipe = get_recipe("dcgan-tf")
    assert (recipe.batch_size, recipe.latent.size, recipe.conditioning) == (256, 100, "none")
    for optimizer in (recipe.optimizer.generator, recipe.optimizer.discriminator):
        assert (optimizer.name, optimizer.learning_rate, optimizer.epsilon) == ("adam", 1e-4, 1e-7)
        assert (optimizer.beta1, optimizer.beta2) == (0.9, 0.999)
    assert recipe.discriminator.dropout == 0.3
    assert recipe.ema.half_life_images == 0  # its samples come from the network itself
    assert recipe.procedure.name == "simultaneous"


@pytest.mark.parametrize("conditioning", ["none", "clusters", "unlabelled"])
def test_without_labels_a_setting_says_what_takes_their_place(conditioning: str) -> None:
    asked = make_recipe(
        "swift", budget={}, unconditional=True, settings={"conditioning": conditioning}
    )
    assert asked.conditioning == conditioning
    assert make_recipe("swift", budget={}, unconditional=True).conditioning == "unlabelled"


@pytest.mark.parametrize("conditioning", ["auto", "class"])
def test_without_labels_none_are_looked_at(conditioning: str) -> None:
    asked = make_recipe(
        "swift", budget={}, unconditional=True, settings={"conditioning": conditioning}
    )
    assert asked.conditioning == "unlabelled"
