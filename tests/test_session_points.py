"""Points from request to finished run: trained, stopped, resumed, sampled, scored, measured."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ganvas
from ganvas.cli.main import main
from ganvas.data import load_points
from ganvas.errors import UsageError
from ganvas.events import Event, Probed, Sampled
from ganvas.latent import latents
from ganvas.model import load_discriminator, read_config
from ganvas.recipes import get_recipe
from ganvas.runlog import RunDirectory

SMALL = {
    "generator.width": 8,
    "discriminator.width": 8,
    "evaluation.samples": 200,
    "evaluation.probe_samples": 200,
    "evaluation.probe_every_images": 300,
    "log.every_images": 200,
    "log.samples_every_images": 300,
    "checkpoint.every_images": 200,
}


def train(out: Path, data: str = "ring", watcher: object = None, **settings: object) -> ganvas.Run:
    return ganvas.train(
        data,
        images=600,
        out=out,
        settings={**SMALL, **settings},
        watcher=watcher,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ganvas.Run:
    return train(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_points_choose_their_recipe_and_keep_their_scale_with_the_model(
    name: str, tmp_path: Path
) -> None:
    events: list[Event] = []
    run = train(tmp_path, name, events.append)
    data = load_points(name)
    assert (run.recipe.name, run.recipe.data.name, run.status) == ("points", name, "finished")
    config = read_config(run.directory / "model")
    assert (config.scale, config.shape.sizes) == (data.scale, (2,))
    assert json.loads((run.directory / "model" / "config.json").read_text())["points"] == {
        "dimensions": 2
    }
    assert run.evaluation is not None
    assert run.evaluation["metrics"]["modes"]["of"] == len(data.centres)
    probes = [event for event in events if isinstance(event, Probed)]
    assert [event.images for event in probes] == [300, 600]
    lines = RunDirectory(run.directory).read_metrics("modes", lambda line: line["modes"])
    assert lines == [event.figures for event in probes]
    pictures = [event for event in events if isinstance(event, Sampled)]
    assert {(event.rows, event.columns) for event in pictures} == {(1, 1)}
    for picture in ("samples.png", "reals.png"):
        with Image.open(run.directory / picture) as image:
            assert image.size[0] >= 900


def test_the_generator_makes_points_in_the_datas_units(run: ganvas.Run) -> None:
    points = run.generator(30, seed=1)
    assert (points.dtype, points.shape) == (np.float32, (30, 2))
    np.testing.assert_array_equal(run.generator(5, seed=1), points[:5])
    config = read_config(run.directory / "model")
    assert len(np.unique(points, axis=0)) == 30
    # the network's own output times the scale
    assert len(config.cluster_frequencies) == 100
    noise, clusters = latents(
        config.latent, config.frequencies, seed=1, name="sample", draw=0, count=500
    )
    assert clusters is not None
    with torch.inference_mode():
        signal = run.generator.network(noise[:25], clusters[:25]).numpy()
    np.testing.assert_allclose(points[:25], signal * 1.04, rtol=1e-5)


def test_a_run_that_was_stopped_ends_with_the_same_bytes(run: ganvas.Run, tmp_path: Path) -> None:
    sent: list[Event] = []

    def stop_once(event: Event) -> None:
        if isinstance(event, Sampled) and not sent:
            sent.append(event)
            os.kill(os.getpid(), signal.SIGINT)

    stopped = train(tmp_path, "ring", stop_once)
    assert (stopped.status, stopped.images) == ("stopped", 300)
    ganvas.resume(stopped.directory)
    for name in ("model/model.safetensors", "model/discriminator.safetensors", "samples.png"):
        assert (stopped.directory / name).read_bytes() == (run.directory / name).read_bytes()
    assert stopped.evaluation == run.evaluation


def test_samples_are_written_as_arrays_and_as_a_picture(
    run: ganvas.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, arrays, picture = str(run.directory), tmp_path / "p.npz", tmp_path / "p.png"
    assert main(["sample", model, "-n", "40", "-o", str(arrays)]) == 0
    with np.load(arrays, allow_pickle=False) as found:
        assert set(found) == {"points"}
        np.testing.assert_array_equal(found["points"], run.generator(40, seed=0))
    assert main(["sample", model, "-n", "40", "-o", str(picture)]) == 0
    with Image.open(picture) as image:
        assert np.asarray(image).min() < 128
    assert main(["sample", model, "-o", str(tmp_path / "folder")]) == 2
    assert "FILE.png or FILE.npz" in capsys.readouterr().err
    assert not (tmp_path / "folder").exists()

    assert main(["eval", model, "--json"]) == 0
    of_model = json.loads(capsys.readouterr().out)
    assert of_model["samples"] == 2500
    assert main(["eval", str(arrays), "--data", "ring", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 40
    assert main(["score", model, str(arrays), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)["scores"]
    expected = load_discriminator(run.directory)(run.generator(40, seed=0)).logits
    assert [entry["logit"] for entry in scores] == pytest.approx(expected.tolist())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "ring", "--recipe", "swift"], "ring holds points, and the recipe swift makes"),
        (["train", "mnist", "--recipe", "points"], "mnist holds images, and the recipe points"),
        (["train", "ring:1,2"], "the points of 'ring' come whole"),
        (["train", "grid", "--size", "16"], "leave out sizes, channels and fits"),
        (["eval", "mnist", "--data", "ring"], "makes images, and ring holds points"),
        (["eval", "RUN", "--data", "mnist"], "this model makes points"),
        (["eval", "RUN", "--metrics", "fd"], "no figure 'fd' of points"),
        (["eval", "RUN", "--judge", "mnist"], "measured by their law"),
        (["score", "RUN", "RUN"], "no .npz or .npy file of points"),
        (["recipes", "points", "--size", "16"], "no size and channels"),
    ],
)
def test_what_does_not_fit_points_is_one_line(
    arguments: list[str], words: str, run: ganvas.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(run.directory) if word == "RUN" else word for word in arguments]
    assert main(given) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_points_without_and_with_their_modes(tmp_path: Path) -> None:
    asked = {**SMALL, "conditioning": "class"}
    known = ganvas.train("ring", images=300, out=tmp_path, settings=asked)
    points = known.generator(50, labels=3, seed=0)
    assert points.shape == (50, 2)
    assert not np.array_equal(points, known.generator(50, labels=4, seed=0))
    plain = {**SMALL, "conditioning": "none"}
    without = ganvas.train("ring", images=300, out=tmp_path, settings=plain)
    clustered = ganvas.train("ring", images=300, out=tmp_path, settings=asked, unconditional=True)
    assert (without.recipe.conditioning, clustered.recipe.conditioning) == ("none", "clusters")
    for run in (without, clustered):
        with pytest.raises(UsageError, match="no classes"):
            run.generator(5, labels=3)


def test_a_discriminator_judges_a_point_as_one_of_its_cluster(run: ganvas.Run) -> None:
    points = run.generator(20, seed=0)
    discriminator = load_discriminator(run.directory)
    logits = discriminator(points).logits
    turned = discriminator(points[::-1]).logits[::-1]
    np.testing.assert_allclose(logits, turned, rtol=1e-4, atol=1e-5)


def test_a_discriminator_of_points_refuses_what_are_none(run: ganvas.Run) -> None:
    discriminator = load_discriminator(run.directory)
    for wrong in (np.zeros((3, 3)), np.zeros((3, 2), np.int64), np.full((3, 2), np.nan)):
        with pytest.raises(UsageError, match="points must be"):
            discriminator(wrong)
    assert get_recipe("points").kind == "points"
