"""Numbers as a person would say them."""

__all__ = ["clock", "count"]


def count(number: int) -> str:
    """Return 1304256 as 1.30 million and 25440 as 25,440."""
    return f"{number / 1e6:,.3g} million" if number >= 1_000_000 else f"{number:,}"


def clock(seconds: float) -> str:
    """Return 47 as 47 s, 621 as 10 min 21 s, 7300 as 2 h 2 min."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
