"""The Inception judge: pictures in, 2048 features out; with random weights."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from ganvas.errors import UsageError
from ganvas.judge import inception
from ganvas.judge.inception import InceptionJudge
from ganvas.judge.inception_network import InceptionNetwork, build_inception
from ganvas.rng import stream
from tests.inception_helpers import CARD, random_tensors


@pytest.fixture(scope="module")
def network() -> InceptionNetwork:
    return build_inception(random_tensors())


@pytest.fixture
def judge(network: InceptionNetwork, monkeypatch: pytest.MonkeyPatch) -> InceptionJudge:
    monkeypatch.setattr(inception, "_BATCH_SIZE", 2)  # whatever is judged costs a whole batch
    return InceptionJudge(network, CARD)


def draw_images(*shape: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(len(shape)).integers(0, 256, shape, dtype=np.uint8)


def test_pixels_enter_around_zero_and_the_features_are_the_mean_of_the_last_maps(
    network: InceptionNetwork, judge: InceptionJudge
) -> None:
    seen: dict[str, Tensor] = {}
    hooks = [
        network.Conv2d_1a_3x3.register_forward_pre_hook(
            lambda _, inputs: seen.update(pixels=inputs[0])
        ),
        network.get_submodule("Mixed_7c").register_forward_hook(
            lambda _, inputs, output: seen.update(maps=output)
        ),
    ]
    image = np.broadcast_to(np.array([0, 128, 255], np.uint8)[:, None, None], (3, 5, 4))
    features = judge.features(image[None])
    for hook in hooks:
        hook.remove()
    assert seen["pixels"].shape == (2, 3, 299, 299)
    assert [channel.unique().tolist() for channel in seen["pixels"][0]] == [[-1], [0], [127 / 128]]
    maps = seen["maps"][:1].double().numpy()
    np.testing.assert_allclose(features, maps.mean((2, 3)), rtol=1e-5)


def test_grey_is_rgb_with_equal_channels_bit_for_bit(judge: InceptionJudge) -> None:
    grey = draw_images(1, 1, 28, 28)
    grey.setflags(write=False)
    features = judge.features(grey)
    assert features.shape == (1, 2048) == (1, judge.num_features)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert features.min() >= 0.0
    assert features.std() > 0.0
    assert np.array_equal(features, judge.features(np.repeat(grey, 3, 1)))


def test_an_images_features_do_not_depend_on_the_others(judge: InceptionJudge) -> None:
    images = draw_images(3, 3, 8, 11)
    features = judge.features(images)
    assert np.abs(features[0] - features[1]).max() > 1e-3
    assert np.array_equal(judge.features(images[[2, 0]]), features[[2, 0]])


def test_logits_are_linear_in_the_features(
    network: InceptionNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = torch.rand((2, 2048), generator=stream(0, "test"))
    monkeypatch.setattr(network, "features", lambda pixels: features)
    expected = features.numpy() @ network.fc.weight.numpy().T + network.fc.bias.numpy()
    np.testing.assert_allclose(network(torch.zeros(2, 3, 4, 4)), expected, rtol=1e-4, atol=1e-5)


def test_no_images_have_no_features(judge: InceptionJudge) -> None:
    features, labels = judge.features_and_labels(draw_images(0, 3, 4, 4))
    assert features.shape == (0, 2048)
    assert labels is None


@pytest.mark.parametrize(
    "images",
    [
        draw_images(2, 4, 8, 8),
        draw_images(2, 2, 8, 8),
        draw_images(2, 3, 0, 8),
        draw_images(3, 8, 8),
        draw_images(2, 3, 8, 8).astype(np.float32),
    ],
)
def test_images_that_do_not_fit_are_refused(judge: InceptionJudge, images: np.ndarray) -> None:
    with pytest.raises(UsageError, match=r"takes uint8 images of shape \(N, 1 or 3, H, W\), got"):
        judge.features(images)


def fits(judge: InceptionJudge, channels: int, height: int, width: int) -> bool:
    return judge.fits(channels=channels, height=height, width=width)


def test_grey_and_rgb_of_any_size_fit(judge: InceptionJudge) -> None:
    assert fits(judge, 1, 28, 28)
    assert fits(judge, 3, 1, 500)
    assert not fits(judge, 4, 32, 32)
    assert not fits(judge, 2, 32, 32)
    assert not fits(judge, 3, 0, 32)


def test_it_predicts_no_classes_of_the_data(judge: InceptionJudge) -> None:
    assert judge.class_names == ()
    with pytest.raises(UsageError, match="ImageNet's classes, not the data's"):
        judge.predict(draw_images(1, 1, 4, 4))


def test_a_picture_costs_5_7_billion_multiply_adds(judge: InceptionJudge) -> None:
    assert round(judge.multiply_adds / 1e9, 1) == 5.7
