"""Clusters of images: what they must be, and that they survive every file they are kept in."""

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import ganvas
from ganvas.clusters import Clusters, fit_clusters, fitting_clusters, num_compared
from ganvas.conditions import class_frequencies, conditioned, num_conditions
from ganvas.data import DataSet, from_arrays
from ganvas.errors import DataError, UsageError
from ganvas.explore import LatentPoint, point_to_clusters
from ganvas.latent import latents
from ganvas.model import Generator, load_discriminator, load_generator
from ganvas.model.explorer import Explorer
from ganvas.recipe import ClusterSettings
from ganvas.report.interpolation import Walk, walk_images
from ganvas.report.portraits import portraits
from ganvas.report.record import read_run
from ganvas.web.playground import Playground
from tests.training_helpers import TINY, tiny_data, tiny_trainer

CLUSTERED = replace(TINY, clusters=ClusterSettings(count=3, components=5))


def blobs(count: int = 300, side: int = 8, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Three kinds of noisy images that nobody could mix up, and their kinds."""
    rng = np.random.default_rng(1)
    kinds = np.arange(count) % 3
    images = rng.integers(0, 40, (count, channels, side, side), dtype=np.uint8)
    third = side // 3
    for kind in range(3):
        images[kinds == kind, :, kind * third : (kind + 1) * third] += 200
    return images, kinds


def blob_data() -> DataSet:
    images, _ = blobs()
    return from_arrays(images.transpose(0, 2, 3, 1), held_out=20)


def test_clusters_of_three_clear_kinds_are_those_kinds() -> None:
    images, kinds = blobs()
    found = fit_clusters(images, count=3, components=5, seed=0).of(images)
    for kind in range(3):
        assert len(set(found[kinds == kind])) == 1
    assert len(set(found)) == 3


def test_large_images_are_compared_without_room_for_all_of_them() -> None:
    images, _ = blobs(2000, side=128)
    clusters = fit_clusters(images[:200], count=3, components=5, seed=0)
    tracemalloc.start()
    found = clusters.of(images)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * images.nbytes  # in float32 they are four times as large
    apart = [clusters.of(images[start : start + 300]) for start in range(0, 2000, 300)]
    assert np.array_equal(found, np.concatenate(apart))


def test_the_directions_are_those_of_a_singular_value_decomposition() -> None:
    images, _ = blobs()
    clusters = fit_clusters(images, count=3, components=4, seed=0)
    pixels = images.reshape(len(images), -1) / 255
    _, _, rows = np.linalg.svd(pixels - pixels.mean(axis=0), full_matrices=False)
    overlap = np.abs(clusters.directions.T @ rows[:2].T)
    assert np.allclose(overlap[:2], np.eye(2), atol=1e-3)  # those that are not of equal strength
    assert np.allclose(clusters.directions.T @ clusters.directions, np.eye(4), atol=1e-5)


def test_the_same_images_and_seed_give_the_same_bytes() -> None:
    images, _ = blobs()
    one, two = (fit_clusters(images, count=3, components=4, seed=7) for _ in range(2))
    for name, tensor in one.to_tensors().items():
        assert torch.equal(tensor, two.to_tensors()[name])


def test_a_cluster_does_not_depend_on_the_images_beside_it() -> None:
    images, _ = blobs()
    clusters = fit_clusters(images, count=3, components=4, seed=0)
    assert np.array_equal(clusters.of(images)[::7], clusters.of(images[::7]))
    assert len(clusters.of(images[:0])) == 0


@pytest.mark.parametrize(("channels", "side"), [(1, 8), (3, 32), (3, 40), (4, 128)])
def test_large_images_are_averaged_down(channels: int, side: int) -> None:
    images, kinds = blobs(60, side, channels)
    clusters = fit_clusters(images, count=3, components=4, seed=0)
    assert len(clusters.mean) == num_compared(channels, side, side) <= channels * 32 * 32
    assert len({(a, b) for a, b in zip(clusters.of(images), kinds, strict=True)}) == 3


def test_images_of_another_size_are_refused() -> None:
    clusters = fit_clusters(blobs()[0], count=3, components=4, seed=0)
    with pytest.raises(UsageError, match="size that was trained on"):
        clusters.of(blobs(side=9)[0])


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    tensors = fit_clusters(blobs()[0], count=3, components=4, seed=0).to_tensors()
    with pytest.raises(DataError, match="do not fit together"):
        Clusters.from_tensors({**tensors, "mean": torch.zeros(3)})


def test_images_that_are_all_the_same_have_no_clusters() -> None:
    with pytest.raises(DataError, match="too many are the same"):
        fit_clusters(np.zeros((50, 1, 8, 8), np.uint8), count=3, components=4, seed=0)


def test_a_run_that_can_have_no_clusters_says_which_setting_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    data = from_arrays(np.zeros((200, 8, 8), np.uint8), held_out=20)
    with pytest.raises(DataError, match=r"gave 1 different cells.*: set clusters\.count to fewer"):
        ganvas.train(data, recipe=CLUSTERED, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "images", "fitted"),
    [(100, 60_000, 100), (100, 1_000, 20), (3, 99, 0), (2, 100, 2), (0, 60_000, 0)],
)
def test_a_cluster_has_fifty_images_on_the_average(asked: int, images: int, fitted: int) -> None:
    assert fitting_clusters(asked, images) == fitted


def test_a_run_is_conditioned_on_them_where_there_are_no_classes() -> None:
    data = blob_data()
    trainer = tiny_trainer(CLUSTERED, data)
    assert trainer.recipe.conditioning == "clusters"
    assert num_conditions(trainer.recipe, data) == trainer.num_classes == 3
    labels = conditioned(data.train, trainer.clusters).labels
    assert labels is not None
    assert class_frequencies(trainer.train_images, 3) == pytest.approx(
        np.bincount(labels, minlength=3) / len(labels)
    )
    assert tiny_trainer(CLUSTERED, tiny_data()).recipe.conditioning == "class"


def test_a_training_that_goes_on_keeps_its_clusters() -> None:
    trainer = tiny_trainer(CLUSTERED, blob_data())
    trainer.iterate(16)
    state = trainer.state_dict()
    resumed = tiny_trainer(replace(CLUSTERED, seed=5), blob_data())  # its own would be others
    resumed.load_state_dict(state)
    assert resumed.clusters is not None
    for name, tensor in resumed.clusters.to_tensors().items():
        assert torch.equal(tensor, state["clusters"][name])


def test_a_model_draws_them_and_its_discriminator_tells_them(tmp_path: Path) -> None:
    data = blob_data()
    run = ganvas.train(data, recipe=CLUSTERED, out=tmp_path)
    assert run.status == "finished"
    generator = load_generator(run.directory)
    config = generator.config
    assert config.class_names == ()
    assert len(config.cluster_frequencies) == 3
    images, classes = generator.sample(5, seed=0)
    assert images.shape == (5, 1, 8, 8)
    assert classes is None
    with pytest.raises(UsageError, match="no classes"):
        generator.sample(5, labels=1)
    discriminator = load_discriminator(run.directory)
    shown = data.held_out.images.transpose(0, 2, 3, 1)
    trainer = tiny_trainer(CLUSTERED, data)
    assert trainer.clusters is not None
    asked = torch.from_numpy(trainer.clusters.of(data.held_out.images))
    signal = torch.from_numpy(data.held_out.images).float() / 127.5 - 1
    with torch.inference_mode():
        expected = discriminator.network(signal, asked)
    assert np.allclose(discriminator(shown).logits, expected.numpy(), atol=1e-5)


def test_walks_between_samples_go_through_their_clusters(tmp_path: Path) -> None:
    run = ganvas.train(blob_data(), recipe=CLUSTERED, out=tmp_path)
    generator = load_generator(run.directory)
    walk = walk_images(generator, Walk(seeds=(3, 4, 5), columns=2, steps=3))
    for place, seed in enumerate((3, 4, 5)):
        assert np.array_equal(walk[3 * place], generator.sample(2, seed=seed)[0])


def test_a_place_between_seeds_begins_at_a_sample(tmp_path: Path) -> None:
    run = ganvas.train(blob_data(), recipe=CLUSTERED, out=tmp_path)
    generator = load_generator(run.directory)
    image, label = Explorer(generator).picture(LatentPoint(corners=(3, 4, 5, 6), at=(0.0, 0.0)))
    assert label is None
    assert Playground(str(run.directory)).facts()["clustered"] is True  # the page tells of it
    sample = generator.sample(1, seed=3)[0]  # made among others, so rounded on its own
    assert np.abs(image.astype(int) - sample.astype(int)).max() <= 1
    with pytest.raises(UsageError, match="no classes"):
        Explorer(generator).picture(LatentPoint(label=1))


def test_between_seeds_their_clusters_are_mixed_and_nothing_leaps(tmp_path: Path) -> None:
    run = ganvas.train(blob_data(), recipe=CLUSTERED, out=tmp_path)
    generator = load_generator(run.directory)
    frequencies = generator.config.frequencies
    seeds = next(  # whose clusters differ
        (1, other, 1, other)
        for other in range(2, 50)
        if len(set(drawn_clusters(generator, (1, other)))) == 2
    )
    point = LatentPoint(corners=seeds)
    signals = [signal_at(generator, replace(point, at=(x, 0.0))) for x in (0.49, 0.4999, 0.5001)]
    leap, step = (float((signals[2] - other).abs().max()) for other in (signals[1], signals[0]))
    assert 0 < leap < step / 10  # of a smooth way: 1/55
    clusters, shares = point_to_clusters(
        replace(point, at=(0.25, 0.5)), generator.config.latent, frequencies
    )
    assert clusters.tolist() == drawn_clusters(generator, seeds)
    assert shares.tolist() == [0.375, 0.125, 0.375, 0.125]


def drawn_clusters(generator: Generator, seeds: tuple[int, ...]) -> list[int]:
    config, found = generator.config, []
    for seed in seeds:
        _, clusters = latents(
            config.latent, config.frequencies, seed=seed, name="sample", draw=0, count=500
        )
        assert clusters is not None
        found.append(int(clusters[0]))
    return found


def signal_at(generator: Generator, point: LatentPoint) -> torch.Tensor:
    """The picture at a point before it is rounded to bytes."""
    kept: list[torch.Tensor] = []
    handle = generator.network.register_forward_hook(lambda *call: kept.append(call[2].clone()))
    try:
        Explorer(generator).picture(point)
    finally:
        handle.remove()
    return kept[0]


def test_the_report_of_a_run_shows_pictures_between_latents(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run = ganvas.train(blob_data(), recipe=CLUSTERED, out=tmp_path)
    found, missing = portraits(read_run(run.directory), nearest=False)
    assert missing == []
    assert [portrait.name for portrait in found] == ["interpolation"]


def test_a_damaged_file_of_clusters_is_refused(tmp_path: Path) -> None:
    run = ganvas.train(blob_data(), recipe=CLUSTERED, out=tmp_path)
    path = run.directory / "model" / "clusters.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"clusters\.safetensors"):
        load_discriminator(run.directory)


def test_a_run_from_saved_networks_takes_their_clusters(tmp_path: Path) -> None:
    first = ganvas.train(blob_data(), recipe=CLUSTERED, out=tmp_path)
    again = ganvas.train(
        blob_data(), recipe=replace(CLUSTERED, seed=9), out=tmp_path, init_from=first.directory
    )
    kept = [
        (run.directory / "model" / "clusters.safetensors").read_bytes() for run in (first, again)
    ]
    assert kept[0] == kept[1]


def test_classes_are_not_taken_for_clusters_nor_clusters_for_classes(tmp_path: Path) -> None:
    labelled = tiny_data(300)  # of three classes, and three clusters have the same tensors
    clustered = ganvas.train(labelled, recipe=CLUSTERED, unconditional=True, out=tmp_path)
    by_class = ganvas.train(labelled, recipe=TINY, out=tmp_path)
    with pytest.raises(UsageError, match="tells clusters apart, this run classes; set cond"):
        ganvas.train(labelled, recipe=TINY, init_from=clustered.directory, out=tmp_path)
    with pytest.raises(UsageError, match="tells classes apart, this run clusters; set cond"):
        ganvas.train(
            labelled,
            recipe=CLUSTERED,
            unconditional=True,
            init_from=by_class.directory,
            out=tmp_path,
        )
    assert len(list(tmp_path.iterdir())) == 2


def test_clusters_of_points_are_those_of_the_points() -> None:
    generator = np.random.default_rng(0)
    centres = np.array([[-0.9, 0.2], [0.1, 0.8], [0.7, -0.6]], np.float32)
    which = np.arange(300) % 3
    points = centres[which] + generator.normal(0, 0.02, (300, 2)).astype(np.float32)
    found = fit_clusters(points, count=3, components=40, seed=0)
    assert found.directions.shape == (2, 2)
    assert num_compared(2) == 2
    seen = found.of(points)
    assert all(len(set(seen[which == mode].tolist())) == 1 for mode in range(3))
    assert len(set(seen.tolist())) == 3
