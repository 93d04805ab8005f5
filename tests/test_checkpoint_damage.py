"""A checkpoint that was cut, flipped, forged or linked elsewhere: always one clear line."""

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganvas.checkpoint import (
    FORMAT_VERSION,
    load_checkpoint,
)
from ganvas.errors import DataError, GanvasError
from ganvas.weights import tensors_to_bytes
from tests.checkpoint_helpers import quick, saved


def edit(checkpoint: Path, change: Callable[[Any], Any]) -> None:
    """Change a checkpoint's state.json as somebody would who makes its manifest fit again."""
    path = checkpoint / "state.json"
    document = {"state": json.loads(path.read_text())}
    change(document)
    forge(checkpoint, "state.json", json.dumps(document["state"]).encode())


def edit_manifest(checkpoint: Path, change: Callable[[Any], object]) -> None:
    path = checkpoint / "manifest.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, indent=2) + "\n")


def forge(checkpoint: Path, part: str, content: bytes) -> None:
    (checkpoint / part).write_bytes(content)
    entry = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    edit_manifest(checkpoint, lambda manifest: manifest["files"].update({part: entry}))


@pytest.mark.parametrize("part", ["state.json", "state.safetensors", "manifest.json"])
def test_a_part_cut_at_any_byte_or_missing_is_refused(tmp_path: Path, part: str) -> None:
    checkpoint = saved(tmp_path, {"weight": torch.ones(2), "betas": [0.0, 0.99], "step": 3})
    content = (checkpoint / part).read_bytes()
    for length in range(len(content)):
        (checkpoint / part).write_bytes(content[:length])
        with pytest.raises(GanvasError, match=part.replace(".", r"\.")):
            load_checkpoint(checkpoint)
    (checkpoint / part).unlink()
    with pytest.raises(GanvasError, match=rf"cannot read .*{part}: No such file"):
        load_checkpoint(checkpoint)


@quick
@given(data=st.data(), part=st.sampled_from(["state.json", "state.safetensors", "manifest.json"]))
def test_any_flipped_bit_is_found(
    data: st.DataObject, part: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    checkpoint = saved(tmp_path_factory.mktemp("flip"), {"weight": torch.ones(2)})
    content = bytearray((checkpoint / part).read_bytes())
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8
    (checkpoint / part).write_bytes(content)
    with pytest.raises(GanvasError, match=str(checkpoint)):
        load_checkpoint(checkpoint)


MALFORMED: dict[str, Callable[[dict[str, Any]], object]] = {
    "a list for a state": lambda d: d.update(state=[1]),
    "a tensor for a state": lambda d: d.update(state={"$tensor": "/w", "channels_last": False}),
    "nothing for a state": lambda d: d.update(state=None),
    "an unknown tensor": lambda d: d.update(state={"$tensor": "/x", "channels_last": False}),
    "a list for a name": lambda d: d.update(state={"$tensor": ["/w"], "channels_last": False}),
    "no layout": lambda d: d.update(state={"$tensor": "/w"}),
    "a layout that does not fit": lambda d: d.update(
        state={"$items": [["w", {"$tensor": "/w", "channels_last": True}]]}
    ),
    "no items": lambda d: d.update(state={"weight": 1}),
    "items that are no pairs": lambda d: d.update(state={"$items": [[1, 2, 3]]}),
    "items that are a number": lambda d: d.update(state={"$items": 5}),
    "a key that is a list": lambda d: d.update(state={"$items": [[[1], 2]]}),
    "no number": lambda d: d.update(state={"$items": [["a", {"$float": "x"}]]}),
    "a list for a number": lambda d: d.update(state={"$items": [["a", {"$float": []}]]}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_state_is_one_clear_line(tmp_path: Path, name: str) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    edit(checkpoint, MALFORMED[name])
    with pytest.raises(DataError) as caught:
        load_checkpoint(checkpoint)
    assert str(checkpoint) in str(caught.value)
    assert r"\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


MISLEADING: dict[str, Callable[[dict[str, Any]], object]] = {
    "no version": lambda m: m.pop("format_version"),
    "a later version": lambda m: m.update(format_version=FORMAT_VERSION + 1),
    "no files": lambda m: m.pop("files"),
    "a list of files": lambda m: m.update(files=[]),
    "a file too few": lambda m: m["files"].pop("state.json"),
    "a file too many": lambda m: m["files"].update({"../x": {"bytes": 1, "sha256": "0"}}),
    "no digest": lambda m: m["files"]["state.json"].pop("sha256"),
    "a wrong digest": lambda m: m["files"]["state.json"].update(sha256="0" * 64),
    "a list for a digest": lambda m: m["files"]["state.json"].update(sha256=[]),
    "an endless length": lambda m: m["files"]["state.safetensors"].update(bytes=2**62),
    "a length below zero": lambda m: m["files"]["state.safetensors"].update(bytes=-1),
    "a text for a length": lambda m: m["files"]["state.safetensors"].update(bytes="x"),
}


@pytest.mark.parametrize("name", MISLEADING)
def test_a_manifest_that_misleads_is_one_clear_line(tmp_path: Path, name: str) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    edit_manifest(checkpoint, MISLEADING[name])
    with pytest.raises(DataError, match=str(checkpoint)):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("content", ["[]", "null", "5", '"text"', "{}"])
def test_a_manifest_that_is_no_object_is_refused(tmp_path: Path, content: str) -> None:
    checkpoint = saved(tmp_path, {})
    (checkpoint / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=f"has checkpoint format None, not {FORMAT_VERSION}"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("depth", [900, 100_000])
def test_a_state_nested_beyond_reason_is_refused(tmp_path: Path, depth: int) -> None:
    checkpoint = saved(tmp_path, {})
    deep = "[" * depth + "]" * depth  # of 900, JSON's own reader still takes it
    forge(checkpoint, "state.json", f'{{"$items": [["a",{deep}]]}}'.encode())
    with pytest.raises(GanvasError, match=r"state\.json"):
        load_checkpoint(checkpoint)


def test_tensors_that_the_state_does_not_name_are_refused(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    forge(checkpoint, "state.safetensors", tensors_to_bytes({"other": torch.ones(2)}))
    with pytest.raises(DataError, match=r"state\.json does not hold a state: KeyError '/w'"):
        load_checkpoint(checkpoint)


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(GanvasError, match=r"cannot read .*nowhere.manifest\.json: No such file"):
        load_checkpoint(tmp_path / "nowhere")


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
@pytest.mark.parametrize("part", ["state.json", "state.safetensors", "manifest.json"])
def test_a_link_out_of_the_checkpoint_is_not_followed(tmp_path: Path, part: str) -> None:
    checkpoint = saved(tmp_path, {"w": torch.ones(2)})
    (checkpoint / part).rename(tmp_path / "outside")
    (checkpoint / part).symlink_to(tmp_path / "outside")
    with pytest.raises(DataError, match=rf"{part} is a link out of its folder"):
        load_checkpoint(checkpoint)


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
def test_a_folder_of_checkpoints_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "000000001").mkdir(parents=True)
    (tmp_path / "checkpoints").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GanvasError, match="checkpoints is a link"):
        saved(tmp_path, {})
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["000000001"]
