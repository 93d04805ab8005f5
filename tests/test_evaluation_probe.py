"""What a look at quality costs: counts from arithmetic, shares that hold for any recipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganvas.evaluation.probe import Costs, Probe, costs_of, fitting_samples, plan_probe
from ganvas.judge import load_judge
from ganvas.recipes import get_recipe
from tests.judge_helpers import FakeJudge, some_data
from tests.recipe_names import IMAGE_RECIPES

COSTS = st.builds(Costs, training=st.floats(1e3, 1e10), sample=st.floats(1e3, 1e10))
INFERENCE = 1 / 1.5  # what a multiply-add of inference costs of one of training


@given(costs=COSTS, every=st.integers(1, 10**6), at_most=st.integers(129, 10**4))
def test_probes_cost_three_hundredths_and_are_never_mere_chance(
    costs: Costs, every: int, at_most: int
) -> None:
    apart, samples = plan_probe(costs, every_images=every, at_most=at_most)
    assert apart % every == 0
    assert min(500, at_most) <= samples <= at_most
    spent = samples * costs.sample * INFERENCE
    assert spent <= 0.03 * apart * costs.training * (1 + 1e-9)
    if apart > every:  # rarer only where it must be
        assert min(500, at_most) * costs.sample * INFERENCE > 0.03 * every * costs.training


@given(costs=COSTS, images=st.integers(1, 10**8), at_most=st.integers(129, 10**5))
def test_the_end_costs_a_tenth_or_two_thousand_samples(
    costs: Costs, images: int, at_most: int
) -> None:
    samples = fitting_samples(costs, images=images, at_most=at_most)
    assert min(2000, at_most) <= samples <= at_most
    if samples > 2000:
        assert samples * costs.sample * INFERENCE <= 0.1 * images * costs.training * (1 + 1e-9)


@pytest.mark.parametrize("name", sorted(IMAGE_RECIPES))
def test_every_recipe_has_costs_without_any_arithmetic_done(name: str) -> None:
    recipe = get_recipe(name)
    data = some_data() if recipe.conditioning == "class" else some_data(class_names=())
    costs = costs_of(recipe, data, FakeJudge()())
    assert costs.training > costs.sample > FakeJudge.multiply_adds


def test_a_dearer_judge_makes_dearer_samples_only() -> None:
    recipe, data = get_recipe("swift"), some_data()
    cheap, dear = FakeJudge(), FakeJudge()
    dear.multiply_adds = 5000.0
    one, other = costs_of(recipe, data, cheap()), costs_of(recipe, data, dear())
    assert other.training == one.training
    assert other.sample == one.sample + 4000.0
    assert load_judge("mnist").multiply_adds > 1e6


@pytest.mark.parametrize(
    ("sizes", "can"), [({}, True), ({"held_out": 16}, False), ({"train": 16}, False)]
)
def test_a_probe_takes_more_images_than_features(sizes: dict[str, int], can: bool) -> None:
    assert Probe.can_be(some_data(**sizes), FakeJudge()()) is can
