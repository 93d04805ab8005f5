"""Going on with a run: what it finds, what it notes, what it refuses. Tiny runs."""

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ganvas
from ganvas import disk
from ganvas.checkpoint import checkpoints_in, load_newest
from ganvas.device import num_cores
from ganvas.errors import DiskFullError, UsageError
from ganvas.events import Event, Noted
from ganvas.model.start import read_start
from ganvas.plan import disk_bytes
from ganvas.recipe import Recipe
from ganvas.reopening import reopen
from tests.training_helpers import TINY, tiny_data

DATA = tiny_data()


def train(out: Path, **options: Any) -> Path:
    options.setdefault("recipe", TINY)
    return ganvas.train(options.pop("data", DATA), out=out, **options).directory


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def change(path: Path, edit: Any) -> None:
    values = read(path)
    edit(values)
    path.write_text(json.dumps(values))


def pictures(folder: Path, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number in range(20):
            pixels = rng.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def test_each_resume_is_noted_with_where_and_on_what(tmp_path: Path) -> None:
    run = train(tmp_path)
    for images in (96, 128):
        ganvas.resume(run, data=DATA, images=images)
    resumes = read(run / "env.json")["resumes"]
    assert [entry["images"] for entry in resumes] == [64, 96]
    began = read(run / "env.json")
    for entry in resumes:
        assert entry["versions"] == began["versions"]
        assert entry["notes"] == []
        assert entry["threads"] == 1


def test_what_differs_is_said_and_the_run_goes_on(tmp_path: Path) -> None:
    run = train(tmp_path)
    change(run / "env.json", lambda env: env["versions"].update(torch="1.0", numpy="0.1"))
    change(run / "env.json", lambda env: env.update(instructions="abacus"))
    events: list[Event] = []
    assert ganvas.resume(run, data=DATA, images=96, watcher=events.append).status == "finished"
    (note,) = [e.text for e in events if isinstance(e, Noted) and "may differ" in e.text]
    assert "was abacus" in note
    assert "was 1.0" in note
    assert "was 0.1" in note
    assert read(run / "env.json")["resumes"][0]["notes"] == [note]
    assert note in (run / "log.txt").read_text()
    events.clear()
    ganvas.resume(run, data=DATA, images=128, watcher=events.append)
    assert not [e for e in events if isinstance(e, Noted) and "may differ" in e.text]


def test_another_number_of_threads_can_be_asked_for_and_is_said(tmp_path: Path) -> None:
    run = train(tmp_path)
    events: list[Event] = []
    ganvas.resume(run, data=DATA, images=96, threads=2, watcher=events.append)
    assert any("threads 2, was 1" in getattr(event, "text", "") for event in events)
    loaded = load_newest(run / "checkpoints")
    assert loaded is not None
    assert Recipe.from_json(loaded.state["recipe"]).machine.threads == 2


def test_another_number_of_processes_divides_the_cores_anew(tmp_path: Path) -> None:
    run = train(tmp_path)
    with ExitStack() as stack:
        same = reopen(run, stack, images=96, device=None, threads=None)
        assert same.recipe.machine.threads == 1
    with ExitStack() as stack:
        two = reopen(run, stack, images=96, device=None, threads=None, processes=2)
        assert (two.recipe.machine.threads, two.kept.machine.threads) == (None, 1)
    with ExitStack() as stack:
        asked = reopen(run, stack, images=96, device=None, threads=3, processes=2)
        assert asked.recipe.machine.threads == 3
    change(run / "env.json", lambda env: env.update(processes=2))  # now one goes on with it
    ganvas.resume(run, data=DATA, images=96)
    assert read(run / "env.json")["resumes"][0]["threads"] == num_cores()
    assert Recipe.from_json(read(run / "recipe.json")).machine.threads == num_cores()


@pytest.mark.parametrize(
    ("reason", "now"), [("the processor has avx512_bf16", "float32"), ("as asked", "bfloat16")]
)
def test_bfloat16_that_nobody_asked_for_gives_way_where_it_is_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, now: str
) -> None:
    run = train(tmp_path, settings={"machine.precision": "bfloat16"})
    change(run / "env.json", lambda env: env.update(precision_reason=reason))
    monkeypatch.setattr("ganvas.device.fast_bfloat16", lambda device: (False, "it is slow here"))
    ganvas.resume(run, data=DATA, images=96)
    assert read(run / "env.json")["resumes"][0]["precision"] == now
    assert Recipe.from_json(read(run / "recipe.json")).machine.precision == now
    if now == "float32":
        assert "precision float32, was bfloat16" in (run / "log.txt").read_text()


def test_a_device_that_is_gone_gives_way_unless_it_is_asked_for(tmp_path: Path) -> None:
    run = train(tmp_path)
    with pytest.raises(UsageError, match="--device cuda:57 is not available here"):
        ganvas.resume(run, data=DATA, images=96, device="cuda:57")
    assert ganvas.resume(run, data=DATA, images=96).status == "finished"


def test_moved_pictures_are_found_where_they_are_said_to_be(tmp_path: Path) -> None:
    place = pictures(tmp_path / "pictures")
    run = train(tmp_path / "runs", data=str(place))
    (tmp_path / "new").mkdir()
    place.rename(tmp_path / "new" / "pictures")
    with pytest.raises(UsageError, match="pictures'; if it was moved, --data says where it is now"):
        ganvas.resume(run, images=96)
    moved = str(tmp_path / "new" / "pictures")
    assert ganvas.resume(run, images=96, data=moved).images == 96
    assert ganvas.resume(run, images=128).images == 128  # from then on it is known


def test_other_pictures_in_their_place_are_refused_with_both_digests(tmp_path: Path) -> None:
    run = train(tmp_path / "runs", data=str(pictures(tmp_path / "pictures")))
    other = str(pictures(tmp_path / "others", seed=1))
    with pytest.raises(UsageError, match="the data changed since") as caught:
        ganvas.resume(run, images=96, data=other)
    assert str(caught.value).count("sha256:") == 2
    assert ganvas.Run(run).images == 64


def test_a_total_below_what_was_drawn_is_refused(tmp_path: Path) -> None:
    run = train(tmp_path)
    with pytest.raises(UsageError, match=r"--images 32 is less than the 64 already drawn"):
        ganvas.resume(run, data=DATA, images=32)


def test_from_a_new_total_on_the_schedule_is_that_of_a_run_of_it(tmp_path: Path) -> None:
    run = train(tmp_path)
    ganvas.resume(run, data=DATA, images=160)
    longer = train(tmp_path, images=160)

    def factors(folder: Path) -> dict[int, float]:
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        of_log = [line for line in lines if "learning_rate_factor" in line]
        return {line["images"]: line["learning_rate_factor"] for line in of_log}

    found, whole = factors(run), factors(longer)
    assert found[64] == 0
    assert {n: f for n, f in found.items() if n > 64} == {n: f for n, f in whole.items() if n > 64}


def test_a_new_total_is_known_to_the_very_next_checkpoint(tmp_path: Path) -> None:
    run = train(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        ganvas.resume(run, data=DATA, images=96, watcher=interrupt)
    assert checkpoints_in(run / "checkpoints")[-1].name == "000000064.1"
    assert ganvas.resume(run, data=DATA).images == 96


def interrupt(event: Event) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("images", [64, 160])
@pytest.mark.parametrize("keep", [1, 3])
def test_a_run_takes_no_more_room_than_was_reckoned(tmp_path: Path, images: int, keep: int) -> None:
    settings = {"checkpoint.keep": keep, "checkpoint.every_images": 16}
    run = train(tmp_path, images=images, settings=settings)
    size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file())
    generator = ganvas.load(run).network
    from ganvas.model import load_discriminator

    parameters = [
        sum(p.numel() for p in network.parameters())
        for network in (generator, load_discriminator(run).network)
    ]
    reckoned = disk_bytes(
        ganvas.Run(run).recipe,
        generator=parameters[0],
        discriminator=parameters[1],
        num_images=images,
        checkpoints=keep,
    )
    assert size < reckoned


def test_too_little_room_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(tmp_path / "runs")
    monkeypatch.setattr(disk, "free_bytes", lambda path: 1_000_000)
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    for act in (
        lambda: train(tmp_path / "more"),
        lambda: ganvas.resume(run, data=DATA, images=96),
    ):
        with pytest.raises(DiskFullError, match=r"needs about \d+ MB, and 1 MB are free"):
            act()
    assert not (tmp_path / "more").exists()
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    monkeypatch.setattr(disk, "free_bytes", lambda path: None)  # nobody can tell: try
    assert ganvas.resume(run, data=DATA, images=96).status == "finished"


def test_the_room_of_a_place_is_that_of_what_is_there_of_it(tmp_path: Path) -> None:
    free = disk.free_bytes(tmp_path / "not" / "there" / "yet")
    assert free is not None
    assert free > 0


def test_a_run_is_named_by_its_folder_also_where_it_is_given_as_such(tmp_path: Path) -> None:
    run = ganvas.Run(train(tmp_path))
    shutil.rmtree(run.directory / "checkpoints")
    with pytest.raises(UsageError) as caught:
        ganvas.resume(run)
    assert str(caught.value) == f"{run.directory} has no checkpoint to resume from; train it anew"
    assert read_start(run).where == str(run.directory)
