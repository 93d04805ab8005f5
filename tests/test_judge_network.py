import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ganvas.errors import UsageError
from ganvas.judge.architecture import NUM_FEATURES, Architecture
from ganvas.judge.distort import distort
from ganvas.judge.network import build_network, initialise
from ganvas.rng import stream

SIDES = st.integers(8, 128)


def small(*, channels: int = 1, height: int = 8, width: int = 8) -> Architecture:
    return Architecture(channels=channels, height=height, width=width, num_classes=3, first_width=8)


def draw_pixels(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=stream(0, "test")) * 255.0


@settings(deadline=None)
@given(height=SIDES, width=SIDES)
def test_maps_end_at_eight_pixels_or_fewer_and_are_halved_no_more(height: int, width: int) -> None:
    largest = max(height, width)
    stages = small(height=height, width=width).num_stages
    assert largest <= 8 * 2**stages
    assert stages == 1 or largest > 8 * 2 ** (stages - 1)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 128), (28, 28), (33, 17)])
def test_any_small_image_gives_128_features(channels: int, height: int, width: int) -> None:
    architecture = small(channels=channels, height=height, width=width)
    network = initialise(architecture, stream(0, "test")).eval()
    pixels = draw_pixels(2, channels, height, width)
    with torch.inference_mode():
        features, logits = network.features(pixels), network(pixels)
        from_features = network.classify(features)
    assert features.shape == (2, NUM_FEATURES) == (2, 128)
    assert features.dtype == torch.float32
    assert logits.shape == (2, 3)
    assert torch.equal(from_features, logits)
    assert float(features.min()) >= 0.0


def test_multiply_adds_at_28_pixels_are_what_the_docstring_says() -> None:
    architecture = Architecture(channels=1, height=28, width=28, num_classes=10)
    network = initialise(architecture, stream(0, "test")).eval()
    total = 0

    def count(module: nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal total
        assert isinstance(module, nn.Conv2d | nn.Linear)
        total += output.numel() * module.weight[0].numel()

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(count)
    with torch.inference_mode():
        network(draw_pixels(1, 1, 28, 28))
    assert round(total / 1e6, 1) == 10.5


def test_building_and_initialising_leave_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    initialise(small(), stream(0, "test"))
    assert torch.equal(torch.get_rng_state(), before)


def test_initial_weights_are_a_function_of_the_generator() -> None:
    states = [initialise(small(), stream(seed, "test")).state_dict() for seed in (1, 1, 2)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert not torch.equal(states[0]["maps.0.weight"], states[2]["maps.0.weight"])
    assert all(bool(value.isfinite().all()) for value in states[0].values())


def test_without_tensors_nothing_is_allocated() -> None:
    assert {value.device.type for value in build_network(small()).state_dict().values()} == {"meta"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("channels", 2), ("height", 7), ("width", 129), ("num_classes", 1), ("height", 28.0)],
)
def test_an_architecture_outside_the_rules_is_refused(name: str, value: object) -> None:
    arguments: dict[str, object] = {"channels": 1, "height": 28, "width": 28, "num_classes": 10}
    with pytest.raises(UsageError, match=f"{name} must be .*, got {value}"):
        Architecture(**(arguments | {name: value}))  # type: ignore[arg-type]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**31), channels=st.sampled_from([1, 3, 4]))
def test_distortion_stays_within_the_values_of_each_picture(seed: int, channels: int) -> None:
    pixels = draw_pixels(4, channels, 9, 12)
    distorted = distort(pixels, stream(seed, "test"))
    assert distorted.shape == pixels.shape
    assert bool((distorted.amax((2, 3)) <= pixels.amax((2, 3)) + 1e-3).all())
    assert bool((distorted.amin((2, 3)) >= pixels.amin((2, 3)) - 1e-3).all())


def test_distortion_moves_a_dot_a_little_and_differently_each_time() -> None:
    pixels = torch.zeros(200, 1, 28, 28)
    pixels[:, :, 12:16, 12:16] = 255.0
    moved = distort(pixels, stream(0, "test"))
    axis = torch.arange(28.0)
    mass = moved.sum((1, 2, 3))
    row = (moved.sum((1, 3)) * axis).sum(1) / mass
    # no more than the shift of 8% of the side (2.24 pixels), stretched
    assert float((row - 13.5).abs().max()) < 2.24 * 1.3
    assert float(row.std()) > 0.5
    assert torch.equal(moved, distort(pixels, stream(0, "test")))


def test_weights_lie_as_those_of_the_shipped_judge_did_in_training() -> None:
    architecture = Architecture(channels=1, height=28, width=28, num_classes=10)
    drawn = initialise(architecture, stream(0, "test"))
    loaded = build_network(architecture, drawn.state_dict())
    for network in (drawn, loaded):
        # other strides choose other kernels, and then training gives other last digits
        assert network.state_dict()["maps.0.weight"].stride() == (25, 1, 5, 1)
