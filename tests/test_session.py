"""A run from request to finished directory, stopped, resumed, refused, failed. Tiny runs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas import course
from ganvas.checkpoint import load_newest, save_checkpoint
from ganvas.errors import DataError, DivergedError, GanvasError, UsageError
from ganvas.events import Event
from ganvas.runlog import RunDirectory
from tests.session_helpers import train, weights
from tests.training_helpers import tiny_data


def test_the_same_seed_gives_the_same_file_and_another_does_not(tmp_path: Path) -> None:
    first, again, other = (train(tmp_path, seed=seed) for seed in (3, 3, 4))
    assert weights(first) == weights(again)
    assert weights(first) != weights(other)


def test_a_finished_directory_holds_what_the_contract_names(tmp_path: Path) -> None:
    run = train(tmp_path)
    names = {path.name for path in run.directory.iterdir()}
    assert names == {
        "recipe.json",
        "env.json",
        "status.json",
        "metrics.jsonl",
        "findings.jsonl",  # sixty images are few
        "log.txt",
        "reals.png",
        "samples",
        "samples.png",
        "samples.webp",
        "checkpoints",
        "model",
    }
    assert (run.status, run.images) == ("finished", 64)
    assert run.recipe.data.held_out == 8


def test_the_recipe_on_disk_makes_the_same_run(tmp_path: Path) -> None:
    run = train(tmp_path)
    assert weights(train(tmp_path, recipe=run.recipe)) == weights(run)


def test_the_machine_is_decided_once_and_recorded(tmp_path: Path) -> None:
    machine = train(tmp_path, settings={"machine.threads": 1}).recipe.machine
    assert (machine.device, machine.threads) == ("cpu", 1)
    assert machine.precision in ("float32", "bfloat16")


def test_minutes_become_images_before_training(tmp_path: Path) -> None:
    run = train(tmp_path, minutes=0.001)
    assert run.recipe.budget.unit == "images"
    assert run.images >= run.recipe.budget.amount


def test_a_longer_total_goes_on_from_the_end(tmp_path: Path) -> None:
    data = tiny_data()
    run = train(tmp_path, data=data)
    with pytest.raises(UsageError, match="finished at 64 images"):
        ganvas.resume(run.directory, data=data)
    longer = ganvas.resume(run.directory, data=data, images=96)
    assert (longer.status, longer.images) == ("finished", 96)
    lines = (run.directory / "metrics.jsonl").read_text().splitlines()
    images = [json.loads(line)["images"] for line in lines]
    assert images == sorted(set(images))
    assert images[-1] == 96


def test_other_data_is_refused_on_resume(tmp_path: Path) -> None:
    run = train(tmp_path)
    with pytest.raises(UsageError, match="the data changed") as caught:
        ganvas.resume(run.directory, data=tiny_data(count=72), images=96)
    assert str(caught.value).count("sha256:") == 2


def test_a_recipe_that_was_changed_behind_a_run_is_put_right(tmp_path: Path) -> None:
    data = tiny_data()
    run, other = train(tmp_path, data=data), train(tmp_path, data=data, name="other")
    files, recipe = RunDirectory(run.directory), run.recipe
    files.write_recipe(recipe.with_settings({"generator.width": 16, "batch_size": 4}))
    notes: list[Event] = []
    longer = ganvas.resume(run.directory, data=data, images=96, watcher=notes.append)
    assert longer.recipe == recipe.with_settings({"budget.amount": 96})
    assert any("recipe.json was changed" in getattr(note, "text", "") for note in notes)
    assert weights(longer) == weights(ganvas.resume(other.directory, data=data, images=96))


def test_a_checkpoint_that_does_not_fit_its_recipe_is_refused(tmp_path: Path) -> None:
    data = tiny_data()
    run = train(tmp_path, data=data)
    folder = RunDirectory(run.directory).checkpoints
    loaded = load_newest(folder)
    assert loaded is not None
    loaded.state["recipe"]["generator"]["width"] = 16
    save_checkpoint(folder, 64, loaded.state, keep=1)
    with pytest.raises(DataError, match="does not fit the run's recipe") as caught:
        ganvas.resume(run.directory, data=data, images=96)
    assert r"\n" not in str(caught.value)


def test_divergence_is_told_and_recorded(tmp_path: Path) -> None:
    wild = {f"optimizer.{name}.learning_rate": 1e30 for name in ("generator", "discriminator")}
    with pytest.raises(DivergedError, match="run directory") as caught:
        train(tmp_path, settings={**wild, "schedule.warmup_images": 0})
    assert caught.value.exit_code == 3
    (folder,) = tmp_path.iterdir()
    assert ganvas.Run(folder).status == "diverged"


def test_a_failed_measurement_leaves_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise GanvasError("the judge is on holiday")

    monkeypatch.setattr(course, "measure_end", fail)
    with pytest.raises(GanvasError, match="holiday"):
        train(tmp_path, settings={"evaluation.samples": 200})
    (folder,) = tmp_path.iterdir()
    assert ganvas.Run(folder).status == "failed"
    assert ganvas.load(folder)(2, seed=0).shape == (2, 8, 8, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": 10, "steps": 3}, "give one budget"),
        ({"recipe": "swfit"}, "did you mean 'swift'"),
        ({"settings": {"batch_size": 1000}}, "fewer than the 1000"),
        ({"settings": {"generator.architecture": "big"}}, "generator.architecture"),
        ({"name": "a/b"}, "--name"),
        ({"data": "mnits"}, "did you mean 'mnist'"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        train(tmp_path / "runs", **options)
    assert not (tmp_path / "runs").exists()


def test_arrays_without_labels_train_unconditionally(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 20, 20), dtype=np.uint8)
    run = train(tmp_path, data=images)
    assert run.generator.config.class_names == ()
    assert run.sample(3, seed=0).array.shape == (3, 20, 20, 1)


def test_a_run_whose_end_failed_is_completed_by_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tiny_data()
    with monkeypatch.context() as patch:
        patch.setattr(course, "_save_model", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(tmp_path, data=data)
    (folder,) = tmp_path.iterdir()
    assert ganvas.Run(folder).status == "failed"
    completed = ganvas.resume(folder, data=data)
    assert completed.status == "finished"
    assert weights(completed) == weights(train(tmp_path, data=data))


def test_a_layout_can_be_said(tmp_path: Path) -> None:
    images = np.zeros((40, 3, 8, 3), dtype=np.uint8)
    with pytest.raises(UsageError, match="layout"):
        train(tmp_path, data=images)
    tall = np.random.default_rng(0).integers(0, 256, (40, 3, 9, 12), dtype=np.uint8)
    assert train(tmp_path, data=tall, layout="NCHW").sample(1, seed=0).array.shape == (1, 9, 12, 3)


def test_a_run_on_arrays_goes_on_with_those_that_were_kept(tmp_path: Path) -> None:
    run = train(tmp_path, images=64)
    again = ganvas.resume(run.directory, images=96)
    assert again.images == 96


def test_a_run_on_arrays_says_how_to_go_on_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(tmp_path)
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "elsewhere"))
    with pytest.raises(UsageError, match=r"the arrays .* are no longer kept .*; give them again"):
        ganvas.resume(run.directory, images=96)
    assert ganvas.resume(run.directory, images=96, data=tiny_data()).images == 96


def test_a_cache_that_cannot_be_written_does_not_stop_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "file"))
    run = train(tmp_path)
    assert "the arrays are not kept" in caplog.text
    with pytest.raises(UsageError, match="the images were arrays"):
        ganvas.resume(run.directory, images=96)


def test_the_number_of_images_set_aside_is_kept_when_asked_for(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (48, 8, 8), dtype=np.uint8)
    assert train(tmp_path, data=images).recipe.data.held_out == 4
    asked = train(tmp_path, data=images, settings={"data.held_out": 12})
    assert asked.recipe.data.held_out == 12
