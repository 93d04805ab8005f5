"""Rows of classes: of one its own, of several together a mean, or a sum of the same variance."""

import pytest
import torch

from ganvas.nets.embeddings import embedding, joined_rows, mean_rows


def table(rows: int = 6, width: int = 500) -> torch.nn.Embedding:
    made = embedding(rows, width)
    with torch.no_grad():
        made.weight.normal_(generator=torch.Generator().manual_seed(0))
    return made


@pytest.mark.parametrize("read", [mean_rows, joined_rows])
def test_of_one_class_it_is_its_row(read: object) -> None:
    rows, labels = table(), torch.tensor([4, 0, 4])
    assert torch.equal(read(rows, labels), rows.weight[labels])  # type: ignore[operator]
    torch.testing.assert_close(
        read(rows, labels[:, None]),  # type: ignore[operator]
        rows.weight[labels],
    )


def test_of_several_classes_the_mean_is_that_of_their_rows() -> None:
    rows, labels = table(), torch.tensor([[0, 2, 5], [1, 3, 4]])
    torch.testing.assert_close(mean_rows(rows, labels), rows.weight[labels].mean(1))


def test_joined_rows_keep_the_variance_of_one() -> None:
    rows, labels = table(), torch.tensor([[0, 2, 5], [1, 3, 4]])
    joined = joined_rows(rows, labels)
    torch.testing.assert_close(joined, mean_rows(rows, labels) * 3**0.5)
    assert float(joined.detach().var()) == pytest.approx(1, abs=0.1)


def test_its_weights_learn() -> None:
    rows = table()
    mean_rows(rows, torch.tensor([[0, 1]])).sum().backward()
    assert rows.weight.grad is not None
    assert rows.weight.grad[:2].unique().tolist() == [0.5]
    assert not rows.weight.grad[2:].any()
