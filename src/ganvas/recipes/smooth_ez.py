"""smooth-ez: real targets of 0.9, three optimisers, and whoever is behind learns (EZGAN).

D's loss is taken on real images and on fakes in updates of their own, each a mean over its 50.
"""

from ganvas.recipe import (
    Budget,
    CheckpointSettings,
    DiscriminatorSettings,
    GeneratorSettings,
    LatentSettings,
    LogSettings,
    Optimizers,
    OptimizerSettings,
    ProcedureSettings,
    Recipe,
    TargetSettings,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "smooth_ez"]

BATCH = 50

PAGE = RecipePage(
    title="EZGAN with smoothed labels, for images in a folder for each class",
    summary="one-sided label smoothing; D on fakes, G, D on reals each learn while they are behind",
    source='"GAN on MNIST" with class folders (TensorFlow), after EZGAN',
    published_budget="EZGAN: 50,000 iterations of 50 images, pictures every 1,000",
    expect=(
        "G alone learns for over a thousand iterations, until its fakes worry D; digits that can "
        "be read after a million images, over an hour of one core"
    ),
    deviations=(
        "MNIST, or the class folders you name; its own 7,781 images are not at hand",
        "pictures are made with moving averages, so that none depends on its neighbours; there "
        "each batch is normalised by itself, in sampling too",
        "the losses that decide are computed after each update on its own rows; there one call "
        "of TensorFlow 1 makes the update and reads them, in no stated order",
        "how long D learns before is told only as short; 300 steps, as in the tutorial of EZGAN",
        "training images are held out (5,000, of small sets a twelfth), to measure the run by",
    ),
)


def smooth_ez() -> Recipe:
    """Return the recipe: Adam in TensorFlow's form with its own defaults but for the rate."""
    adam = OptimizerSettings(
        learning_rate=1e-4, beta1=0.9, beta2=0.999, epsilon=1e-8, bias_correction="rate"
    )
    return Recipe(
        name="smooth-ez",
        batch_size=BATCH,
        conditioning="none",
        budget=Budget(amount=50_000, unit="steps"),
        latent=LatentSettings(size=100, distribution="truncated"),
        generator=GeneratorSettings(architecture="smooth-ez", width=50),
        discriminator=DiscriminatorSettings(architecture="smooth-ez", width=32),
        targets=TargetSettings(real=0.9),
        optimizer=Optimizers(generator=adam, discriminator=adam, discriminator_states="two"),
        procedure=ProcedureSettings(
            name="balanced",
            pretraining_steps=300,
            fake_threshold=0.6,
            generator_threshold=0.5,
            real_threshold=0.45,
        ),
        log=LogSettings(every_images=10 * BATCH, samples_every_images=1_000 * BATCH),
        checkpoint=CheckpointSettings(every_images=1_000 * BATCH, keep=5),
    )
