"""What is known of data sets before a file is opened."""

import pytest

from ganvas.data.named.kinds import KnownFile, StackedSource
from ganvas.data.named.sources import CIFAR10, FASHION_MNIST, MNIST


def test_an_archive_keeps_its_name_and_any_other_file_is_packed() -> None:
    assert KnownFile(name="a", num_bytes=1, digest="").packed_name == "a.gz"
    assert KnownFile(name="a.tar.gz", num_bytes=1, digest="", is_archive=True).packed_name == (
        "a.tar.gz"
    )


@pytest.mark.parametrize("source", [MNIST, FASHION_MNIST, CIFAR10], ids=lambda one: one.name)
def test_files_have_names_and_digests_of_their_own(source: object) -> None:
    files = source.files  # type: ignore[attr-defined]
    assert len({file.name for file in files}) == len({file.digest for file in files}) == len(files)
    assert all(len(file.digest) == 64 and file.num_bytes > 0 for file in files)


def test_stacks_have_a_class_for_each_triple_in_the_order_of_their_numbers() -> None:
    stacks = StackedSource(name="s", title="", licence="", of=MNIST, num_train=1, num_test=1)
    assert stacks.shape == (3, 28, 28)
    assert stacks.class_names == tuple(f"{number:03}" for number in range(1000))
