"""A run seen from outside: what its files say, and pictures that show themselves."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import ganvas
from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.grid import images_to_grid
from ganvas.recipe import Recipe
from ganvas.run import Picture, Run, find_run
from ganvas.runlog import RunDirectory
from tests.model_helpers import small_config, write_model


@pytest.fixture
def run(tmp_path: Path) -> Run:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.write_recipe(Recipe(seed=4))
    return Run(str(directory.path))


def write_status(run: Run, status: str, **values: Any) -> None:
    RunDirectory(run.directory).write_status(status, **values)


def test_a_run_says_what_its_files_say_now(run: Run) -> None:
    assert run.recipe == Recipe(seed=4)
    write_status(run, "running", images=64)
    assert (run.status, run.images, run.evaluation) == ("running", 64, None)
    write_status(run, "finished", images=128, evaluation={"metrics": {}})
    assert (run.status, run.images, run.evaluation) == ("finished", 128, {"metrics": {}})


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    run = Run(tmp_path / "nowhere")
    assert run.directory == tmp_path / "nowhere"
    assert repr(run) == f"Run('{tmp_path / 'nowhere'}')"
    for name in ("recipe", "status", "images", "evaluation"):
        with pytest.raises(GanvasError, match=r"cannot read .*nowhere.\w+\.json: No such file"):
            getattr(run, name)
    with pytest.raises(UsageError, match="no model"):
        _ = run.generator


@pytest.mark.parametrize("content", ["[]", "{}", '{"status": 1}', '{"status": "x", "images": "1"}'])
def test_a_damaged_status_is_one_clear_line(run: Run, content: str) -> None:
    (run.directory / "status.json").write_text(content)
    for name in ("status", "images", "evaluation"):
        with pytest.raises(DataError, match=r"status\.json does not say '(status|images)'"):
            getattr(run, name)


def test_samples_are_those_of_the_runs_generator(run: Run) -> None:
    write_model(run.directory / "model", small_config(3, 8, 10))
    shown = run.sample(5, labels="square", seed=2)
    np.testing.assert_array_equal(shown.array, run.generator(5, "square", 2))
    assert shown.array.shape == (5, 8, 10, 3)


def test_a_run_goes_wherever_its_directory_does(run: Run, tmp_path: Path) -> None:
    write_model(run.directory / "model", small_config(3, 8, 10))
    loaded = ganvas.load(run)
    np.testing.assert_array_equal(loaded(2, "square", 1), run.generator(2, "square", 1))
    assert Path(run) == run.directory
    assert find_run(run).path == run.directory


def test_points_show_themselves_where_they_lie() -> None:
    points = np.array([[0.0, 0.0], [1.2, 1.2]], np.float32)
    picture = Picture(points, scale=1.0)
    assert picture.grid.ndim == 3
    assert len(np.unique(picture.grid)) > 1
    with Image.open(BytesIO(picture._repr_png_())) as opened:
        assert opened.size == picture.grid.shape[1::-1]


def test_a_run_directory_is_known_by_its_recipe(run: Run, tmp_path: Path) -> None:
    assert find_run(run.directory).path == run.directory
    assert find_run(str(run.directory)).read_recipe() == run.recipe
    for path in (tmp_path, tmp_path / "nowhere", Path("x" * 5_000), run.directory / "recipe.json"):
        with pytest.raises(UsageError, match=r"is no run directory: it has no recipe\.json"):
            find_run(path)


@settings(max_examples=8, deadline=None)
@given(count=st.integers(1, 30), channels=st.sampled_from([1, 3, 4]), columns=st.integers(1, 8))
def test_a_picture_shows_every_image_in_a_notebook(count: int, channels: int, columns: int) -> None:
    shape = (count, 8, 9, channels)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    shown = Picture(images, columns)._repr_png_()
    with Image.open(BytesIO(shown)) as opened:
        pixels = np.asarray(opened).reshape(opened.height, opened.width, channels)
    plain = images_to_grid(images.transpose(0, 3, 1, 2), columns)
    factor = pixels.shape[0] // plain.shape[0]
    np.testing.assert_array_equal(pixels, plain.repeat(factor, 0).repeat(factor, 1))


def test_a_picture_is_about_square_and_about_as_wide_as_a_page() -> None:
    for count in (1, 4, 16, 64, 100):
        height, width, _ = Picture(np.zeros((count, 28, 28, 1), np.uint8)).grid.shape
        assert 0.8 <= height / width <= 1.25
        assert 400 <= width <= 900


def test_a_picture_can_be_saved(tmp_path: Path) -> None:
    picture = Picture(np.full((2, 8, 8, 3), 7, np.uint8))
    path = picture.save(str(tmp_path / "picture.png"))
    with Image.open(path) as opened:
        np.testing.assert_array_equal(np.asarray(opened), picture.grid)
    with pytest.raises(GanvasError, match=r"cannot write .*missing"):
        picture.save(tmp_path / "missing" / "picture.png")
