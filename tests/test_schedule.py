"""The learning rate's course: its ends, its corners, its bounds."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.recipe import ScheduleSettings
from ganvas.schedule import learning_rate_factor

warmups = st.integers(0, 500)
decaying = st.builds(
    ScheduleSettings,
    warmup_images=warmups,
    decay_from=st.floats(0, 1, exclude_max=True),
    shape=st.sampled_from(["linear", "cosine"]),
    final=st.floats(0, 1),
)
schedules = decaying | st.builds(ScheduleSettings, warmup_images=warmups)


def test_without_settings_the_rate_never_changes() -> None:
    assert {learning_rate_factor(ScheduleSettings(), i, 100) for i in range(101)} == {1.0}


@given(schedule=schedules, images=st.integers(0, 1000))
def test_it_stays_between_nothing_and_the_base(schedule: ScheduleSettings, images: int) -> None:
    assert 0 <= learning_rate_factor(schedule, images, 1000) <= 1


@given(schedule=schedules)
def test_the_first_update_is_no_step_of_nothing(schedule: ScheduleSettings) -> None:
    assert learning_rate_factor(schedule, 0, 1000) > 0


@given(schedule=decaying)
def test_it_ends_at_its_final_value(schedule: ScheduleSettings) -> None:
    assert learning_rate_factor(schedule, 1000, 1000) == pytest.approx(schedule.final, abs=1e-9)


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_it_never_rises_after_the_warmup(shape: Literal["linear", "cosine"]) -> None:
    schedule = ScheduleSettings(warmup_images=100, decay_from=0.4, shape=shape)
    course = [learning_rate_factor(schedule, i, 1000) for i in range(100, 1001)]
    assert course == sorted(course, reverse=True)
    assert course[300] == 1.0  # the plateau reaches to decay_from


def test_half_way_down_is_half() -> None:
    shapes: tuple[Literal["linear", "cosine"], ...] = ("linear", "cosine")
    for shape in shapes:
        schedule = ScheduleSettings(decay_from=0.5, shape=shape)
        assert learning_rate_factor(schedule, 750, 1000) == pytest.approx(0.5)


def test_the_warmup_is_a_straight_line() -> None:
    schedule = ScheduleSettings(warmup_images=10)
    course = [learning_rate_factor(schedule, i, 1000) for i in range(12)]
    assert course == pytest.approx([*(i / 10 for i in range(1, 11)), 1.0, 1.0])
