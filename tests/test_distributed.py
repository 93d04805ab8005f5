"""Several processes learn what one process learns from the whole batch: weights and figures."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from ganvas.distributed.opening import SHARED_MEMORY
from ganvas.group import Group
from ganvas.weights import read_tensors
from tests.distributed_cases import CASES, train
from tests.distributed_helpers import finish, start

# How many real images of a mixed batch each process has is left to chance: both sides' loss counts
# each image alike, the figures of one side do not.
OF_ONE_SIDE = {
    f"figure/{name}" for name in ("real_logit", "fake_logit", "d_accuracy_real", "d_accuracy_fake")
}


# The network is the way of machines and of other systems; some cases tell whether it goes.
# Of a batch of 8 three processes have 2, 3 and 3 rows.
BY_NETWORK = ["swift", "dcgan-tf, R1 through batch norm", "wgan-gp"]


def come_to(folder: Path, *cases: str, size: int = 2, **more: str) -> dict[str, Tensor]:
    """What `size` processes come to in these cases, or in every one."""
    file = folder / "found.safetensors"
    command = ["tests.distributed_cases", str(file), *cases]
    for code, _, error in finish(start(command, size, more)):
        assert code == 0, error
    return read_tensors(file, None)


@pytest.fixture(scope="module")
def by_memory(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tensor]:
    return come_to(tmp_path_factory.mktemp("memory"))


@pytest.fixture(scope="module")
def by_network(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tensor]:
    folder = tmp_path_factory.mktemp("network")
    return come_to(folder, *BY_NETWORK, size=3, **{SHARED_MEMORY: "0"})


@pytest.mark.parametrize("case", CASES)
def test_two_processes_learn_what_one_learns_from_the_whole_batch(
    case: str, by_memory: dict[str, Tensor]
) -> None:
    assert_learnt(case, by_memory)


@pytest.mark.parametrize("case", BY_NETWORK)
def test_so_do_three_with_uneven_parts_that_share_no_memory(
    case: str, by_network: dict[str, Tensor]
) -> None:
    assert_learnt(case, by_network)


def assert_learnt(case: str, of_several: dict[str, Tensor]) -> None:
    found = {
        key.removeprefix(f"{case}/"): value
        for key, value in of_several.items()
        if key.startswith(f"{case}/")
    }
    expected = dict(train(CASES[case], Group()))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if CASES[case].procedure.round_batches == "mixed" and name in OF_ONE_SIDE:
            continue
        assert torch.allclose(found[name].double(), value.double(), rtol=1e-4, atol=2e-6), (
            name,
            float((found[name].double() - value.double()).abs().max()),
        )
