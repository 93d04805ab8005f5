"""Racers learn what their twins do that nobody races, and go on as if they had not stopped."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ganvas.benchmark import racers
from ganvas.benchmark.plain import PlainDcgan
from ganvas.benchmark.racers import (
    ENDLESS,
    PLAIN,
    Contender,
    Racer,
    contenders,
    make_racer,
    require_distances,
    require_fit,
    resolved_recipe,
)
from ganvas.checkpoint import load_newest, save_checkpoint
from ganvas.data.images import DataSet
from ganvas.data.request import to_dataset
from ganvas.errors import DivergedError, UsageError
from ganvas.recipes import RECIPES, get_recipe
from ganvas.training import Training
from tests.judge_helpers import FakeJudge, some_data
from tests.test_benchmark_plain import IMAGES
from tests.training_helpers import CPU, tiny_data

LONG = 600.0  # seconds that no test takes
SWIFT = Contender(name="tiny", recipe="swift", images=128)
DCGAN = Contender(name=PLAIN, recipe=PLAIN)
BATCH = {"swift": 32, PLAIN: 4}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlainDcgan, "batch", BATCH[PLAIN])


def data_of(contender: Contender) -> DataSet:
    return to_dataset(IMAGES, held_out=0) if contender is DCGAN else tiny_data()


def start(contender: Contender, *, seed: int = 0) -> Racer:
    return make_racer(contender, data_of(contender), seed=seed, threads=1)


def saved(racer: Any, folder: Path) -> dict[str, bytes]:
    """What a checkpoint of it holds, but for the seconds that it took."""
    state = {**racer.state_dict(), "seconds": 0.0}
    save_checkpoint(folder, racer.images, state, keep=1)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("contender", [SWIFT, DCGAN], ids=lambda contender: contender.recipe)
def test_a_racer_goes_on_from_a_checkpoint_to_the_same_bytes(
    contender: Contender, tmp_path: Path
) -> None:
    half, end = (times * BATCH[contender.recipe] for times in (2, 4))
    whole = start(contender)
    whole.advance(half, most_seconds=LONG)
    assert whole.images == half
    save_checkpoint(tmp_path / "half", half, whole.state_dict(), keep=1)
    loaded = load_newest(tmp_path / "half")
    assert loaded is not None
    parts = start(contender)
    assert parts.images == 0
    assert parts.seconds > 0  # clusters are found while it is made ready
    parts.load_state_dict(loaded.state)
    assert (parts.images, parts.seconds) == (half, whole.seconds)
    for racer in (whole, parts):
        before = racer.seconds
        racer.advance(end, most_seconds=LONG)
        assert racer.images == end
        assert racer.seconds > before
    assert saved(whole, tmp_path / "whole") == saved(parts, tmp_path / "parts")
    (one, labels), (two, others) = (racer.sample(3, seed=1) for racer in (whole, parts))
    assert np.array_equal(one, two)
    assert (labels is None) == (others is None) == (contender is DCGAN)


def test_the_plain_one_learns_what_the_plain_loop_does() -> None:
    racer, twin = start(DCGAN, seed=2), PlainDcgan(IMAGES, seed=2)
    racer.advance(10, most_seconds=LONG)
    for _ in range(3):  # of 4 images: the first whole number of them that is 10
        twin.step()
    assert racer.images == 12
    assert np.array_equal(racer.sample(5, seed=3)[0], twin.sample(5, seed=3))
    assert not racer.is_over
    assert racer.precision == torch.float32


def test_a_recipe_learns_what_its_training_does() -> None:
    racer = start(SWIFT)
    racer.advance(64, most_seconds=LONG)
    data = tiny_data()
    recipe, machine = resolved_recipe(SWIFT, data, seed=0, threads=1)
    twin = Training(recipe, data, machine)
    while twin.images < 64:
        twin.iterate(1)
    images, labels = racer.sample(6, seed=3)
    expected, classes = twin.generator().sample(6, seed=3)
    assert np.array_equal(images, expected)
    assert np.array_equal(labels, classes)  # type: ignore[arg-type]


def test_a_schedule_ends_and_nothing_is_trained_beyond_it() -> None:
    racer = start(SWIFT)
    racer.advance(1_000, most_seconds=LONG)
    assert racer.images == 128
    assert racer.is_over
    seconds = racer.seconds
    racer.advance(1_000, most_seconds=LONG)
    assert (racer.images, racer.is_over) == (128, True)
    assert racer.seconds >= seconds


@pytest.mark.parametrize("contender", [SWIFT, DCGAN], ids=lambda contender: contender.recipe)
def test_no_more_is_trained_once_the_seconds_are_over(contender: Contender) -> None:
    racer = start(contender)
    cap = racer.seconds + 1e-9
    for _ in range(2):
        racer.advance(1_000, most_seconds=cap)
        assert racer.images == BATCH[contender.recipe]  # one iteration
        assert not racer.is_over


@pytest.mark.parametrize("contender", [SWIFT, DCGAN], ids=lambda contender: contender.recipe)
def test_a_stop_is_heard_after_the_iteration(contender: Contender) -> None:
    racer = start(contender)
    racer.advance(1_000, most_seconds=LONG, stopping=lambda: True)
    assert racer.images == BATCH[contender.recipe]


@pytest.mark.parametrize("contender", [SWIFT, DCGAN], ids=lambda contender: contender.recipe)
def test_what_is_no_longer_finite_has_diverged(contender: Contender) -> None:
    racer = start(contender)
    racer.load_state_dict(spoiled(racer.state_dict()))
    with pytest.raises(DivergedError, match="not finite"):
        racer.advance(BATCH[contender.recipe], most_seconds=LONG)


def spoiled(state: Any) -> Any:
    """The state with a NaN in the place of every weight."""
    if isinstance(state, dict):
        return {key: spoiled(value) for key, value in state.items()}
    if isinstance(state, list | tuple):
        return [spoiled(value) for value in state]
    if isinstance(state, torch.Tensor) and state.is_floating_point():
        return torch.full_like(state, torch.nan)
    return state


def test_the_plain_one_refuses_other_images_in_a_line() -> None:
    with pytest.raises(UsageError, match=r"plain-dcgan is for images like those of mnist: .*28"):
        make_racer(DCGAN, tiny_data(), seed=0, threads=1)


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "points"])
def test_a_run_is_as_long_as_its_schedule_and_endless_without(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(racers, "plan", lambda recipe, dataset: (recipe, CPU))
    published = get_recipe(name)

    def resolved(**options: Any) -> Any:
        contender = Contender(name=name, recipe=name, **options)
        return resolved_recipe(contender, tiny_data(), seed=7, threads=3)[0]

    own = resolved()
    if published.schedule.decay_from >= 1:
        assert (own.budget.amount, own.budget.unit) == (ENDLESS, "images")
    else:
        assert own.budget == published.budget
    assert (own.seed, own.machine.threads, own.machine.device) == (7, 3, "cpu")
    asked = resolved(images=640, unconditional=True)
    assert (asked.budget.amount, asked.budget.unit) == (640, "images")
    assert asked.conditioning == "unlabelled"
    assert asked.optimizer == published.optimizer


def test_who_takes_part() -> None:
    names = [entry.name for entry in contenders(num_classes=10)]
    assert len(names) == len(set(names))
    assert {"swift-20000", "swift-unconditional-180000", "dcgan-tf", PLAIN} <= set(names)
    assert "points" not in names  # which makes no images
    assert not [entry.name for entry in contenders(["swift"], num_classes=0) if entry.unconditional]
    with pytest.raises(UsageError, match="did you mean 'swift'"):
        contenders(["swfit"], num_classes=10)


def test_those_chosen_race_once_each_swift_once_for_each_schedule_and_form() -> None:
    chosen = ["lsgan", "swift", PLAIN, "lsgan"]
    entries = contenders(chosen, num_classes=3, schedules=(64, 640))
    assert [(entry.name, entry.form, entry.images) for entry in entries] == [
        ("lsgan", "lsgan", None),
        ("swift-64", "swift", 64),
        ("swift-640", "swift", 640),
        ("swift-unconditional-64", "swift-unconditional", 64),
        ("swift-unconditional-640", "swift-unconditional", 640),
        (PLAIN, PLAIN, None),
    ]


def test_all_that_take_part_can_train_on_digits_and_what_cannot_is_refused() -> None:
    images = np.random.default_rng(0).integers(0, 256, (600, 28, 28), np.uint8)
    digits = to_dataset((images, np.arange(600) % 3), held_out=0)
    require_fit(contenders(num_classes=3), digits, threads=1)
    points = Contender(name="points", recipe="points")
    with pytest.raises(UsageError, match=r"points cannot take part: .*makes points.*--recipes"):
        require_fit([SWIFT, points], digits, threads=1)
    with pytest.raises(UsageError, match="plain-dcgan is for images"):
        require_fit([DCGAN], tiny_data(), threads=1)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_race_needs_more_images_than_the_judge_has_features(missing: int) -> None:
    judge: Any = FakeJudge()
    least = judge.num_features + 1
    enough = some_data(train=300, held_out=least, test=None)
    few = some_data(train=300, held_out=least - missing, test=None)
    for data, samples, what in (
        (enough, least - missing, "samples"),
        (few, least, "images that are not trained on"),
    ):
        words = f"a race on thirds needs {least} {what} or more, and has {least - 1}"
        refused = pytest.raises(UsageError, match=words) if missing else nullcontext()
        with refused:
            require_distances(data, judge, samples)
