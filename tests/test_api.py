"""The Python API: names that come when asked for, training, sampling and measuring from arrays."""

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas.errors import UsageError
from ganvas.recipe import MachineSettings
from tests.project_source import ROOT
from tests.training_helpers import TINY, tiny_data

SMALL = replace(TINY, machine=MachineSettings(threads=1))


def arrays() -> tuple[np.ndarray, np.ndarray]:
    data = tiny_data()
    assert data.train.labels is not None
    return data.train.images, data.train.labels


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ganvas.Run:
    return ganvas.train(arrays(), recipe=SMALL, images=64, out=tmp_path_factory.mktemp("runs"))


def test_importing_ganvas_imports_nothing_heavy() -> None:
    code = (
        "import sys, ganvas; assert 'train' in dir(ganvas); ganvas.__version__; ganvas.Recipe\n"
        "sys.exit(str({'torch', 'numpy', 'rich', 'PIL'} & set(sys.modules) or ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == ""


def test_every_public_name_is_there_and_nothing_shadows_it() -> None:
    for name in ganvas.__all__:
        assert getattr(ganvas, name) is not None
    for room in ("evaluation", "measure", "run", "session"):
        import_module(f"ganvas.{room}")
    assert callable(ganvas.train)
    assert callable(ganvas.resume)
    assert callable(ganvas.load)
    assert callable(ganvas.evaluate)
    with pytest.raises(AttributeError, match="no attribute 'tarin'"):
        _ = ganvas.tarin


def test_a_run_trains_samples_and_resumes(run: ganvas.Run, tmp_path: Path) -> None:
    assert (run.status, run.images, run.evaluation) == ("finished", 64, None)
    assert run.recipe.conditioning == "class"
    picture = run.sample(6, labels=2, seed=1)
    assert picture.array.dtype == np.uint8
    assert picture.array.shape == (6, 8, 8, 1)
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert picture.save(tmp_path / "six.png").stat().st_size > 100
    longer = ganvas.resume(run.directory, images=96, data=arrays())
    assert longer.images == 96


def test_a_loaded_generator_is_the_runs_own(run: ganvas.Run) -> None:
    for where in (run.directory, str(run.directory / "model")):
        generator = ganvas.load(where)
        assert isinstance(generator, ganvas.Generator)
        assert np.array_equal(generator(4, seed=3), run.sample(4, seed=3).array)


@pytest.mark.parametrize(
    ("shape", "labels"),
    [((40, 32, 32, 3), False), ((40, 20, 20), False), ((40, 1, 12, 9), True)],
)
def test_arrays_of_any_layout_train_and_sample(
    shape: tuple[int, ...], labels: bool, tmp_path: Path
) -> None:
    images = np.random.default_rng(0).random(shape, dtype=np.float32)
    data = (images, np.arange(40) % 2) if labels else images
    run = ganvas.train(data, recipe=SMALL, images=16, out=tmp_path)
    height, width, channels = {
        (40, 32, 32, 3): (32, 32, 3),
        (40, 20, 20): (20, 20, 1),
        (40, 1, 12, 9): (12, 9, 1),
    }[shape]
    assert run.sample(3).array.shape == (3, height, width, channels)
    assert bool(run.generator.config.class_names) == labels


def test_a_wrong_request_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'mnist'"):
        ganvas.train("minst", out=tmp_path)
    with pytest.raises(UsageError, match="one budget"):
        ganvas.train(arrays(), recipe=SMALL, images=5, epochs=2, out=tmp_path)
    with pytest.raises(UsageError, match="no model"):
        ganvas.load(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the measuring room was given; its answer is a word."""
    seen: dict[str, Any] = {}

    def evaluate_generator(generator: Any, dataset: Any, **options: Any) -> dict[str, Any]:
        seen.update(options, generator=generator, dataset=dataset)
        return {"answer": 1}

    monkeypatch.setattr("ganvas.measure.evaluate_generator", evaluate_generator)
    return seen


def test_evaluate_takes_runs_folders_and_generators(
    run: ganvas.Run, measured: dict[str, Any]
) -> None:
    generator = ganvas.load(run.directory)
    for what in (run, run.directory, str(run.directory / "model"), generator):
        assert ganvas.evaluate(what, arrays(), samples=200, seed=5) == {"answer": 1}
        assert (measured["samples"], measured["seed"], measured["metrics"]) == (200, 5, None)
        assert measured["dataset"].num_classes == 3
        assert np.array_equal(measured["generator"](2, seed=0), generator(2, seed=0))


def test_evaluate_loads_the_data_as_the_run_did(
    tmp_path: Path, measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def load(name: str, **options: Any) -> Any:
        asked.update(options, name=name)
        return replace(tiny_data(), reference="mnist")

    monkeypatch.setattr("ganvas.data.request.load", load)
    settings = {"data.held_out": len(tiny_data().held_out)}
    run = ganvas.train(
        "mnist", recipe=SMALL, images=16, out=tmp_path, settings=settings, data_dir=tmp_path
    )
    for what in (run, run.directory / "model"):
        asked.clear()
        ganvas.evaluate(what, data="mnist")
        assert (asked["name"], asked["held_out"]) == ("mnist", settings["data.held_out"])
        assert asked["data_dir"] == tmp_path.resolve()


def test_evaluate_says_what_it_lacks(
    run: ganvas.Run, measured: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ganvas.evaluate(run) == {"answer": 1}  # on the arrays that were kept
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match="are no longer kept on this machine"):
        ganvas.evaluate(run)
