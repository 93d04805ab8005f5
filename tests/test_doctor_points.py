"""Runs on points: the modes that their lines count."""

from collections.abc import Callable

from ganvas.doctor import Doctor, Facts
from ganvas.recipes import make_recipe
from tests.doctor_helpers import EVERY, TOTAL, line


def modes_told(found: Callable[[int], int], recipe: str = "swift") -> list[str]:
    doctor = Doctor(Facts(recipe=make_recipe(recipe, budget={}), total_images=TOTAL))
    lines = [line(i, "modes", found=found(i), modes=8) for i in range(EVERY, TOTAL + 1, EVERY)]
    return [f.name for f in doctor.read_all(lines)]


def test_modes_of_points_that_are_not_found_and_no_longer_become_more() -> None:
    assert modes_told(lambda images: 8) == []
    assert modes_told(lambda images: 5) == modes_told(lambda images: 3) == ["mode_collapse"]
    half = TOTAL // 2
    assert modes_told(lambda images: min(8, 8 * images // half)) == []
    assert modes_told(lambda images: 2 if images == 10 * EVERY else 0) == ["mode_collapse"]
    # noise on what D sees hides the finer ones as long as it has not faded by half
    assert modes_told(lambda images: 8 if images >= TOTAL // 4 else 1, "points") == []
    assert modes_told(lambda images: 5, "points") == ["mode_collapse"]
