"""Metrics beside computations that share no code with them, on real features where it is cheap."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
import scipy.linalg
import torch
from scipy.stats import norm
from torchmetrics.image.fid import FrechetInceptionDistance

from ganvas.data import load
from ganvas.judge import Judge, load_judge
from ganvas.metrics.frechet import Moments, features_to_statistics, frechet_distance
from ganvas.metrics.kernel import kernel_distance, kernel_distance_of_all
from ganvas.metrics.ndb import fit_bins, ndb

FloatArray = npt.NDArray[np.float64]
Pair = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
COUNT = 500  # of each; the judge has 128 features


class Extractor(torch.nn.Module):
    """The judge as torchmetrics wants its network: images in, features out."""

    num_features = 128

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.judge = judge

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(self.judge.features(images.numpy()))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    shipped = load_judge("mnist")
    assert isinstance(shipped, Judge)
    yield shipped
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def images() -> Pair:
    """Training digits, and test digits moved by two pixels."""
    data = load("mnist")
    assert data.test is not None
    return data.train.images[:COUNT], np.roll(data.test.images[:COUNT], 2, axis=3)


@pytest.fixture(scope="module")
def features(judge: Judge, images: Pair) -> tuple[FloatArray, FloatArray]:
    real, fake = (judge.features(part).astype(np.float64) for part in images)
    return real, fake


def distance(real: FloatArray, fake: FloatArray) -> float:
    return frechet_distance(real=features_to_statistics(real), fake=features_to_statistics(fake))


def test_frechet_distance_is_that_of_scipys_matrix_root(
    features: tuple[FloatArray, FloatArray],
) -> None:
    means = [rows.sum(axis=0) / COUNT for rows in features]
    covariances = [
        (rows - mean).T @ (rows - mean) / (COUNT - 1)
        for rows, mean in zip(features, means, strict=True)
    ]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    expected = ((means[0] - means[1]) ** 2).sum() + np.trace(
        covariances[0] + covariances[1] - 2.0 * root.real
    )
    assert expected > 1.0
    assert distance(*features) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_is_that_of_torchmetrics(
    judge: Judge, images: Pair, features: tuple[FloatArray, FloatArray]
) -> None:
    theirs = FrechetInceptionDistance(feature=Extractor(judge))
    for part, is_real in zip(images, (True, False), strict=True):
        for batch in np.array_split(part, 3):
            theirs.update(torch.from_numpy(batch), real=is_real)
    assert distance(*features) == pytest.approx(float(theirs.compute()), rel=1e-3)


def test_kernel_distance_is_the_estimate_written_out(
    features: tuple[FloatArray, FloatArray],
) -> None:
    real, fake = features
    width = real.shape[1]

    def kernel(left: FloatArray, right: FloatArray) -> FloatArray:
        return (np.einsum("id,jd->ij", left, right) / width + 1.0) ** 3

    different = 1.0 - np.eye(COUNT)
    pairs = COUNT * (COUNT - 1)
    expected = (
        (kernel(real, real) * different).sum() / pairs
        + (kernel(fake, fake) * different).sum() / pairs
        - 2.0 * kernel(real, fake).sum() / COUNT**2
    )
    found = kernel_distance_of_all(real=real, fake=fake)
    assert found == pytest.approx(expected, rel=1e-10)
    subset = kernel_distance(
        real=real, fake=fake, generator=np.random.default_rng(0), subsets=2, subset_size=COUNT
    )
    assert subset.mean == pytest.approx(expected, rel=1e-10)


def test_different_bins_are_those_of_the_test_written_out(
    features: tuple[FloatArray, FloatArray],
) -> None:
    real, fake = features
    bins = fit_bins(real, num_bins=20)
    shares = []
    for rows in features:
        distances = np.linalg.norm(rows[:, None] - bins.centres[None], axis=2)
        shares.append(np.bincount(distances.argmin(axis=1), minlength=20) / COUNT)
    together = (shares[0] + shares[1]) / 2.0
    z = (shares[0] - shares[1]) / np.sqrt(together * (1.0 - together) * 2.0 / COUNT)
    found = ndb(bins=bins, fake=fake)
    assert found.different == (2.0 * norm.sf(np.abs(z)) < 0.05).sum()
    assert 0 < found.different < 20


def test_order_and_batches_of_images_do_not_matter(
    features: tuple[FloatArray, FloatArray],
) -> None:
    real, fake = features
    order = np.random.default_rng(0).permutation(COUNT)
    assert distance(real[order], fake[::-1]) == pytest.approx(distance(real, fake), rel=1e-9)
    whole = kernel_distance_of_all(real=real, fake=fake)
    assert kernel_distance_of_all(real=real[order], fake=fake[::-1]) == pytest.approx(
        whole, rel=1e-9
    )
    bins = fit_bins(real, num_bins=20)
    assert ndb(bins=bins, fake=fake[order]) == ndb(bins=bins, fake=fake)
    moments = Moments()
    for batch in np.array_split(fake[order], 7):
        moments.add(batch)
    streamed = frechet_distance(real=features_to_statistics(real), fake=moments.statistics())
    assert streamed == pytest.approx(distance(real, fake), rel=1e-9)
