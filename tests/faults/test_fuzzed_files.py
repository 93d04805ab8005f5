"""Any bytes in the place of a run's or a model's file: a result or one clear line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.readers import run_readers
from tests.fuzz_helpers import Reader, attempt, inputs


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reader]:
    folder = tmp_path_factory.mktemp("whole")
    return {reader.name: reader for reader in run_readers(folder)}


NAMES = (
    "checkpoint-manifest checkpoint-state checkpoint-tensors weights weights-of-layout "
    "model-config recipe environment status metrics".split()
)


def test_every_reader_is_named(readers: dict[str, Reader]) -> None:
    assert sorted(readers) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_whole_files_are_taken(name: str, readers: dict[str, Reader], tmp_path: Path) -> None:
    taken = {attempt(readers[name], content, tmp_path) for content in readers[name].whole}
    assert taken == ({False} if name == "model-config" else {True, *taken})


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=80)
@given(data=st.data())
def test_any_bytes_are_read_or_refused(
    name: str,
    data: st.DataObject,
    readers: dict[str, Reader],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp() / f"fuzzed-{name}"
    folder.mkdir(exist_ok=True)
    attempt(readers[name], data.draw(inputs(readers[name])), folder)
