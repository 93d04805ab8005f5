"""docs/settings.md names every setting of the training procedure, and none that there is not."""

import re

from ganvas import settings
from ganvas.recipe import Recipe
from tests.project_source import ROOT

# Groups whose settings all belong to the training procedure.
GROUPS = ("augment.", "instance_noise.", "targets.", "penalty.", "procedure.", "latent.", "budget.")
ALONE = {"discriminator.pack", "discriminator.classes", "data.order"}


LINES = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()


def named() -> set[str]:
    cells = [line.split("|")[1] for line in LINES if line.startswith("|")]
    return {name for cell in cells for name in re.findall(r"`([a-z0-9_.]+)`", cell) if "." in name}


def test_the_page_names_every_setting_of_the_procedure() -> None:
    known = {name for name, _ in settings.flatten(Recipe())}
    wanted = {name for name in known if name.startswith(GROUPS)} | ALONE
    assert wanted - named() == set()


def test_the_page_names_nothing_else() -> None:
    known = {name for name, _ in settings.flatten(Recipe())}
    said = {name for name in named() if ".P." not in name}
    assert said - known == set()


def test_of_the_optimisers_it_names_what_there_is() -> None:
    known = {name for name, _ in settings.flatten(Recipe())}
    for name in named():
        if ".P." in name:
            assert name.replace(".P.", ".generator.") in known


def test_a_recipe_takes_every_piece_of_advice() -> None:
    advice = [dict(re.findall(r"`([a-z_.0-9]+)=([^`]+)`", line)) for line in LINES]
    assert sum(map(len, advice)) > 20
    for together in advice:
        Recipe().with_settings(together)
