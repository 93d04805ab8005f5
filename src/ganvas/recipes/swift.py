"""swift: the default. The fastest way we know to good small images on a PC's processor."""

from ganvas.recipe import (
    Budget,
    ClusterSettings,
    EmaSettings,
    GeneratorSettings,
    LossSettings,
    Optimizers,
    OptimizerSettings,
    PenaltySettings,
    ProcedureSettings,
    Recipe,
    ScheduleSettings,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "swift"]

PAGE = RecipePage(
    title="the default: the fastest way we know to good small images on a processor",
    summary="small networks made for a processor; conditional where there are labels (the default)",
    source="ganvas itself; the experiments behind it are in docs/LOG.md",
    published_budget="60,000 images",
    expect="sharp digits in about a minute; other data and colour take longer",
)


def swift() -> Recipe:
    """Return the default recipe; docs/LOG.md has the experiments behind it."""
    adam = OptimizerSettings(name="adam", learning_rate=2e-3, beta1=0.0, beta2=0.99)
    return Recipe(
        name="swift",
        batch_size=32,
        budget=Budget(amount=60_000, unit="images"),
        clusters=ClusterSettings(count=100),
        # A batch of 32 says little of what a whole data set is like: see docs/LOG.md.
        generator=GeneratorSettings(norm="layer"),
        # The classes cost nothing and help most: label accuracy and distance both.
        loss=LossSettings(name="non_saturating", class_weight=1.0),
        penalty=PenaltySettings(r1=0.5, every=16),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        schedule=ScheduleSettings(warmup_images=1_600, decay_from=0.6, shape="linear"),
        ema=EmaSettings(half_life_images=11_000, ramp_up=0.05),
        # One forward and one backward pass of D serve both players.
        procedure=ProcedureSettings(name="simultaneous", passes="joint", fake_labels="real"),
    )
