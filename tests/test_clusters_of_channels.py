"""Clusters of each channel: told where channels are independent, and kept and used like others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import ganvas
from ganvas.clusters import channels_agree, fit_clusters
from ganvas.conditions import class_frequencies, num_conditions
from ganvas.data import DataSet, from_arrays
from ganvas.errors import DataError, UsageError
from ganvas.explore import LatentPoint
from ganvas.model import load_discriminator, load_generator
from ganvas.model.explorer import Explorer
from ganvas.recipe import ClusterSettings
from ganvas.report.interpolation import Walk, walk_images
from ganvas.report.portraits import portraits
from ganvas.report.record import read_run
from ganvas.report.story import beginning
from tests.training_helpers import TINY, tiny_trainer

APART = replace(TINY, clusters=ClusterSettings(count=3, components=4))


def stacks(count: int = 400, channels: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, C, 8, 8) each of whose channels is one of three kinds of its own, and these."""
    rng = np.random.default_rng(2)
    kinds = rng.integers(0, 3, (count, channels))
    images = rng.integers(0, 40, (count, channels, 8, 8), dtype=np.uint8)
    for row, column in np.ndindex(kinds.shape):
        kind = kinds[row, column]
        images[row, column, 2 * kind : 2 * kind + 2] += 200
    return images, kinds


def stack_data() -> DataSet:
    return from_arrays(stacks()[0].transpose(0, 2, 3, 1), held_out=20)


def test_channels_of_stacks_have_nothing_to_do_with_each_other() -> None:
    assert channels_agree(stacks(1000)[0]) < 0.1


@given(st.integers(2, 60), st.integers(0, 5), st.booleans())
def test_a_channel_agrees_wholly_with_itself_and_with_its_negative(
    count: int, seed: int, negative: bool
) -> None:
    one = np.random.default_rng(seed).integers(0, 256, (count, 1, 8, 8), dtype=np.uint8)
    other = 255 - one if negative else one
    assert channels_agree(np.concatenate([one, other, one], 1)) == pytest.approx(1)


@given(st.permutations(range(3)), st.floats(0, 1))
def test_agreement_knows_no_order_and_is_a_share(order: list[int], share: float) -> None:
    images = stacks(50)[0].astype(np.float64)
    images[:, 1] = share * images[:, 0] + (1 - share) * images[:, 1]
    mixed = images.astype(np.uint8)
    found = channels_agree(mixed)
    assert 0 <= found <= 1 + 1e-9
    assert channels_agree(mixed[:, order]) == pytest.approx(found)


@pytest.mark.parametrize("images", [
    stacks(50, 1)[0], stacks(1)[0], np.zeros((50, 3, 8, 8), np.uint8),
    np.concatenate([stacks(50)[0], np.full((50, 1, 8, 8), 255, np.uint8)], 1),
], ids=["one channel", "one image", "all the same", "an opaque fourth"])  # fmt: skip
def test_where_nothing_can_be_said_channels_belong_together(images: np.ndarray) -> None:
    assert channels_agree(images) == 1


def test_channels_of_few_pictures_belong_together_and_a_run_finds_their_clusters() -> None:
    kinds = np.random.default_rng(3).integers(0, 4, (400, 3))
    few = np.stack([stacks(4)[0][kinds[:, c], c] for c in range(3)], 1)
    assert channels_agree(few) == 1
    asked = replace(TINY, clusters=ClusterSettings(count=6, components=4))
    trainer = tiny_trainer(asked, from_arrays(few.transpose(0, 2, 3, 1), held_out=20))
    assert trainer.clusters is not None  # of each channel's four pictures there are no six
    assert trainer.clusters.num_parts == 1


def test_each_channels_clusters_are_those_of_the_channel_alone() -> None:
    images, kinds = stacks()
    clusters = fit_clusters(images, count=3, components=4, seed=0, parts=3)
    found = clusters.of(images)
    assert (len(clusters), clusters.num_parts, found.shape) == (9, 3, (400, 3))
    for channel in range(3):
        alone = fit_clusters(images[:, channel : channel + 1], count=3, components=4, seed=0)
        assert np.array_equal(
            found[:, channel], alone.of(images[:, channel : channel + 1]) + 3 * channel
        )
        pairs = set(zip(found[:, channel].tolist(), kinds[:, channel].tolist(), strict=True))
        assert len(pairs) == 3
    assert clusters.of(images[:0]).shape == (0, 3)


def test_arrays_of_other_parts_are_refused() -> None:
    clusters = fit_clusters(stacks()[0], count=3, components=4, seed=0, parts=3)
    for changed in (
        replace_tensor(clusters.to_tensors(), "centres", clusters.to_tensors()["centres"][:2]),
        replace_tensor(clusters.to_tensors(), "mean", torch.zeros(64)),
    ):
        with pytest.raises(DataError, match="do not fit together"):
            type(clusters).from_tensors(changed)


def replace_tensor(
    tensors: dict[str, torch.Tensor], name: str, value: torch.Tensor
) -> dict[str, torch.Tensor]:
    return {**tensors, name: value}


def test_a_run_tells_by_its_images_whether_channels_belong_together() -> None:
    trainer = tiny_trainer(APART, stack_data())
    assert trainer.recipe.clusters.channels == "apart"
    assert num_conditions(trainer.recipe, trainer.dataset) == trainer.num_classes == 9
    shares = np.array(class_frequencies(trainer.train_images, 9)).reshape(3, 3)
    assert shares.sum(axis=1) == pytest.approx(1)
    images = np.repeat(stacks(channels=1)[0], 3, axis=1).transpose(0, 2, 3, 1)
    together = tiny_trainer(APART, from_arrays(images, held_out=20))
    assert together.recipe.clusters.channels == "together"
    assert together.num_classes == 3


def test_a_model_of_them_is_used_like_any_other(tmp_path: Path) -> None:
    data = stack_data()
    run = ganvas.train(data, recipe=APART, out=tmp_path)
    assert run.status == "finished"
    generator = load_generator(run.directory)
    assert generator.config.cluster_parts == 3
    assert "cluster_parts" in generator.config.to_json()
    together = replace(
        generator.config, cluster_parts=1, cluster_frequencies=(0.5, 0.5), cluster_components=2
    )
    assert "cluster_parts" not in together.to_json()  # so versions without parts read it
    assert len(generator.config.cluster_frequencies) == 9
    images, classes = generator.sample(5, seed=0)
    assert images.shape == (5, 3, 8, 8)
    assert classes is None
    discriminator = load_discriminator(run.directory)
    trainer = tiny_trainer(APART, data)
    assert trainer.clusters is not None
    asked = torch.from_numpy(trainer.clusters.of(data.held_out.images))
    signal = torch.from_numpy(data.held_out.images).float() / 127.5 - 1
    with torch.inference_mode():
        expected = discriminator.network(signal, asked)
    shown = data.held_out.images.transpose(0, 2, 3, 1)
    assert np.allclose(discriminator(shown).logits, expected.numpy(), atol=1e-5)


def test_places_and_walks_between_samples_go_through_their_clusters(tmp_path: Path) -> None:
    generator = load_generator(ganvas.train(stack_data(), recipe=APART, out=tmp_path).directory)
    walk = walk_images(generator, Walk(seeds=(3, 4, 5), columns=2, steps=3))
    for place, seed in enumerate((3, 4, 5)):
        assert np.array_equal(walk[3 * place], generator.sample(2, seed=seed)[0])
    explorer = Explorer(generator)
    image, label = explorer.picture(LatentPoint(corners=(3, 4, 5, 6), at=(0.0, 0.0)))
    assert label is None
    sample = generator.sample(1, seed=3)[0]  # made among others, so rounded on its own
    assert np.abs(image.astype(int) - sample.astype(int)).max() <= 1
    assert explorer.leading.vectors.shape[1] == APART.latent.size


def test_the_report_of_a_run_shows_pictures_between_latents(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run = ganvas.train(stack_data(), recipe=APART, out=tmp_path)
    record = read_run(run.directory)
    found, missing = portraits(record, nearest=False)
    assert missing == []
    assert [portrait.name for portrait in found] == ["interpolation"]
    assert "each row in one cluster of each channel." in found[0].words
    assert "told of each channel of a picture which cluster it belongs to" in beginning(record)[-1]


def test_networks_of_clusters_of_another_kind_are_refused_though_their_shapes_fit(
    tmp_path: Path,
) -> None:
    def begin(count: int, channels: Any, start: Path | None = None) -> Path:
        asked = ClusterSettings(count=count, components=4, channels=channels)
        recipe = replace(TINY, clusters=asked)
        return ganvas.train(stack_data(), recipe=recipe, out=tmp_path, init_from=start).directory

    apart, together = begin(2, "apart"), begin(6, "together")
    with pytest.raises(UsageError, match=r"whole images\b.* set clusters\.channels to together"):
        begin(2, "apart", together)
    with pytest.raises(UsageError, match=r"of each channel, .* set clusters\.channels to apart"):
        begin(6, "together", apart)
    assert load_generator(begin(2, "auto", apart)).config.cluster_parts == 3


def test_a_run_that_goes_on_learns_what_one_without_a_stop_learns() -> None:
    whole = tiny_trainer(APART, stack_data())
    whole.iterate(32)
    first = tiny_trainer(APART, stack_data())
    first.iterate(16)
    second = tiny_trainer(replace(APART, seed=APART.seed), stack_data())
    second.load_state_dict(first.state_dict())
    second.iterate(16)
    states = (trainer.step.generator.state_dict() for trainer in (whole, second))
    for (name, one), two in zip(next(states).items(), next(states).values(), strict=True):
        assert torch.equal(one, two), name
