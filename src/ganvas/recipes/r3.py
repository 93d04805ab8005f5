"""r3: the relativistic pairing loss with R1 and R2 in every step (arXiv 2501.05441)."""

from ganvas.recipe import (
    Budget,
    DiscriminatorSettings,
    EmaSettings,
    GeneratorSettings,
    LatentSettings,
    LossSettings,
    Optimizers,
    OptimizerSettings,
    PenaltySettings,
    ProcedureSettings,
    Recipe,
    ScheduleSettings,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "r3"]

PAGE = RecipePage(
    title="R3GAN's loss and a small network of its kind",
    summary="relativistic pairs, R1 and R2 in every step, grouped residual networks, no norm",
    source="arXiv 2501.05441",
    published_budget="rates that fall over 20 million images (the authors' code for CIFAR-10)",
    expect="53 images/s of one core with bfloat16: two penalties in every step cost most of it",
    deviations=(
        "batches of 64 instead of 512, and smaller networks, for a processor",
        "gamma 1 and beta2 0.99 throughout; there gamma falls and beta2 rises with time",
    ),
)


def r3() -> Recipe:
    """Return the recipe: gamma is R1's and R2's weight; the rate falls along a cosine."""
    adam = OptimizerSettings(learning_rate=2e-4, beta1=0.0, beta2=0.99)
    return Recipe(
        name="r3",
        batch_size=64,
        conditioning="none",
        budget=Budget(amount=1_000_000, unit="images"),
        latent=LatentSettings(size=64),
        generator=GeneratorSettings(architecture="r3", width=32),
        discriminator=DiscriminatorSettings(architecture="r3", width=32),
        loss=LossSettings(name="relativistic"),
        penalty=PenaltySettings(r1=1.0, r2=1.0),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        schedule=ScheduleSettings(decay_from=0.0, shape="cosine", final=0.25),
        ema=EmaSettings(half_life_images=500_000),
        procedure=ProcedureSettings(),
    )
