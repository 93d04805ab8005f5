"""The tables of `ganvas bench`."""

from typing import TYPE_CHECKING

from ganvas.cli.output import print_table

if TYPE_CHECKING:
    from ganvas.benchmark.race import Race, Track
    from ganvas.benchmark.roofline import Roofline

__all__ = ["print_race", "print_rooflines"]


def print_race(tracks: list["Track"], race: "Race") -> None:
    """Print when each contender came to each target, and how much sooner `swift` did."""
    from ganvas.benchmark.results import by_contender, reached, sooner

    rows = []
    for name, repeats in by_contender(tracks).items():
        cells = []
        for target in race.targets:
            found = reached(repeats, target, race)
            if found.seconds is None or found.images is None:
                cells += [found.why, "", ""]
                continue
            some = "" if found.count == found.repeats else f" ({found.count} of {found.repeats})"
            cells += [
                f"{found.seconds:,.1f} s{some}",
                f"{found.images:,.0f}",
                f"{found.ceiling:.0f}",
            ]
        rows.append([name, *cells])
    headings = ["contender"]
    for target in race.targets:
        headings += [f"{target:g}x real", "images", "GFLOP/s"]
    print_table(headings, rows, right=1)
    # Where there are fewer unseen images, a look is at as many samples.
    samples = max((p.samples for track in tracks for p in track.points), default=race.samples)
    print(
        "\nseconds of training (medians over the repeats) until the Fréchet distance of "
        f"{samples:,} samples\nis at most so many times unseen real images' own; GFLOP/s: what "
        "a favourable convolution reached then"
    )
    for target in race.targets:
        for row in sooner(tracks, target, race):
            against = row["against"] or f"any published recipe within {race.minutes:g} min"
            least = "at least " if row["at_least"] else ""
            if 0 < row["count"] < row["repeats"]:
                against += f", which came there in {row['count']} of {row['repeats']} repeats"
            print(
                f"{target:g}x: {row['name']} comes there {least}{row['ratio']:.1f} times sooner "
                f"than {against}"
            )


def print_rooflines(rooflines: list["Roofline"]) -> None:
    """Print each step's arithmetic, its rate beside the ceiling, and its operators."""
    rows = [
        [
            line.name,
            line.precision,
            f"{line.operations / 1e6:,.1f}",
            f"{line.images_per_second:,.0f}"
            if line.images_per_second >= 10
            else f"{line.images_per_second:.2f}",
            f"{line.rate / 1e9:,.1f}",
            f"{line.ceiling / 1e9:,.0f}",
            f"{line.share:.0%}",
            f"{line.step_over_alone:.2f}",
        ]
        for line in rooflines
    ]
    print()
    print_table(
        [
            "step of",
            "precision",
            "MFLOP/image",
            "images/s",
            "GFLOP/s",
            "ceiling",
            "share",
            "step/alone",
        ],
        rows,
        right=2,
    )
    print("\nstep/alone: the step's time over that of its convolutions and matrix products alone")
    for line in rooflines:
        shares = ", ".join(f"{part.name} {part.share:.0%}" for part in line.operators)
        print(f"{line.name}: {shares}")
