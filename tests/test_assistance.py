"""A process that follows: it does what each word says, and ends as the first one does."""

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ganvas.assistance import assist
from ganvas.errors import AbandonedError, GanvasError
from ganvas.group import Group
from ganvas.runlog import RunDirectory
from ganvas.signals import StopRequest
from ganvas.soundness import fingerprint
from ganvas.trainer import Trainer
from ganvas.training import Training
from tests.training_helpers import CPU, tiny_data, tiny_trainer, with_procedure

Word = dict[str, Any]
TRAIN: Word = {"do": "train"}
END: Word = {"do": "end", "exit_code": 0}
D_RATE = "optimizer.discriminator.learning_rate"


class Leading(Group):
    """The first process, whose words and agreements are kept."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.agreed: list[list[int]] = []

    def tell(self, word: Word) -> None:
        self.words.append(word)

    def largest(self, numbers: Sequence[int]) -> list[int]:
        self.agreed.append(list(numbers))
        return list(numbers)


class Following(Group):
    """A process that hears these words and states; of `agreed` it hears what others want.

    Once nothing is left of these, nobody wants to leave: [0, 0].
    """

    rank = 1

    def __init__(
        self,
        *words: Word,
        states: Sequence[dict[str, Any]] = (),
        agreed: Sequence[Sequence[int]] = (),
    ) -> None:
        self.left, self._states, self._agreed = deque(words), deque(states), deque(agreed)
        self.gave: list[list[int]] = []
        self.compared: list[tuple[int, str]] = []

    def hear(self) -> Word:
        return self.left.popleft()

    def hear_state(self) -> dict[str, Any]:
        return self._states.popleft()

    def largest(self, numbers: Sequence[int]) -> list[int]:
        self.gave.append(list(numbers))
        others = self._agreed.popleft() if self._agreed else [0, 0]
        return list(map(max, numbers, others))

    def require_same(self, number: int, what: str) -> None:
        self.compared.append((number, what))


def training(group: Group) -> Training:
    return Training(tiny_trainer().recipe, tiny_data(), CPU, group)


def weights(training: Training) -> dict[str, Tensor]:
    step = training.step
    return {
        f"{number}.{name}": value
        for number, network in enumerate((step.generator, step.discriminator, step.average.average))
        for name, value in network.state_dict().items()
    }


def follow(*words: Word, stop: StopRequest | None = None, **heard: Any) -> Training:
    """What a process has learned that heard these words, to the last of them."""
    group = Following(*words, **heard)
    follower = training(group)
    assist(follower, stop or StopRequest())
    assert not group.left
    return follower


def group_of(follower: Training) -> Following:
    assert isinstance(follower.group, Following)
    return follower.group


def same(one: Training, other: Training) -> bool:
    return fingerprint(one.step.state_dict()) == fingerprint(other.step.state_dict())


def test_who_follows_a_trainer_s_words_learns_what_it_learns_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, data = Leading(), tiny_data()
    (tmp_path / "run").mkdir()
    leader = Trainer(
        tiny_trainer().recipe, data, RunDirectory(tmp_path / "run"), CPU, lambda event: None, group
    )
    assert leader.train(StopRequest()) == "finished"
    assert len(group.words) > 2  # it had things to do on its way
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    before = sorted(tmp_path.rglob("*"))
    follower = follow(*group.words, END, agreed=group.agreed)
    assert same(follower, leader)
    assert (follower.images, follower.cursor) == (leader.images, leader.cursor)
    assert len(group_of(follower).gave) == len(group.agreed)  # as often as all others
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_word_to_train_nothing_is_learned() -> None:
    assert same(follow(END), training(Group()))


def test_train_goes_on_until_the_first_has_something_else_to_do() -> None:
    busy = [[0, 0], [0, 0], [0, 1]]
    follower, alone = follow(TRAIN, END, agreed=busy), training(Group())
    for _ in busy:
        alone.advance()
    assert same(follower, alone)
    assert 0 < follower.images < follower.total_images
    twice = follow(TRAIN, TRAIN, END, agreed=[*busy, *busy])
    for _ in busy:
        alone.advance()
    assert same(twice, alone)


def test_train_ends_with_the_budget_and_another_word_to_train_adds_nothing() -> None:
    follower, alone = follow(TRAIN, TRAIN, END), training(Group())
    while not alone.is_spent:
        alone.advance()
    assert follower.is_spent
    assert same(follower, alone)


def test_a_signal_here_is_told_to_all_and_ends_the_training_after_an_update() -> None:
    stop = StopRequest()
    stop.received = 15
    follower = follow(TRAIN, END, stop=stop)
    assert group_of(follower).gave == [[15, 0]]
    alone = training(Group())
    alone.advance()
    assert same(follower, alone)


def test_a_signal_elsewhere_ends_the_training_here() -> None:
    follower = follow(TRAIN, END, agreed=[[0, 0], [2, 0]])
    assert group_of(follower).gave == [[0, 0], [0, 0]]


def test_load_takes_the_first_s_state() -> None:
    leader = training(Group())
    leader.iterate(32)
    follower = follow({"do": "load"}, END, states=[leader.state_dict()])
    assert (follower.images, follower.cursor) == (leader.images, leader.cursor)
    assert same(follower, leader)


def test_compare_gives_the_fingerprint_of_what_was_learned() -> None:
    follower = follow(TRAIN, {"do": "compare"}, END)
    ((number, _),) = group_of(follower).compared
    assert number == fingerprint(follower.step.state_dict())


def test_revise_changes_the_settings_that_it_names() -> None:
    changes = {D_RATE: 1e-9}
    follower = follow({"do": "revise", "changes": changes}, TRAIN, END)
    assert follower.changes == changes
    leader = training(Group())
    leader.revise(changes)
    leader.iterate(leader.total_images)
    assert same(follower, leader)
    assert not same(follower, follow(TRAIN, END))


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_restart_begins_the_network_anew_that_it_names(network: Any) -> None:
    words = (TRAIN, {"do": "restart", "network": network, "beginning": 1}, END)
    follower, trained = weights(follow(*words)), weights(follow(TRAIN, END))
    again = training(Group())
    again.iterate(again.total_images)
    again.restart(network, 1)
    expected = weights(again)
    assert all(torch.equal(value, expected[name]) for name, value in follower.items())
    changed = {name[0] for name in trained if not torch.equal(follower[name], trained[name])}
    assert changed == ({"0", "2"} if network == "generator" else {"1"})


@pytest.mark.parametrize("code", [1, 3, 130])
def test_the_end_is_the_first_s_and_nothing_is_heard_after_it(code: int) -> None:
    group = Following({"do": "end", "exit_code": code}, TRAIN)
    follower = training(group)
    with pytest.raises(AbandonedError) as ended:
        assist(follower, StopRequest())
    assert ended.value.exit_code == code
    assert list(group.left) == [TRAIN]
    assert follower.images == 0


def test_what_goes_wrong_in_a_group_is_passed_on() -> None:
    class Gone(Following):
        def require_same(self, number: int, what: str) -> None:
            raise GanvasError(f"{what} differs")

    with pytest.raises(GanvasError, match="what was learned differs"):
        assist(training(Gone({"do": "compare"}, END)), StopRequest())


def test_others_are_asked_only_where_no_graph_is_kept_for_the_next_update() -> None:
    """D's and G's updates share their fakes here: of the two only G's can be the last."""
    recipe = with_procedure(generator_noise="same")
    group = Following(TRAIN, END, agreed=[[0, 0], [0, 1]])
    follower = Training(tiny_trainer(recipe).recipe, tiny_data(), CPU, group)
    assist(follower, StopRequest())
    assert len(group.gave) == 2
    assert follower.step.is_whole
    assert follower.step.counts == {"generator": 2, "discriminator": 2}
