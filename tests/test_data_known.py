import gzip
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.data.named.check import check_file, read_known
from ganvas.data.named.find import embedded_folder
from ganvas.data.named.sources import FASHION_MNIST, MNIST, KnownFile
from ganvas.errors import DataError

CONTENT = bytes(range(256)) * 4
DIGEST = sha256(CONTENT).hexdigest()
FILE = KnownFile(name="bytes", num_bytes=len(CONTENT), digest=DIGEST)


@pytest.mark.parametrize("level", [None, 0, 1, 9])
def test_compression_does_not_matter(tmp_path: Path, level: int | None) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(CONTENT if level is None else gzip.compress(CONTENT, level))
    assert read_known(FILE, path, remedy="-") == CONTENT
    check = check_file(FILE, path)
    assert (check.state, check.path, check.found, check.reason) == ("ok", str(path), DIGEST, "")


@given(st.data(), st.booleans())
def test_any_other_content_is_refused_with_both_digests(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, is_gzip: bool
) -> None:
    other = data.draw(
        st.one_of(
            st.integers(0, len(CONTENT) - 1).map(lambda cut: CONTENT[:cut]),
            st.integers(0, len(CONTENT) - 1).map(
                lambda i: CONTENT[:i] + bytes([CONTENT[i] ^ 255]) + CONTENT[i + 1 :]
            ),
            st.just(CONTENT + b"\0"),
        )
    )
    path = tmp_path_factory.getbasetemp() / "other"
    path.write_bytes(gzip.compress(other) if is_gzip else other)
    found = sha256(other).hexdigest()
    with pytest.raises(DataError) as caught:
        read_known(FILE, path, remedy="buy a new one")
    message = str(caught.value)
    assert message.startswith(f"{path} is damaged (")
    assert message.endswith(f"): expected sha256 {DIGEST}, found {found}; buy a new one")
    assert (check_file(FILE, path).state, check_file(FILE, path).found) == ("damaged", found)


def test_a_cut_gzip_file_is_refused_with_both_digests(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    packed = gzip.compress(CONTENT, 0)
    path.write_bytes(packed[:-100])
    with pytest.raises(
        DataError, match=f"gzip stream ends early.*expected sha256 {DIGEST}, found [0-9a-f]{{64}}"
    ):
        read_known(FILE, path, remedy="-")


def test_a_file_that_unpacks_to_much_more_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(CONTENT + bytes(1 << 26)))
    tracemalloc.start()
    try:
        check = check_file(FILE, path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert check.reason == "more than 1024 bytes"
    assert peak < 1 << 23


def test_what_cannot_be_read_is_damaged_and_what_is_not_there_missing(tmp_path: Path) -> None:
    unreadable = check_file(FILE, tmp_path)
    assert unreadable.state == "damaged"
    assert "Is a directory" in unreadable.reason
    missing = check_file(FILE, None)
    assert (missing.state, missing.expected, missing.found) == ("missing", DIGEST, None)


def test_a_file_of_another_set_is_called_so() -> None:
    labels = MNIST.test_labels
    check = check_file(FASHION_MNIST.test_labels, embedded_folder(MNIST) / f"{labels.name}.gz")
    assert check.state == "damaged"
    assert check.reason == "it is a file of mnist"
