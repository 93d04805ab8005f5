"""sngan: spectral norm in D and the hinge loss (arXiv 1802.05957)."""

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

__all__ = ["PAGE", "sngan"]

PAGE = RecipePage(
    title="the standard CNN with spectral normalisation",
    summary="spectral norm in D, hinge loss",
    source="arXiv 1802.05957, table 3, setting C of table 1",
    published_budget="100,000 updates of G, batches of 64",
    expect="125 images/s of one core with bfloat16: the published budget takes half a day",
    deviations=(
        "the paper takes the cross entropy and the hinge loss in turn; here it is the hinge loss",
    ),
)


def sngan() -> Recipe:
    """Return the recipe: Adam 2e-4, beta1 0.5, one update of D for each of G."""
    adam = OptimizerSettings(learning_rate=2e-4, beta1=0.5, beta2=0.999)
    return Recipe(
        name="sngan",
        batch_size=64,
        conditioning="none",
        budget=Budget(amount=100_000, unit="steps"),
        latent=LatentSettings(size=128),
        generator=GeneratorSettings(architecture="sngan", width=64),
        discriminator=DiscriminatorSettings(architecture="sngan", width=64, spectral_norm=True),
        loss=LossSettings(name="hinge"),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        procedure=ProcedureSettings(),
    )
