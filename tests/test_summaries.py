"""Summaries of real images: computed once, found by all that they depend on, never trusted."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganvas import data
from ganvas import summaries as room
from ganvas.data.images import DataSet, Images
from ganvas.errors import DataError
from ganvas.judge import Judge, load_judge
from ganvas.summaries import Summary, real_summary, summarise, summary_key, write_summary
from tests.judge_helpers import WIDTH, FakeJudge, some_data


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "summaries"


@pytest.fixture
def judge() -> FakeJudge:
    return FakeJudge()


def summary_of(
    dataset: DataSet, judge: FakeJudge, *, part: Images | None = None, count: int | None = None
) -> Summary:
    chosen = dataset.train if part is None else part
    return real_summary(
        dataset, chosen, len(chosen) if count is None else count, cast(Judge, judge)
    )


def numbers(summary: Summary) -> tuple[Any, ...]:
    statistics = summary.statistics
    return (
        statistics.mean.tobytes(),
        statistics.covariance.tobytes(),
        statistics.count,
        summary.label_accuracy,
    )


def test_a_summary_is_mean_covariance_and_share_of_right_classes(judge: FakeJudge) -> None:
    part = some_data().train
    found = summarise(part.images, part.labels, cast(Judge, judge))
    features, predicted = judge.features_and_labels(part.images)
    np.testing.assert_allclose(found.statistics.mean, features.mean(0, np.float64), atol=1e-12)
    np.testing.assert_allclose(
        found.statistics.covariance, np.cov(features.astype(np.float64), rowvar=False), atol=1e-12
    )
    assert part.labels is not None
    assert found.label_accuracy == np.mean(predicted == part.labels) == 0.9
    assert summarise(part.images, None, cast(Judge, judge)).label_accuracy is None


@pytest.mark.parametrize("labelled", [True, False])
def test_what_is_computed_once_is_found_again_to_the_bit(
    cache: Path, judge: FakeJudge, labelled: bool
) -> None:
    dataset = some_data() if labelled else some_data(class_names=())
    first = summary_of(dataset, judge)
    assert (first.label_accuracy is not None) == labelled
    shown = judge.seen
    assert shown == len(dataset.train)
    assert numbers(summary_of(dataset, judge)) == numbers(first)
    assert judge.seen == shown  # from the cache
    key = summary_key(dataset, dataset.train, len(dataset.train), cast(Judge, judge))
    assert sorted(path.name for path in cache.iterdir()) == [f"{key}.json", f"{key}.safetensors"]


def test_fewer_images_are_a_fixed_random_choice(cache: Path, judge: FakeJudge) -> None:
    dataset = some_data()
    some = summary_of(dataset, judge, count=150)
    for path in cache.iterdir():
        path.unlink()
    assert numbers(summary_of(dataset, judge, count=150)) == numbers(some)
    assert some.statistics.count == 150
    in_order = summarise(dataset.train.images[:150], None, cast(Judge, judge))
    assert not np.array_equal(in_order.statistics.mean, some.statistics.mean)


def key_of(dataset: DataSet, part: Images, count: int, digest: str = FakeJudge.digest) -> str:
    judge = FakeJudge()
    judge.digest = digest
    return summary_key(dataset, part, count, cast(Judge, judge))


def test_the_key_changes_with_everything_that_the_numbers_depend_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = some_data()
    other_data = replace(dataset, digest="sha256:" + "1" * 64)
    fewer = some_data(held_out=139)
    assert dataset.test is not None
    assert fewer.test is not None
    keys = [
        key_of(dataset, dataset.train, 300),
        key_of(dataset, dataset.train, 299),
        key_of(dataset, dataset.held_out, 140),
        key_of(dataset, dataset.test, 200),
        key_of(other_data, dataset.train, 300),
        key_of(dataset, dataset.train, 300, digest="sha256:" + "e" * 64),
        key_of(fewer, fewer.train, 300),
    ]
    monkeypatch.setattr(room, "_VERSION", room._VERSION + 1)
    keys.append(key_of(dataset, dataset.train, 300))
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in keys)


def test_the_test_split_is_the_same_however_many_are_held_out() -> None:
    one, other = some_data(held_out=140), some_data(held_out=0)
    assert one.test is not None
    assert other.test is not None
    assert key_of(one, one.test, 200) == key_of(other, other.test, 200)


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[:-2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "flipped":
        path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["cut", "empty", "flipped", "gone"])
@pytest.mark.parametrize("suffix", [".safetensors", ".json"])
def test_a_damaged_file_is_computed_again_and_replaced(
    cache: Path, judge: FakeJudge, caplog: pytest.LogCaptureFixture, how: str, suffix: str
) -> None:
    dataset = some_data()
    first = summary_of(dataset, judge)
    (path,) = (path for path in cache.iterdir() if path.suffix == suffix)
    before = path.read_bytes()
    damage(path, how)
    assert numbers(summary_of(dataset, judge)) == numbers(first)
    assert judge.seen == 2 * len(dataset.train)
    assert path.read_bytes() == before
    # A summary that is not there is no damage; of the rest the log tells.
    assert ("computing again" in caplog.text) == ((how, suffix) != ("gone", ".safetensors"))


def test_a_folder_in_the_place_of_a_file_is_no_obstacle(cache: Path, judge: FakeJudge) -> None:
    dataset = some_data()
    first = summary_of(dataset, judge)
    for path in list(cache.iterdir()):
        path.unlink()
        path.mkdir()
    assert numbers(summary_of(dataset, judge)) == numbers(first)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_flipped_bit_of_the_cache_is_found(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    judge, dataset = FakeJudge(), some_data()
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.getbasetemp() / "flipped"
        patch.setenv("GANVAS_CACHE", str(folder))
        first = summary_of(dataset, judge)
        (path,) = folder.glob("summaries/*.safetensors")
        content = bytearray(path.read_bytes())
        bit = data.draw(st.integers(0, 8 * len(content) - 1))
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        assert numbers(summary_of(dataset, judge)) == numbers(first)


def test_another_judges_file_under_this_name_is_not_taken(cache: Path, judge: FakeJudge) -> None:
    dataset = some_data()
    first = summary_of(dataset, judge)
    (path,) = cache.glob("*.safetensors")
    statistics = replace(first.statistics, mean=first.statistics.mean + 1)
    write_summary(path, Summary(statistics=statistics, label_accuracy=0.5))
    assert numbers(summary_of(dataset, judge)) == numbers(first)


def test_a_cache_that_cannot_be_written_is_only_a_word_in_the_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    judge: FakeJudge,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING):
        assert summary_of(some_data(), judge).statistics.count == 300
    assert "not cached: " in caplog.text


def test_without_a_home_there_is_no_cache_but_a_summary(
    monkeypatch: pytest.MonkeyPatch, judge: FakeJudge, caplog: pytest.LogCaptureFixture
) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    for name in ("GANVAS_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert summary_of(some_data(), judge).statistics.count == 300
    assert "not cached: no home folder" in caplog.text


def test_features_that_are_not_finite_are_never_cached(cache: Path, judge: FakeJudge) -> None:
    class Broken(FakeJudge):
        def features_and_labels(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            features, labels = super().features_and_labels(images)
            features[3, 5] = np.nan
            return features, labels

    with pytest.raises(DataError, match="features of 1 of 300 images are not finite"):
        summary_of(some_data(), Broken())
    assert not cache.exists()


def test_the_shipped_numbers_are_those_of_the_shipped_judge_and_data() -> None:
    dataset, judge = data.load("mnist"), load_judge("mnist")
    assert dataset.test is not None
    key = summary_key(dataset, dataset.test, len(dataset.test), judge)
    shipped = Path(room.__file__).parent / "assets" / "summaries" / f"{key}.safetensors"
    if not shipped.is_file():
        pytest.skip("the judge's summaries are not shipped yet")
    whole = real_summary(dataset, dataset.test, len(dataset.test), judge)
    card = judge.card["accuracy"]
    assert whole.statistics.count == len(dataset.test) == card["count"]
    assert whole.label_accuracy == card["correct"] / card["count"]
    assert whole.statistics.mean.shape == (WIDTH,)
    features = judge.features(dataset.test.images[::20])
    error = whole.statistics.covariance.diagonal() ** 0.5 / len(features) ** 0.5
    assert (np.abs(features.mean(0) - whole.statistics.mean) < 5 * error + 1e-6).all()
