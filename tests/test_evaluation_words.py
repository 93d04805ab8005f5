"""The sentences about a result: every figure they name, and when they say "copied"."""

from typing import Any

import pytest

from ganvas.evaluation import in_words
from ganvas.evaluation.words import copies


def result(**metrics: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": "thirds",
        "split": "test",
        "judge": {"name": "fake", "digest": "sha256:" + "f" * 64, "kind": "judge"},
        "samples": 1400,
        "real_samples": 1200,
        "seed": 3,
        "metrics": metrics,
        "left_out": {},
    }


def figure(value: float, real: float | None, **detail: Any) -> dict[str, Any]:
    return {"value": value, "real": real, "higher_is_better": True, **detail}


def authenticity(value: float, real: float | None = 0.6, different: int = 1000) -> dict[str, Any]:
    return result(authenticity=figure(value, real, different=different))


def test_the_words_say_every_main_figure() -> None:
    found = result(
        fd=figure(0.5, 0.2), coverage=figure(0.912, 0.955), label_accuracy=figure(0.9, 0.995)
    )
    assert in_words(found) == [
        "Fréchet distance to the training images 0.5000, 2.5 times that of real test images "
        "(0.2000); lower is better.",
        "91.2% of the real variety is covered (95.5% of real test images); low means that kinds of "
        "images are missing.",
        "90.00% of the samples show the class that was asked for, as the judge sees it (99.50% of "
        "real test images).",
        "Measured on 1,400 samples and 1,200 test images of thirds, judge fake (ffffffff), seed 3.",
    ]


def test_the_words_say_where_fewer_samples_were_set_beside_as_many_real_images() -> None:
    found = result(fd=figure(0.5, 0.2, samples=1200), label_accuracy=figure(0.9, 0.995))
    assert in_words(found)[-1].startswith(
        "Measured on 1,400 samples (1,200 where the number counts) and 1,200 test images"
    )


def test_the_words_say_how_many_modes_and_how_evenly() -> None:
    judge = "mnist 269872a1"
    found = result(
        modes=figure(993, 1000, of=1000, confident=896, judge=judge),
        modes_kl=figure(0.2665, 0.0241, floor=0.0193, judge=judge),
    )
    assert in_words(found)[:-1] == [
        "993 of 1,000 modes found (by real test images 1,000); 896 where judge mnist 269872a1 is "
        "sure of all three digits.",
        "Their shares are 0.2665 nats from even ones (real test images 0.0241); as many perfect "
        "samples would be at 0.0193 by chance.",
    ]
    assert len(in_words(result(modes=figure(9, None, of=1000, confident=1, judge=judge)))) == 2


def test_the_words_leave_out_what_was_not_measured() -> None:
    assert [sentence.split()[0] for sentence in in_words(result())] == ["Measured"]
    found = result(label_accuracy=figure(0.9, None))
    assert [sentence.split()[0] for sentence in in_words(found)] == ["90.00%", "Measured"]
    assert "(" not in in_words(found)[0]


def test_the_words_can_say_no_distance_at_all_and_no_real_images() -> None:
    assert "beside real test images (0.0000)" in in_words(result(fd=figure(0.5, 0.0)))[0]
    assert in_words(result(fd=figure(0.5, None)))[0].endswith("images 0.5000; lower is better.")
    alone = result() | {"real_samples": 0, "split": "held_out"}
    assert "1,400 samples and no unseen real images of thirds" in in_words(alone)[0]


def test_held_out_images_are_called_so() -> None:
    found = result(fd=figure(0.5, 0.2)) | {"split": "held_out"}
    assert "of real held-out images" in in_words(found)[0]
    assert "1,200 held-out images of thirds" in in_words(found)[-1]


def test_a_network_with_random_weights_is_named() -> None:
    found = result()
    found["judge"]["kind"] = "random-network"
    assert "random weights" in in_words(found)[-1]
    assert "random weights" not in " ".join(in_words(result()))


@pytest.mark.parametrize(
    ("value", "real", "different", "copied"),
    [
        (0.0, 0.6, 1000, True),
        (0.29, 0.6, 1000, True),
        (0.31, 0.6, 1000, False),  # half of real is the border
        (0.6, 0.6, 1000, False),
        (1.0, 0.6, 1000, False),
        (0.0, 0.6, 1, False),  # one image over and over is chance
        (0.0, 0.6, 20, True),
        (0.0, None, 1000, False),
    ],
)
def test_copies_are_told_by_authenticity_beyond_chance(
    value: float, real: float | None, different: int, copied: bool
) -> None:
    found = authenticity(value, real, different)
    assert copies(found) is copied
    assert ("look copied" in " ".join(in_words(found))) is copied


def test_a_low_test_of_copying_alone_says_nothing() -> None:
    found = authenticity(0.6)
    found["metrics"]["ct"] = figure(-20.0, 0.1)
    assert not copies(found)
    assert not copies(result(ct=figure(-20.0, 0.1)))
