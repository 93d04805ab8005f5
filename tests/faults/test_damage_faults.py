"""Damaged files of each kind: a clear refusal or an older good checkpoint, never a wrong result."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import ganvas
from ganvas.checkpoint import checkpoints_in
from ganvas.errors import DataError, GanvasError
from ganvas.events import Event, Noted
from ganvas.runlog import RunDirectory
from tests.faults.damage import kinds, other_kinds, outcome
from tests.faults.runs import recipe, result, resume, train


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("whole")).directory


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def test_each_kind_cut_or_flipped_is_refused_or_passed_over(whole: Path, copy: Path) -> None:
    rng = np.random.default_rng(0)
    for kind in kinds(whole):
        path, expected = copy / kind.file, kind.read(whole)
        content = path.read_bytes()
        found = set()
        for share in (0.0, 0.2, 0.5, 0.9, 1 - 1 / len(content)):
            path.write_bytes(content[: int(share * len(content))])
            found.add(outcome(kind, copy, expected))
        for _ in range(25):
            bit = int(rng.integers(8 * len(content)))
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            found.add(outcome(kind, copy, expected))
        path.unlink()
        found.add(outcome(kind, copy, expected))
        path.write_bytes(content)
        assert found == {"older" if kind.name.startswith("checkpoint") else "refused"}, kind.name
        assert outcome(kind, copy, expected) == "no matter"


def test_the_judge_and_the_data_are_held_by_their_digests(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for kind, folder in other_kinds(tmp_path):
        path, expected = folder / kind.file, kind.read(folder)
        content = path.read_bytes()
        for _ in range(2):
            bit = int(rng.integers(8 * len(content)))
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            # A bit of gzip's own header (its time, its system) is no part of the data.
            assert outcome(kind, folder, expected) in ("refused", "no matter"), kind.name
        path.write_bytes(content)


def test_a_run_goes_on_from_an_older_checkpoint_and_says_why(whole: Path, tmp_path: Path) -> None:
    run = train(tmp_path, recipe=recipe(keep=3)).directory
    newest = checkpoints_in(run / "checkpoints")[-1]
    (newest / "state.safetensors").write_bytes(b"")
    notes: list[Event] = []
    (run / "status.json").unlink()
    assert resume(run, watcher=notes.append).status == "finished"
    told = [
        event.text for event in notes if isinstance(event, Noted) and "passed over" in event.text
    ]
    assert len(told) == 1
    assert f"{newest.name}/state.safetensors has 0 bytes" in told[0]
    assert told[0] in (run / "log.txt").read_text()
    found = result(run)
    found["recipe.json"] = result(whole)["recipe.json"]
    assert found == result(whole)


HARM: dict[str, Callable[[bytes], bytes]] = {
    "missing": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "a list": lambda content: b"[1, 2]",
    "no text": lambda content: bytes(range(256)),
    "deep": lambda content: b"[" * 50_000,
    "long": lambda content: b" " * 2_000_000 + content,
    "a large number": lambda content: content.replace(b"64", b"9" * 400),
}


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize("file", ["recipe.json", "env.json", "status.json", "best.json"])
def test_a_small_file_that_is_damaged_is_one_clear_line_or_no_matter(
    copy: Path, whole: Path, file: str, harm: str
) -> None:
    content = (copy / file).read_bytes() if (copy / file).exists() else b'{"images": 64, "fd": 1.0}'
    (copy / file).write_bytes(HARM[harm](content))
    files = RunDirectory(copy)
    for read in (files.read_recipe, files.read_environment, files.read_status, files.read_best):
        assert "\n" not in told_by(read)
    refused = told_by(lambda: resume(copy, images=96))
    if file == "env.json" and refused:  # which alone says where the data is
        assert "env.json" in refused
    else:
        assert not refused
        assert (ganvas.Run(copy).status, ganvas.Run(copy).images) == ("finished", 96)


def told_by(act: Callable[[], object]) -> str:
    """What the GanvasError says that `act` ends with; "" without one."""
    try:
        act()
    except GanvasError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("harm", ["half", "a list", "no text", "deep"])
def test_lines_that_are_damaged_are_dropped_with_what_follows(copy: Path, harm: str) -> None:
    path = copy / "metrics.jsonl"
    path.write_bytes(HARM[harm](path.read_bytes()))
    assert resume(copy, images=96).status == "finished"
    images = [json.loads(line)["images"] for line in path.read_text().splitlines()]
    assert images == sorted({*images})
    assert images[-2:] == [80, 96]


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_link_out_of_a_model_is_not_followed(copy: Path, tmp_path: Path, file: str) -> None:
    path = copy / "model" / file
    path.rename(tmp_path / "outside")
    path.symlink_to(tmp_path / "outside")
    with pytest.raises(DataError, match=rf"{file} is a link out of its folder"):
        ganvas.load(copy)


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
@pytest.mark.parametrize("name", ["metrics.jsonl", "log.txt", "samples", "checkpoints", "model"])
def test_links_in_somebodys_run_let_nothing_be_written_elsewhere(
    copy: Path, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    (copy / name).rename(outside)
    (copy / name).symlink_to(outside)
    before = {path: path.read_bytes() for path in [outside, *outside.rglob("*")] if path.is_file()}
    refused = told_by(lambda: resume(copy, images=96))
    assert not refused or name in refused
    after = {path: path.read_bytes() for path in [outside, *outside.rglob("*")] if path.is_file()}
    assert after == before


@pytest.mark.skipif(os.name != "posix", reason="no pipes by name there")
@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_pipe_in_a_model_keeps_nobody_waiting(copy: Path, file: str) -> None:
    (copy / "model" / file).unlink()
    os.mkfifo(copy / "model" / file)
    with pytest.raises(GanvasError, match=r"no model|no regular file|bytes; the network"):
        ganvas.load(copy)
