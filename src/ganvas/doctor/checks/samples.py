"""What is wrong with the pictures themselves: plain, noisy, too dark, too bright."""

from collections.abc import Iterator, Sequence

from ganvas.doctor.history import Facts, History
from ganvas.doctor.sign import Sign
from ganvas.doctor.thresholds import limit

__all__ = ["signs"]

_LOOKS = 3


def signs(facts: Facts, history: History) -> Iterator[Sign]:
    """Yield constant_output, range_mismatch, noise_samples, saturated_samples, ema_lags."""
    if history.images < facts.grace:
        return

    def both(name: str) -> tuple[float, float] | None:
        fake, real = history.last("probe", name), history.last("probe", f"{name}_real")
        return None if fake is None or real is None else (fake, real)

    contrast = both("contrast")
    if contrast is not None and contrast[0] < limit("contrast_nil") * contrast[1]:
        evidence = {"contrast": contrast[0], "contrast_real": contrast[1]}
        yield Sign(name="constant_output", severity="error", evidence=evidence)
        return
    low, high = both("pixel_low"), both("pixel_high")
    if low is not None and high is not None:
        fake, real = high[0] - low[0], high[1] - low[1]
        least = (1 - limit("range_share")) / 2 * real
        short = {"low": low[0] - low[1] > least, "high": high[1] - high[0] > least}
        ends = [end for end, is_short in short.items() if is_short]
        if fake < limit("range_share") * real and _stands(history, ends):
            evidence = {"low": low[0], "high": high[0], "low_real": low[1], "high_real": high[1]}
            yield Sign(name="range_mismatch", severity="error", evidence=evidence)
    rough = both("roughness")
    if rough is not None and rough[0] > limit("rough") * rough[1] and not _calms_down(history):
        evidence = {"roughness": rough[0], "roughness_real": rough[1]}
        yield Sign(name="noise_samples", severity="error", evidence=evidence)
    edges = both("saturation")
    if edges is not None and edges[0] > edges[1] + limit("saturated") * (1 - edges[1]) + 0.05:
        evidence = {"saturation": edges[0], "saturation_real": edges[1]}
        yield Sign(name="saturated_samples", severity="warning", evidence=evidence)
    gap = history.last("probe", "ema_gap")
    if gap is not None and gap > limit("ema_gap"):
        yield Sign(name="ema_lags", severity="note", evidence={"ema_gap": gap})


def _calms_down(history: History) -> bool:
    """Whether samples are less rough than at the look before: a young G's, on their way."""
    before, now = ([0.0] * 2 + history.values("probe", "roughness", 2))[-2:]
    return now < limit("rough_still") * before


def _stands(history: History, ends: Sequence[str]) -> bool:
    """Whether these ends of the range are the same look after look: a bound, no young G's best."""
    looks = [history.values("probe", f"pixel_{end}", _LOOKS) for end in ends]
    return all(len(values) == _LOOKS and len(set(values)) == 1 for values in looks)
