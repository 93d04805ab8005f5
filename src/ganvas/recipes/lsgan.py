"""lsgan: the least squares loss on DCGAN's networks (arXiv 1611.04076)."""

from ganvas.recipe import (
    Budget,
    DiscriminatorSettings,
    GeneratorSettings,
    LatentSettings,
    LossSettings,
    Optimizers,
    OptimizerSettings,
    ProcedureSettings,
    Recipe,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "lsgan"]

PAGE = RecipePage(
    title="least squares GAN",
    summary="least squares in place of the cross entropy, DCGAN's networks",
    source="arXiv 1611.04076",
    published_budget="at most 1,000,000 batches of 64 (the authors' code for handwriting)",
    expect="420 images/s of one core with bfloat16; only noise in the first 200 steps",
    deviations=("G's loss is twice that of equation 9, which Adam sees only through its epsilon",),
)


def lsgan() -> Recipe:
    """Return the recipe; rate, noise and batch are the authors' for handwriting of 28x28."""
    adam = OptimizerSettings(learning_rate=2e-4, beta1=0.5, beta2=0.999, bias_correction="rate")
    return Recipe(
        name="lsgan",
        batch_size=64,
        conditioning="none",
        budget=Budget(amount=1_000_000, unit="images"),
        latent=LatentSettings(size=1024),
        generator=GeneratorSettings(architecture="lsgan", width=64),
        discriminator=DiscriminatorSettings(architecture="lsgan", width=64),
        loss=LossSettings(name="least_squares", mean_over="batch"),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        procedure=ProcedureSettings(),
    )
