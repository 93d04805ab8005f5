"""What the environment says of this process, or fails to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.cli.main import main
from ganvas.distributed import Job, read_job
from ganvas.distributed.opening import PATIENCE, open_group
from ganvas.errors import UsageError

WHOLE = {
    "RANK": "3",
    "WORLD_SIZE": "4",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "first",
    "MASTER_PORT": "29500",
}


def test_a_process_that_was_started_alone_has_no_job() -> None:
    assert read_job({}) is None
    assert read_job({"MASTER_ADDR": "first", "LOCAL_RANK": "0"}) is None


def test_torchruns_environment_is_read() -> None:
    job = read_job({**WHOLE, "TORCHELASTIC_RUN_ID": "a1", "TORCHELASTIC_RESTART_COUNT": "2"})
    assert job == Job(rank=3, size=4, local_rank=1, local_size=2, name="a1", restarts=2)
    plain = read_job(WHOLE)
    assert plain is not None
    assert (plain.name, plain.restarts) == ("", 0)


def test_a_job_without_an_identity_is_told_by_who_started_it() -> None:
    job = read_job({**WHOLE, "TORCHELASTIC_RUN_ID": "none"})
    assert job is not None
    assert job.name not in ("", "none")


@given(st.sets(st.sampled_from(sorted(WHOLE)), min_size=1))
def test_half_of_it_is_refused(missing: set[str]) -> None:
    environment = {name: value for name, value in WHOLE.items() if name not in missing}
    if missing >= {"RANK", "WORLD_SIZE"}:
        assert read_job(environment) is None
        return
    with pytest.raises(UsageError, match=r"is set in the environment but .* is not"):
        read_job(environment)


@pytest.mark.parametrize(
    "wrong",
    [
        {"RANK": "4"},
        {"RANK": "-1"},
        {"RANK": "one"},
        {"WORLD_SIZE": ""},
        {"MASTER_PORT": "http"},
        {"LOCAL_RANK": "2"},
        {"LOCAL_WORLD_SIZE": "5"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="environment"):
        read_job({**WHOLE, **wrong})


def test_train_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert main(["train"]) == 2
    assert "RANK is set in the environment but WORLD_SIZE is not" in capsys.readouterr().err


def test_a_pytorch_without_distributed_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("torch.distributed.is_available", lambda: False)
    assert main(["train"]) == 1
    assert "has no torch.distributed, so 4 processes cannot" in capsys.readouterr().err


def test_an_odd_patience_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**WHOLE, PATIENCE: "soon"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=PATIENCE), open_group():
        pass


def test_a_job_of_one_process_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1"}
    for name, value in {**WHOLE, **alone, "TORCHELASTIC_RUN_ID": "a1"}.items():
        monkeypatch.setenv(name, value)
    with open_group() as group:
        assert (group.size, group.leads, group.job) == (1, True, "a1")
