"""What a display says of a run, in words: events in, lines of text out."""

from ganvas.events import Probed, Started, Ticked, Validated
from ganvas.words import counted

__all__ = ["clock", "discriminator", "figures", "headline", "megabytes", "progress", "quality"]


def headline(event: Started) -> list[str]:
    """Return two lines: what is trained where, and on which machine."""
    resumed = f", going on from {counted(event.images, 'image')}" if event.images else ""
    return [
        f"{event.directory}: {event.data}, recipe {event.recipe}, seed {event.seed}{resumed}",
        f"on {event.machine}",
    ]


def megabytes(done: int, total: int | None) -> str:
    """Return how far a download is."""
    return f"{done / 1e6:.1f} MB" if total is None else f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"


def progress(event: Ticked) -> str:
    """Return how far the run is."""
    share = event.images / max(1, event.total_images)
    return f"{share:4.0%}  {event.images:,} of {counted(event.total_images, 'image')}"


def figures(event: Ticked) -> str:
    """Return speed, time left and losses, as of the newest line of the log."""
    words = [f"{event.images_per_second:,.0f} images/s", f"{clock(event.seconds_left)} left"]
    for name, key in (("D", "d_loss"), ("G", "g_loss")):
        if key in event.values:
            words.append(f"{name} loss {event.values[key]:.3f}")
    return ", ".join(words)


def quality(event: Probed) -> str:
    """Return the newest look at quality."""
    figures = event.figures
    if "high_quality" in figures:
        return (
            f"{figures['found']} of {figures['modes']} modes at {event.images:,} points, "
            f"{figures['high_quality']:.1%} of {figures['samples']:,} samples near one"
        )
    return (
        f"Fréchet distance {figures['fd']:.3f} at {event.images:,} images "
        f"({figures['real_fd']:.3f} for real ones; {figures['samples']:,} samples, held-out images)"
    )


def discriminator(event: Validated) -> str:
    """Return what D made of the three kinds of images, in a few words."""
    figures = event.figures
    shares = [f"{figures['d_accuracy_train']:.0%} of training"]
    if figures["d_accuracy_held_out"] is not None:
        shares.append(f"{figures['d_accuracy_held_out']:.0%} of held-out")
    kind = "pairs" if figures["accuracy_of"] == "pairs" else "images"
    return f"D right on {', '.join(shares)} {kind}; fooled by {figures['fooling_rate']:.0%}" + (
        " of pairs" if kind == "pairs" else " of fakes"
    )


def clock(seconds: float) -> str:
    """Return seconds as 0:07, 12:34 or 3:02:01."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, seconds_left = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{seconds_left:02d}"
    return f"{minutes}:{seconds_left:02d}"
