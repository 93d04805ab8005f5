"""Real processes open their group: all of them by one way, whatever each of them was told."""

import subprocess
import sys

import pytest

from bench.processes import free_port
from ganvas.distributed.opening import PATIENCE, SHARED_MEMORY, open_group
from ganvas.errors import UsageError
from tests.distributed_helpers import ROOT, environment_of, finish

OPEN = """
from ganvas.distributed.opening import open_group
with open_group() as group:
    print(group.shares_memory, group.largest([group.rank]))
"""


@pytest.mark.slow
def test_where_one_process_may_not_share_memory_none_does() -> None:
    port = free_port()
    found = finish(
        [
            subprocess.Popen(
                [sys.executable, "-c", OPEN],
                env=environment_of(rank, 2, port) | {PATIENCE: "20", SHARED_MEMORY: may},
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for rank, may in enumerate("10")
        ]
    )
    assert [(code, said) for code, said, _ in found] == [(0, "False [1]\n")] * 2, found


@pytest.mark.parametrize("local_size", ["1", "2"])
def test_another_word_than_0_or_1_is_refused(
    monkeypatch: pytest.MonkeyPatch, local_size: str
) -> None:
    job = {
        "RANK": "0",
        "WORLD_SIZE": "2",
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": local_size,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        SHARED_MEMORY: "no",
        PATIENCE: "1",
    }
    for name, value in job.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=SHARED_MEMORY), open_group():
        pass
