"""Which recipes and architectures are for images: what a test with images runs over."""

from ganvas.nets import GENERATORS
from ganvas.recipe.networks import POINT_ARCHITECTURES
from ganvas.recipes import RECIPES, get_recipe

IMAGE_RECIPES = tuple(name for name in RECIPES if get_recipe(name).kind == "images")
IMAGE_ARCHITECTURES = sorted(GENERATORS.keys() - POINT_ARCHITECTURES)
