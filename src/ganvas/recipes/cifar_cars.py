"""cifar-cars: CIFAR-10's automobiles, 20 drawn with replacement; two updates of D, one of G.

Each update's loss is Keras' binary cross entropy over its own 20 images.
"""

from ganvas.recipe import (
    Budget,
    CheckpointSettings,
    DataSettings,
    DiscriminatorSettings,
    GeneratorSettings,
    LatentSettings,
    LogSettings,
    Optimizers,
    OptimizerSettings,
    ProcedureSettings,
    Recipe,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "cifar_cars"]

BATCH = 20

PAGE = RecipePage(
    title="the automobiles of CIFAR-10 in colour, in Keras",
    summary="colour images of cars: D on 20 real, D on 20 fake, then G on fresh noise",
    source='the notebook "GAN KERAS"',
    published_budget="20,000 steps of 20 images out of 5,000, pictures every 500",
    expect="the 20,000 steps take some hours; coloured blots in the first hundreds of steps",
    deviations=(
        "a twelfth of the 5,000 images is held out, so that D's overfitting is seen; "
        "--set data.held_out=0 trains on all",
        "the cross entropy is taken of the logit, where Keras cuts probabilities at 1e-7",
    ),
)


def cifar_cars() -> Recipe:
    """Return the recipe; D's two updates share one optimiser."""

    def adam(learning_rate: float) -> OptimizerSettings:
        return OptimizerSettings(
            learning_rate=learning_rate,
            beta1=0.5,
            beta2=0.999,
            epsilon=1e-7,
            bias_correction="rate",
        )

    return Recipe(
        name="cifar-cars",
        batch_size=BATCH,
        conditioning="none",
        budget=Budget(amount=20_000, unit="steps"),
        data=DataSettings(name="cifar10:automobile", order="with_replacement"),
        latent=LatentSettings(size=32),
        generator=GeneratorSettings(architecture="cifar-cars", width=128),
        discriminator=DiscriminatorSettings(architecture="cifar-cars", width=128, dropout=0.4),
        optimizer=Optimizers(generator=adam(2e-4), discriminator=adam(1e-4)),
        procedure=ProcedureSettings(passes="apart", fakes_from="evaluation"),
        log=LogSettings(every_images=10 * BATCH, samples_every_images=500 * BATCH),
        checkpoint=CheckpointSettings(every_images=1_000 * BATCH),
    )
