"""dcgan-rmsprop: one joint batch for D, then G; RMSprop with a slow decay (Keras).

The loss is Keras' binary cross entropy over the joint batch: one mean over all 512 images.
"""

from ganvas.recipe import (
    Budget,
    CheckpointSettings,
    DiscriminatorSettings,
    GeneratorSettings,
    LatentSettings,
    LogSettings,
    LossSettings,
    Optimizers,
    OptimizerSettings,
    ProcedureSettings,
    Recipe,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "dcgan_rmsprop"]

BATCH = 256

PAGE = RecipePage(
    title="a DCGAN in Keras with RMSprop and dropout in both networks",
    summary="256 real and 256 fake images in one batch of D, then G; RMSprop",
    source='"GAN for MNIST using Keras", after Atienza\'s "GAN by example"',
    published_budget="10,000 steps of 256 images, pictures every 500",
    expect="92 images/s of one core with bfloat16: the 10,000 steps take 8 hours of it",
    deviations=(
        "D holds still while G learns; in the widely copied code G's optimiser moves D's weights "
        "as well, towards calling fakes real: --set procedure.frozen=false gives that",
        "5,000 training images are held out, to measure the run by",
        "the cross entropy is taken of the logit, where Keras cuts probabilities at 1e-7",
    ),
)


def dcgan_rmsprop() -> Recipe:
    """Return the recipe: rho 0.9 and epsilon 1e-7 are Keras' own, beta2 is rho."""
    return Recipe(
        name="dcgan-rmsprop",
        batch_size=BATCH,
        conditioning="none",
        budget=Budget(amount=10_000, unit="steps"),
        latent=LatentSettings(size=100, distribution="uniform"),
        generator=GeneratorSettings(architecture="dcgan-rmsprop", width=64, dropout=0.4),
        discriminator=DiscriminatorSettings(architecture="dcgan-rmsprop", width=64, dropout=0.4),
        loss=LossSettings(mean_over="batch"),
        optimizer=Optimizers(
            discriminator=OptimizerSettings(
                name="rmsprop", learning_rate=2e-4, beta2=0.9, epsilon=1e-7, decay=6e-8
            ),
            generator=OptimizerSettings(
                name="rmsprop", learning_rate=1e-4, beta2=0.9, epsilon=1e-7, decay=3e-8
            ),
        ),
        procedure=ProcedureSettings(passes="joint", fakes_from="evaluation"),
        log=LogSettings(every_images=BATCH, samples_every_images=500 * BATCH),
        checkpoint=CheckpointSettings(every_images=500 * BATCH),
    )
