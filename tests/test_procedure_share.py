"""Each process' part of an update: all rows once, packs whole, uneven parts weighed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ganvas.procedure import Rows, Share, Update, share_of


def update(num_real: int | None, num_fake: int) -> Update:
    real = None if num_real is None else Rows(draw=3, size=num_real)
    noise = Rows(draw=5, size=num_fake)
    player = "discriminator" if real is not None else "generator"
    return Update(player=player, optimizer=(player,), real=real, noise=noise, classes=noise)  # type: ignore[arg-type]


def shares(whole: Update, size: int, pack: int = 1) -> list[tuple[Update, Share]]:
    return [share_of(whole, rank=rank, size=size, pack=pack) for rank in range(size)]


@given(
    rows=st.integers(1, 40),
    size=st.integers(1, 9),
    pack=st.integers(1, 4),
    picked=st.booleans(),
)
def test_every_row_is_one_process_own(rows: int, size: int, pack: int, picked: bool) -> None:
    whole = update(rows, rows)
    if picked:
        pick = tuple(range(100, 100 + rows))[::-1]
        whole = replace(whole, real=Rows(draw=3, size=200, pick=pick))
    found = shares(whole, size, pack)
    if rows // pack < size:
        assert all(mine == whole and share.weight == 1 for mine, share in found)
        assert all(share.is_whole for _, share in found)
        return
    assert size == 1 or not any(share.is_whole for _, share in found)
    together = [row for mine, _ in found if mine.real for row in mine.real.pick or ()]
    assert together == (list(pick) if picked else list(range(rows)))
    for mine, share in found:
        assert mine.real is not None
        assert share.real is not None
        assert len(mine.real) == share.real.count == len(mine.noise) == len(mine.classes)
        assert share.real.first % pack == 0
        assert share.real.total == rows
    counts = [share.fake.packed(pack).count for _, share in found]
    assert max(counts) - min(counts) <= 1


@given(num_real=st.integers(1, 30), num_fake=st.integers(1, 30), size=st.integers(1, 6))
def test_the_mean_over_processes_is_the_mean_over_all_rows(
    num_real: int, num_fake: int, size: int
) -> None:
    def mean(rows: list[int]) -> float:
        return sum(rows) / len(rows)

    def values(mine: Update) -> list[int]:
        assert mine.real is not None
        real = mine.real.pick or range(mine.real.size)
        fake = mine.noise.pick or range(mine.noise.size)
        return [7 * row for row in real] + [row**2 for row in fake]

    whole = update(num_real, num_fake)
    parts = [share.weight * mean(values(mine)) for mine, share in shares(whole, size)]
    assert abs(sum(parts) / size - mean(values(whole))) < 1e-9 * (1 + num_fake**2)


def test_an_even_batch_weighs_nothing() -> None:
    assert {share.weight for _, share in shares(update(32, 32), 4)} == {1.0}
    assert {share.weight for _, share in shares(update(None, 32), 4)} == {1.0}
