"""What somebody wants measured: runs, models, pictures in folders and files."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ganvas
from ganvas import measure, provenance
from ganvas.data import load
from ganvas.data.pictures.preparation import Preparation
from ganvas.data.request import to_data
from ganvas.data.splits import DEFAULT_HELD_OUT
from ganvas.errors import DataError, UsageError
from ganvas.judge import judge_for, random_judge
from ganvas.measure import evaluate
from ganvas.pictures import write_images
from tests.judge_helpers import FakeJudge, some_data
from tests.picture_helpers import noise
from tests.training_helpers import TINY

ONLY = ("kid",)  # the cheapest figure, and the same judge for all


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GANVAS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the evaluation of pictures was given."""
    seen: dict[str, Any] = {}

    def evaluate_pictures(images: Any, labels: Any, dataset: Any, **options: Any) -> dict[str, Any]:
        seen.update(options, images=images, labels=labels, dataset=dataset)
        return {}

    monkeypatch.setattr(measure, "evaluate_pictures", evaluate_pictures)
    return seen


def parts() -> tuple[np.ndarray, np.ndarray]:
    part = some_data().test
    assert part is not None
    assert part.labels is not None
    return part.images, part.labels


def test_pictures_of_a_folder_and_of_an_archive_are_the_same(given: dict[str, Any]) -> None:
    images, labels = parts()
    write_images(Path("some.npz"), images, labels)
    write_images(Path("some"), images)
    for name, expected in (("some.npz", labels), ("some", None)):
        evaluate(name, some_data())
        assert np.array_equal(given["images"], images)
        found = given["labels"]
        if expected is None:
            assert found is None


def test_of_more_pictures_a_random_choice_by_the_seed_is_measured(given: dict[str, Any]) -> None:
    images, _ = parts()
    write_images(Path("some.npz"), images)
    chosen: dict[int, list[bytes]] = {}
    for seed in (0, 0, 1):
        evaluate("some.npz", some_data(), samples=50, seed=seed)
        assert len(given["images"]) == 50
        rows = [image.tobytes() for image in given["images"]]
        assert set(rows) <= {image.tobytes() for image in images}
        assert chosen.setdefault(seed, rows) == rows
    assert chosen[0] != chosen[1]


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (("bright", "dark"), [2, 0]),  # numbered as the data's, whatever the folders' order
        (("bright", "other"), None),
    ],
)
def test_labels_of_class_folders_are_the_datas_by_name(
    given: dict[str, Any], folders: tuple[str, ...], expected: list[int] | None
) -> None:
    images, _ = parts()
    Path("classes").mkdir()
    for name in folders:
        write_images(Path("classes") / name, images[:10])
    evaluate("classes", some_data())
    labels = given["labels"]
    if expected is None:
        assert labels is None
    else:
        assert sorted(labels.tolist()) == sorted(10 * expected)
        for label, name in zip(expected, folders, strict=True):
            assert some_data().class_names[label] == name


def test_pictures_need_to_be_told_what_is_real() -> None:
    write_images(Path("some.npz"), parts()[0])
    with pytest.raises(UsageError, match=r"holds no model; .*--data mnist"):
        evaluate("some.npz")


def test_the_judge_is_the_datas_unless_another_is_asked_for(given: dict[str, Any]) -> None:
    write_images(Path("some.npz"), parts()[0])
    data = some_data()
    random = random_judge(channels=1, height=8, width=8)
    fake = FakeJudge()()
    for asked, expected in (
        (None, judge_for(data)),
        ("random-network", random),
        (fake, fake),
    ):
        evaluate("some.npz", data, judge=asked)
        assert given["judge"].digest == expected.digest
    with pytest.raises(UsageError, match="no judge 'fak'"):
        evaluate("some.npz", data, judge="fak")


def test_a_run_of_arrays_needs_its_data_named_and_keeps_its_held_out_images() -> None:
    data = some_data()
    run = ganvas.train(data, recipe=TINY, out=Path("runs"), settings={"data.held_out": 140})
    for what in (run, run.directory, run.directory / "model", run.generator):
        found = evaluate(what, data, samples=64, metrics=ONLY)
        assert (found["samples"], list(found["metrics"])) == (64, ["kid"])
    with pytest.raises(UsageError, match="thirds"):
        evaluate(run, samples=64, metrics=ONLY)


def test_data_that_changed_since_the_training_is_not_taken_silently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = some_data()
    run = ganvas.train(data, recipe=TINY, out=Path("runs"))
    other = some_data(digest="sha256:" + "9" * 64)
    monkeypatch.setattr(provenance, "reload", lambda *parts, **options: other)
    with pytest.raises(UsageError, match="thirds is no longer what the model was trained on"):
        evaluate(run, samples=64, metrics=ONLY)
    assert evaluate(run, other, samples=64, metrics=ONLY)["samples"] == 64


def test_pictures_too_large_are_told_a_command_that_mends_it() -> None:
    data = some_data()
    Path("large").mkdir()
    for number in range(2):
        write_images(Path(f"large/{number}.png"), np.zeros((1, 1, 200, 200), np.uint8))
    size = f"{data.height}x{data.width}"
    with pytest.raises(DataError, match=f"thirds has {size}, and `ganvas data export large NEW/"):
        evaluate("large", data)


def test_other_data_is_split_as_it_is_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ganvas.train(some_data(), recipe=TINY, out=Path("runs"))  # it set 140 images aside
    asked: list[int] = []

    def noted(data: Any, *, held_out: int, **options: Any) -> Any:
        asked.append(held_out)
        return to_data(data, held_out=held_out, **options)

    monkeypatch.setattr(measure, "to_data", noted)
    images = some_data().train.images.transpose(0, 2, 3, 1)[:100]
    evaluate(run, (images, None), samples=64, metrics=ONLY)
    assert asked == [DEFAULT_HELD_OUT]


def test_an_option_that_measuring_does_not_have_is_said_to_be_of_import() -> None:
    Path("mixed").mkdir()
    write_images(Path("mixed/1.png"), np.zeros((1, 1, 8, 8), np.uint8))
    Path("mixed/2.png").write_bytes(b"no picture")
    remedy = "--max-bad, as an option of `ganvas data {}`, and give {} here"
    with pytest.raises(DataError, match=re.escape(remedy.format("export mixed NEW/", "NEW/"))):
        evaluate("mixed", some_data())
    write_images(Path("some.npz"), parts()[0])
    with pytest.raises(DataError, match=re.escape(remedy.format("import mixed NAME", "NAME"))):
        evaluate("some.npz", "mixed")


def test_classes_in_a_file_are_told_by_their_names(given: dict[str, Any]) -> None:
    data, (part, labels) = some_data(), parts()
    bright = labels == data.class_names.index("bright")
    write_images(Path("bright.npz"), part[bright], labels[bright], data.class_names)
    evaluate("bright.npz", data)
    assert np.array_equal(given["labels"], labels[bright])


def test_what_is_nothing_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="nothing"):
        evaluate("nothing", some_data())
    Path("empty").mkdir()
    with pytest.raises(DataError, match="empty"):
        evaluate("empty", some_data())
    with pytest.raises(UsageError, match="number of samples must be 1 or more"):
        evaluate("nothing", some_data(), samples=0)


def test_a_runs_own_data_is_prepared_as_it_was_however_its_place_is_put() -> None:
    Path("large").mkdir()
    for number, image in enumerate(noise(160, 1, 144, 144)):
        write_images(Path(f"large/{number}.png"), image[None])
    run = ganvas.train(
        load("large", preparation=Preparation(size=(8, 8))), recipe=TINY, out=Path("runs")
    )
    own = evaluate(run, samples=64, metrics=ONLY)
    whole = Path("large").resolve()
    places: list[str | Path] = ["large", "large/", "./large", str(whole), Path("large"), whole]
    for place in places:
        assert evaluate(run, place, samples=64, metrics=ONLY) == own
