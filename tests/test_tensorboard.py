"""TensorBoard's event files, read back with TensorBoard's own reader."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

import ganvas
from ganvas import disk
from ganvas.cli.main import main
from ganvas.errors import UsageError
from ganvas.events import Event, Finished, Noted, Sampled, Started, Ticked, Validated
from ganvas.recipe import Recipe
from ganvas.runlog import RunDirectory
from ganvas.tensorboard import FOLDER, TensorBoard
from tests.training_helpers import TINY, tiny_data

EVERYTHING = {"scalars": 0, "images": 0, "histograms": 0, "tensors": 0}
WATCHED = replace(
    TINY,
    evaluation=replace(TINY.evaluation, validation_every_images=16, validation_images=6),
    checkpoint=replace(TINY.checkpoint, every_images=16),
)


def read(run: Path) -> EventAccumulator:
    reader = EventAccumulator(str(run / FOLDER), size_guidance=EVERYTHING)
    reader.Reload()
    return reader


def steps(reader: EventAccumulator, tag: str) -> list[int]:
    return [event.step for event in reader.Scalars(tag)]


def settings_of(reader: EventAccumulator) -> dict[str, Any]:
    content = reader.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    info = HParamsPluginData.FromString(content).session_start_info
    return {
        name: value.number_value if value.HasField("number_value") else value.string_value
        for name, value in info.hparams.items()
    }


@pytest.fixture(scope="module", autouse=True)
def _dear() -> Iterator[None]:
    """Let validations cost what they do: a hundredth of a tiny run is less than one image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganvas.evaluation.discriminator._SHARE", 10.0)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs")
    return ganvas.train(tiny_data(), recipe=WATCHED, out=out, tensorboard=True).directory


def test_every_logged_number_is_a_point(run: Path) -> None:
    reader = read(run)
    directory = RunDirectory(run)
    for name, tag in (
        ("d_loss", "losses/d_loss"),
        ("g_loss", "losses/g_loss"),
        ("real_logit", "discriminator/real_logit"),
        ("d_accuracy_fake", "discriminator/d_accuracy_fake"),
    ):
        lines = directory.read_metrics(name, dict)
        assert steps(reader, tag) == [line["images"] for line in lines] == [16, 32, 48, 64]
        values = [event.value for event in reader.Scalars(tag)]
        assert values == pytest.approx([line[name] for line in lines])
    figures = directory.read_metrics("validation", lambda line: line["validation"])
    found = [event.value for event in reader.Scalars("validation/fooling_rate")]
    assert found == pytest.approx([each["fooling_rate"] for each in figures])
    assert len(figures) == 4
    assert "validation/count" not in reader.Tags()["scalars"]


def test_the_samples_are_pictures(run: Path) -> None:
    pictures = read(run).Images("samples")
    assert [picture.step for picture in pictures] == [32, 64]
    path = run / "large.png"
    path.write_bytes(pictures[-1].encoded_image_string)
    with Image.open(path) as shown, Image.open(run / "samples.png") as written:
        grid = np.asarray(shown.convert("L"))
        factor = written.width // grid.shape[1]
        assert np.array_equal(np.asarray(written)[::factor, ::factor], grid)


def test_histograms_count_the_logits_of_each_kind(run: Path) -> None:
    reader = read(run)
    count = RunDirectory(run).read_metrics("validation", lambda line: line["validation"]["count"])
    for kind in ("train", "held_out", "fake"):
        assert len(reader.Histograms(f"logits/{kind}")) == 4
        for event in reader.Histograms(f"logits/{kind}"):
            histogram = event.histogram_value
            assert histogram.num == sum(histogram.bucket) == count[0]
            assert histogram.min <= histogram.sum / histogram.num <= histogram.max


def test_settings_are_those_of_the_recipe(run: Path) -> None:
    found = settings_of(read(run))
    assert found["batch_size"] == 8
    assert found["loss.name"] == WATCHED.loss.name
    assert found["optimizer.generator.learning_rate"] == pytest.approx(
        WATCHED.optimizer.generator.learning_rate
    )


def test_a_run_has_the_same_bytes_with_and_without(run: Path, tmp_path: Path) -> None:
    plain = ganvas.train(tiny_data(), recipe=WATCHED, out=tmp_path).directory
    assert not (plain / FOLDER).exists()
    for name in ("model/model.safetensors", "model/discriminator.safetensors", "samples.png"):
        assert (plain / name).read_bytes() == (run / name).read_bytes()


class Stop(Exception):
    """Ends a run between two checkpoints, as a kill would."""


def test_a_run_that_goes_on_has_every_point_once(run: Path, tmp_path: Path) -> None:
    def die(event: Event) -> None:
        if isinstance(event, Validated) and event.images == 48:
            raise Stop  # after the line at 48, before the checkpoint there

    with pytest.raises(Stop):
        ganvas.train(
            tiny_data(), recipe=WATCHED, out=tmp_path, name="run", tensorboard=True, watcher=die
        )
    again = tmp_path / "run"
    assert steps(read(again), "losses/d_loss") == [16, 32, 48]
    ganvas.resume(again, data=tiny_data(), tensorboard=True)
    ganvas.resume(again, data=tiny_data(), images=96, tensorboard=True)
    reader, straight = read(again), read(run)
    assert len(list((again / FOLDER).iterdir())) == 4  # settings, and a file for each start
    assert steps(reader, "losses/d_loss") == [16, 32, 48, 64, 80, 96]
    for tag in straight.Tags()["scalars"]:
        found = steps(reader, tag)
        assert found == sorted(set(found)), tag
        assert found[: len(steps(straight, tag))] == steps(straight, tag)
    assert [picture.step for picture in reader.Images("samples")] == [32, 64, 96]
    assert settings_of(reader)["budget.amount"] == 96


def started(tmp_path: Path) -> Started:
    directory = RunDirectory(tmp_path / "run")
    directory.path.mkdir()
    directory.write_recipe(Recipe())
    return Started(
        directory=directory.path,
        recipe="swift",
        data="mnist",
        images=0,
        total_images=100,
        machine="a machine",
        seed=0,
    )


def tick(images: int, **values: float) -> Ticked:
    return Ticked(
        images=images, total_images=100, seconds=1.0, images_per_second=50.0, values=values
    )


def finished(run: Path, value: float | None = 0.5) -> Finished:
    metrics = {"fd": {"value": value, "real": 0.25, "higher_is_better": False}}
    return Finished(
        directory=run, status="finished", images=100, seconds=2.0, evaluation={"metrics": metrics}
    )


def test_final_figures_stand_with_the_settings(tmp_path: Path) -> None:
    tell = TensorBoard(lambda event: None)
    tell(started(tmp_path))
    tell(tick(100, d_loss=1.0, updates_generator=7))
    tell(finished(tmp_path / "run"))
    reader = read(tmp_path / "run")
    assert [event.value for event in reader.Scalars("final/fd")] == [0.5]
    assert [event.value for event in reader.Scalars("final/fd_real")] == [0.25]
    assert [event.value for event in reader.Scalars("updates/updates_generator")] == [7]
    data = [
        HParamsPluginData.FromString(reader.SummaryMetadata(tag).plugin_data.content)
        for tag in ("_hparams_/experiment", "_hparams_/session_end_info")
    ]
    named = {info.name.tag for info in data[0].experiment.metric_infos}
    assert named == {"final/fd", "final/fd_real"}
    assert data[1].session_end_info.status == 1  # success
    assert "data.name" in {info.name for info in data[0].experiment.hparam_infos}


def test_a_run_that_goes_back_leaves_what_it_threw_away_out(tmp_path: Path) -> None:
    tell = TensorBoard(lambda event: None)
    tell(started(tmp_path))
    for images, loss in ((10, 1.0), (20, 2.0), (30, 3.0), (20, 4.0), (30, 5.0)):
        tell(tick(images, d_loss=loss))
    points = read(tmp_path / "run").Scalars("losses/d_loss")
    assert [(point.step, point.value) for point in points] == [(10, 1), (20, 4), (30, 5)]


def test_numbers_that_cannot_be_drawn_are_left_out(tmp_path: Path) -> None:
    tell = TensorBoard(lambda event: None)
    tell(started(tmp_path))
    figures = {"overfitting": None, "accuracy_of": "images", "g_loss": float("nan"), "logit": 2}
    tell(Validated(images=5, figures=figures))
    grid = np.zeros((4, 6), np.uint8)
    tell(Sampled(images=5, path=tmp_path / "a.png", grid=grid, rows=1, columns=1))
    reader = read(tmp_path / "run")
    assert reader.Tags()["scalars"] == ["validation/logit"]
    assert (reader.Images("samples")[0].width, reader.Images("samples")[0].height) == (6, 4)


def test_a_disk_without_room_is_told_once_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Event] = []
    tell = TensorBoard(heard.append)
    tell(started(tmp_path))
    tell(tick(10, d_loss=1.0))

    def full(handle: int, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(disk, "write", full)
        tell(tick(20, d_loss=1.0))
    tell(tick(30, d_loss=1.0))
    notes = [event.text for event in heard if isinstance(event, Noted)]
    assert len(notes) == 1
    assert "TensorBoard hears no more" in notes[0]
    assert "No space left" in notes[0]
    assert [event.images for event in heard if isinstance(event, Ticked)] == [10, 20, 30]
    assert steps(read(tmp_path / "run"), "losses/d_loss") == [10]


def test_without_the_package_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ganvas.tensorboard.watcher.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'ganvas\[tensorboard\]'"):
        ganvas.train(tiny_data(), recipe=TINY, out=tmp_path, tensorboard=True)
    assert main(["train", "--tensorboard", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
