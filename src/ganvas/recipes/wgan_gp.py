"""wgan-gp: the Wasserstein loss with a penalty on D's slope (arXiv 1704.00028)."""

from ganvas.recipe import (
    Budget,
    DiscriminatorSettings,
    GeneratorSettings,
    LatentSettings,
    LossSettings,
    Optimizers,
    OptimizerSettings,
    PenaltySettings,
    ProcedureSettings,
    Recipe,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "wgan_gp"]

PAGE = RecipePage(
    title="the improved training of Wasserstein GANs",
    summary="Wasserstein loss, gradient penalty 10, five updates of D for each of G",
    source="arXiv 1704.00028, algorithm 1",
    published_budget="200,000 updates of G",
    expect="320 images/s of one core with bfloat16: the published budget takes days",
    deviations=("DCGAN's plan of the authors' CIFAR-10 code, at the image's own size",),
)


def wgan_gp() -> Recipe:
    """Return the recipe with algorithm 1's defaults."""
    adam = OptimizerSettings(learning_rate=1e-4, beta1=0.0, beta2=0.9)
    return Recipe(
        name="wgan-gp",
        batch_size=64,
        conditioning="none",
        budget=Budget(amount=200_000, unit="steps"),
        latent=LatentSettings(size=128),
        generator=GeneratorSettings(architecture="wgan-gp", width=64),
        discriminator=DiscriminatorSettings(architecture="wgan-gp", width=64),
        loss=LossSettings(name="wasserstein"),
        penalty=PenaltySettings(gradient_penalty=10.0),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        procedure=ProcedureSettings(discriminator_steps=5),
    )
