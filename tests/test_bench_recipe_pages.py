"""docs/recipes.md says what the code says."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bench import recipe_pages
from ganvas.description import describe_recipe
from ganvas.recipes import RECIPES, get_recipe
from ganvas.runlog import RunDirectory


def test_the_page_in_the_docs_is_the_one_the_recipes_make() -> None:
    written = (recipe_pages.DOCS / "recipes.md").read_text(encoding="utf-8")
    made = recipe_pages.document(recipe_pages.DOCS / "recipes")
    assert written == made, "run: python -m bench.recipe_pages"


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_section_with_its_page_and_its_layers(name: str, tmp_path: Path) -> None:
    found = describe_recipe(name)
    text = recipe_pages.section(found, tmp_path)
    assert text.startswith(f"## {name}\n")
    for words in (found.page.title, *found.page.deviations):
        assert " ".join(words.split()) in text
    for _, rows in found.diagram.sides:
        assert f"{sum(row.parameters for row in rows):,} parameters" in text
    assert "No run of it is kept" in text


def test_a_finished_run_fills_its_place(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    recipe = get_recipe("swift").with_settings(
        {"machine.threads": 1, "machine.precision": "float32", "conditioning": "none"}
    )
    run.write_recipe(recipe)
    run.write_status("running", images=5)
    with pytest.raises(SystemExit, match="not finished"):
        recipe_pages.keep(str(run.path), tmp_path / "figures")
    evaluation = {
        "samples": 2000,
        "judge": {"name": "mnist", "digest": "sha256:" + 16 * "b"},
        "metrics": {
            "fd": {"value": 1.25, "real": 0.25},
            "fd_infinity": {"value": 1.5, "real": None},
        },
    }
    run.write_status("finished", images=60_000, seconds=71.6, evaluation=evaluation)
    Image.new("L", (8, 8)).save(run.path / "samples.png")
    assert recipe_pages.keep(str(run.path), tmp_path / "figures") == "swift-unconditional"
    text = recipe_pages.section(describe_recipe("swift"), tmp_path / "figures")
    assert "without classes on mnist: 60,000 images in 72 s on 1 thread(s), float32" in text
    assert "| fd | 1.25 | 0.25 |" in text
    assert "| fd_infinity | 1.5 | - |" in text
    assert "(recipes/swift-unconditional.png)" in text
    assert (tmp_path / "figures" / "swift-unconditional.png").is_file()
    kept = json.loads((tmp_path / "figures" / "swift-unconditional.json").read_text())
    assert kept["judge"] == "mnist bbbbbbbb"
