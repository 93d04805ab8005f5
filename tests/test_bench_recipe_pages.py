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
    assert "without classes on mnist: 60,000 images, 72 s; 1 thread(s), float32" in text
    assert "| fd | 1.25 | 0.25 |" in text
    assert "| fd_infinity | 1.5 | - |" in text
    assert "(recipes/swift-unconditional.png)" in text
    assert (tmp_path / "figures" / "swift-unconditional.png").is_file()
    kept = json.loads((tmp_path / "figures" / "swift-unconditional.json").read_text())
    assert kept["judge"] == "mnist bbbbbbbb"


def _finished(path: Path, data: str) -> RunDirectory:
    """A finished run of swift on `data`, as far as the page reads it."""
    run = RunDirectory(path)
    run.path.mkdir()
    settings = {"data.name": data, "machine.threads": 1, "machine.precision": "float32"}
    run.write_recipe(get_recipe("swift").with_settings(settings))
    judge = {"name": "random", "digest": "sha256:" + 16 * "c"}
    evaluation = {"samples": 10, "judge": judge, "metrics": {"fd": {"value": 3.0, "real": 1.0}}}
    run.write_status("finished", images=6_000, seconds=900.0, evaluation=evaluation)
    Image.new("L", (8, 8)).save(run.path / "samples.png")
    return run


def test_a_run_on_other_data_stands_beside_the_one_on_its_own(tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    for name, data in (("one", "mnist"), ("two", "cifar10:automobile")):
        recipe_pages.keep(str(_finished(tmp_path / name, data).path), figures)
    assert (figures / "swift-on-cifar10-automobile.png").is_file()
    text = recipe_pages.section(describe_recipe("swift"), figures)
    assert "A run on mnist:" in text
    assert "A run on cifar10:automobile:" in text
    assert "No run of it is kept" in recipe_pages.section(describe_recipe("r3"), figures)


def test_seconds_come_from_the_speed_that_was_measured_before(tmp_path: Path) -> None:
    run = _finished(tmp_path / "swift", "mnist")
    (tmp_path / "speeds.json").write_text('{"images_per_second": {"swift": 2000.0}}')
    status = run.read_status()
    assert recipe_pages.pace(run.path, status) == "3 s at the 2,000 images/s measured before"
    assert recipe_pages.pace(tmp_path / "other", status) == "900 s"


def test_all_figures_are_taken_where_they_were_measured_beside_the_run(tmp_path: Path) -> None:
    run = _finished(tmp_path / "swift", "mnist")
    full = {**run.read_status()["evaluation"], "samples": 10_000}
    run.path.with_suffix(".json").write_text(json.dumps(full))
    recipe_pages.keep(str(run.path), tmp_path / "figures")
    assert json.loads((tmp_path / "figures" / "swift.json").read_text())["samples"] == 10_000
