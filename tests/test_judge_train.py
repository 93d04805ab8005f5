from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ganvas.data.images import DataSet, Images
from ganvas.errors import DataError, GanvasError, UsageError
from ganvas.judge import load_judge
from ganvas.judge.train import EpochReport, count_correct, make_judge, train_judge


def bars(split: str, count: int, *, seed: int) -> Images:
    """8x8 pictures with one bright row (class 0) or one bright column (class 1)."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 60, size=(count, 1, 8, 8)).astype(np.uint8)
    labels = generator.integers(0, 2, size=count)
    for image, label, place in zip(
        images, labels, generator.integers(2, 6, size=count), strict=True
    ):
        if label:
            image[0, :, place] = 250
        else:
            image[0, place, :] = 250
    return Images(split=split, images=images, labels=labels)  # type: ignore[arg-type]


def bars_dataset(*, num_test: int = 64) -> DataSet:
    return DataSet(
        name="bars",
        train=bars("train", 512, seed=1),
        held_out=bars("held_out", 64, seed=2),
        test=bars("test", num_test, seed=3) if num_test else None,
        class_names=("row", "column"),
        digest="sha256:" + "0" * 64,
        source="drawn",
        licence="none",
    )


def one_state(seed: int) -> dict[str, torch.Tensor]:
    network, _ = train_judge(
        train=bars("train", 128, seed=1),
        held_out=bars("held_out", 8, seed=2),
        seed=seed,
        epochs=2,
        threads=1,
    )
    return network.state_dict()


def test_learns_what_can_be_learnt_and_tells_its_progress() -> None:
    told: list[EpochReport] = []
    dataset = bars_dataset()
    network, history = train_judge(
        train=dataset.train,
        held_out=dataset.held_out,
        seed=0,
        epochs=6,
        threads=1,
        progress=told.append,
    )
    assert told == history
    assert [report.epoch for report in history] == [1, 2, 3, 4, 5, 6]
    assert history[-1].loss < history[0].loss
    assert history[-1].held_out_correct == history[-1].held_out_count == 64
    assert dataset.test is not None
    assert count_correct(network, dataset.test) == 64
    assert not network.training


def test_is_a_function_of_its_arguments() -> None:
    first, again, other = one_state(5), one_state(5), one_state(6)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["maps.0.weight"], other["maps.0.weight"])


def test_leaves_global_generator_and_threads_as_they_were() -> None:
    generator, threads = torch.get_rng_state(), torch.get_num_threads()
    train_judge(
        train=bars("train", 16, seed=1),
        held_out=bars("held_out", 2, seed=2),
        epochs=1,
        threads=threads + 1,
    )
    assert torch.equal(torch.get_rng_state(), generator)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": None}, UsageError, "needs one label per image"),
        ({"labels": np.full(512, 7)}, DataError, r"labels must be 0\.\.1, found 7\.\.7"),
        ({"labels": np.full(512, -1)}, DataError, r"labels must be 0\.\.1, found -1\.\.-1"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    change: dict[str, np.ndarray | None], error: type[Exception], message: str
) -> None:
    train = replace(bars("train", 512, seed=1), **change)  # type: ignore[arg-type]
    with pytest.raises(error, match=message):
        train_judge(train=train, held_out=bars("held_out", 8, seed=2), num_classes=2, epochs=1)


def test_no_thread_is_refused() -> None:
    dataset = bars_dataset()
    with pytest.raises(UsageError, match="threads must be 1 or more, got 0"):
        train_judge(train=dataset.train, held_out=dataset.held_out, threads=0)


@pytest.mark.parametrize(("num_test", "measured"), [(64, "test"), (0, "held_out")])
def test_a_judge_made_is_written_with_all_that_tells_where_it_is_from(
    tmp_path: Path, num_test: int, measured: str
) -> None:
    dataset = bars_dataset(num_test=num_test)
    out = tmp_path / "judges" / "bars"
    result = make_judge(
        dataset, seed=3, threads=1, out=out, epochs=6, command="ganvas judge train bars"
    )
    assert result == out
    assert names_in(out.parent) == ["bars"]
    assert names_in(out) == ["README.md", "config.json", "model.safetensors"]
    judge = load_judge(out)
    assert judge.name == "bars"
    assert judge.class_names == ("row", "column")
    assert judge.card["data"] == {
        "name": "bars",
        "digest": dataset.digest,
        "split": "train",
        "images": 512,
        "licence": "none",
    }
    assert judge.card["accuracy"] == {"split": measured, "correct": 64, "count": 64}
    assert (
        judge.card["training"] | {"seed": 3, "threads": 1, "epochs": 6} == (judge.card["training"])
    )
    assert judge.card["command"] == "ganvas judge train bars"
    assert dataset.train.labels is not None
    assert (judge.predict(dataset.train.images) == dataset.train.labels).mean() > 0.99


def test_interrupted_training_leaves_the_old_judge_and_nothing_else(tmp_path: Path) -> None:
    def stop(_: EpochReport) -> None:
        raise KeyboardInterrupt

    (tmp_path / "bars").mkdir()
    (tmp_path / "bars" / "old").touch()
    with pytest.raises(KeyboardInterrupt):
        make_judge(bars_dataset(), threads=1, out=tmp_path / "bars", command="", progress=stop)
    assert names_in(tmp_path) == ["bars"]
    assert names_in(tmp_path / "bars") == ["old"]


def test_a_place_that_cannot_be_written_is_told_before_training(tmp_path: Path) -> None:
    def fail(_: EpochReport) -> None:
        pytest.fail("trained before looking")

    (tmp_path / "file").touch()
    with pytest.raises(GanvasError, match="cannot make the folder"):
        make_judge(
            bars_dataset(), threads=1, out=tmp_path / "file" / "x", command="", progress=fail
        )


def names_in(folder: Path) -> Sequence[str]:
    return sorted(entry.name for entry in folder.iterdir())
