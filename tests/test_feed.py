"""What updates are given: rows by draw, labels that follow, frequencies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.data.images import Images
from ganvas.data.store.mapped import open_mapped
from ganvas.feed import Feed
from ganvas.procedure import Rows, Update
from tests.training_helpers import TINY, tiny_data, with_procedure

CPU = torch.device("cpu")


def update(real: int | None, noise: int, pick: tuple[int, ...] | None = None) -> Update:
    return Update(
        player="discriminator",
        optimizer=("discriminator",),
        real=None if real is None else Rows(draw=real, size=8, pick=pick),
        noise=Rows(draw=noise, size=8, pick=pick),
        classes=Rows(draw=noise if real is None else real, size=8, pick=pick),
    )


def feed(classes: int = 3, **procedure: object) -> Feed:
    data = tiny_data(classes=classes)
    recipe = with_procedure(TINY, **procedure)
    return Feed(recipe, data.train, num_classes=classes, device=CPU)


def test_the_same_draw_gives_the_same_numbers_in_any_order() -> None:
    first, second = feed(), feed()
    ahead = second.fetch(update(9, 9))
    for number in range(9):
        second.fetch(update(number, number))
    for number in range(9):
        first.fetch(update(number, number))
    again = first.fetch(update(9, 9))
    assert ahead.real is not None
    assert again.real is not None
    assert torch.equal(ahead.real, again.real)
    assert torch.equal(ahead.noise, again.noise)


def test_images_stay_uint8_and_labels_follow_them() -> None:
    data = tiny_data()
    batch = feed().fetch(update(2, 2))
    assert batch.real is not None
    assert batch.real_labels is not None
    assert batch.real.dtype is torch.uint8
    for image, label in zip(batch.real.numpy(), batch.real_labels.tolist(), strict=True):
        rows = [i for i, known in enumerate(data.train.images) if np.array_equal(known, image)]
        assert data.train.labels is not None
        assert label in data.train.labels[rows]


@pytest.mark.parametrize("pick", [(5, 0), ()])
@pytest.mark.parametrize("fake_labels", ["drawn", "real"])
def test_picked_rows_are_those_of_the_whole_draw(pick: tuple[int, ...], fake_labels: str) -> None:
    whole = feed(fake_labels=fake_labels).fetch(update(3, 3))
    part = feed(fake_labels=fake_labels).fetch(update(3, 3, pick=pick))
    for name in ("real", "real_labels", "noise", "labels"):
        assert torch.equal(getattr(part, name), getattr(whole, name)[list(pick)]), name


def test_labels_may_be_those_of_the_real_draw() -> None:
    batch = feed(fake_labels="real").fetch(update(4, 7))
    assert batch.labels is not None
    assert batch.real_labels is not None
    assert torch.equal(batch.labels, batch.real_labels)


def test_without_classes_there_are_no_labels() -> None:
    for labels in ("drawn", "real"):
        batch = feed(classes=0, fake_labels=labels).fetch(update(0, 0))
        assert batch.labels is None
        assert batch.real_labels is None


def test_no_real_images_where_none_are_asked_for() -> None:
    batch = feed().fetch(update(None, 1))
    assert batch.real is None
    assert batch.real_labels is None


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells it")
def test_of_a_large_mapped_file_little_stays_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = 4 << 20
    for name in ("_KEPT_BYTES", "_READ_BYTES"):
        monkeypatch.setattr(f"ganvas.data.store.mapped.{name}", kept)
    images = np.random.default_rng(0).integers(0, 256, (8192, 1, 32, 32), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    mapped = open_mapped(tmp_path / "images.npy", images.shape, np.uint8)
    part = Images(split="train", images=mapped[100:], labels=None)
    fed = Feed(TINY, part, num_classes=0, device=CPU)
    alike = Feed(TINY, replace(part, images=images[100:]), num_classes=0, device=CPU)
    most = 0
    for number in range(40):
        found, expected = (each.fetch(update(number, number)).real for each in (fed, alike))
        assert found is not None
        assert expected is not None
        assert torch.equal(found, expected)
        most = max(most, resident_bytes(tmp_path / "images.npy"))
    assert most <= kept


def resident_bytes(file: Path) -> int:
    """How much of a mapped file the system counts as this process' own memory."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    found = 0
    for line in lines:
        if line.endswith(f" {file}"):
            found += next(int(each.split()[1]) for each in lines if each.startswith("Rss:"))
    return 1024 * found
