"""The processes of an attempt find each other, whatever earlier attempts left behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from torch._C._distributed_c10d import HashStore, Store

from ganvas.distributed.meeting import meet
from ganvas.errors import LostError


def attempt(store: Store, ranks: range, size: int, seconds: float = 60) -> list[str]:
    with ThreadPoolExecutor(len(ranks)) as pool:
        calls = [
            pool.submit(meet, store, rank=rank, size=size, patience_seconds=seconds)
            for rank in ranks
        ]
        return [call.result() for call in calls]


def test_all_of_an_attempt_get_one_word_and_no_other_attempt_gets_it() -> None:
    store = HashStore()
    words = [attempt(store, range(3), 3) for _ in range(4)]
    assert all(len(set(of_one)) == 1 for of_one in words)
    assert len({of_one[0] for of_one in words}) == 4


def test_an_attempt_of_which_some_never_came_does_not_mislead_the_next() -> None:
    store = HashStore()
    attempt(store, range(3), 3)
    for some in (range(1), range(1, 3)):
        with pytest.raises(LostError, match="not all came"):
            attempt(store, some, 3, seconds=0.1)
    assert len(set(attempt(store, range(3), 3))) == 1


def test_another_number_of_processes_meets_as_well() -> None:
    store = HashStore()
    first, second = attempt(store, range(3), 3), attempt(store, range(2), 2)
    assert len(set(second)) == 1
    assert first[0] != second[0]
