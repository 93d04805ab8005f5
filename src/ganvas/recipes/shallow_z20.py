"""shallow-z20: small networks, G twice on the same noise, images in the order of the file.

D sees real and fake images in passes of their own; its loss is one mean over both, concatenated.
"""

from ganvas.recipe import (
    Budget,
    CheckpointSettings,
    DataSettings,
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

__all__ = ["PAGE", "shallow_z20"]

EPOCH = 55_000  # MNIST's training images less those held out

PAGE = RecipePage(
    title="a shallow pair of networks in TensorFlow, batch norm nearly everywhere",
    summary="small networks, noise of 20 numbers; G twice on the same noise, unshuffled images",
    source='the notebook "GAN MNIST Tensorflow"',
    published_budget="15 epochs of batches of 100, a grid of 100 digits after each",
    expect="an epoch takes under two minutes of one core; first digits within it, still broken",
    deviations=("5,000 training images are held out, to measure the run by",),
)


def shallow_z20() -> Recipe:
    """Return the recipe: Adam in TensorFlow's form, epsilon 1e-8."""
    adam = OptimizerSettings(
        learning_rate=2e-4, beta1=0.5, beta2=0.999, epsilon=1e-8, bias_correction="rate"
    )
    return Recipe(
        name="shallow-z20",
        batch_size=100,
        conditioning="none",
        budget=Budget(amount=15, unit="epochs"),
        data=DataSettings(order="sequential"),
        latent=LatentSettings(size=20),
        generator=GeneratorSettings(architecture="shallow-z20", width=32),
        discriminator=DiscriminatorSettings(architecture="shallow-z20", width=32),
        loss=LossSettings(mean_over="batch"),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        procedure=ProcedureSettings(generator_steps=2, generator_noise="same"),
        log=LogSettings(every_images=2_500, samples_every_images=EPOCH),
        checkpoint=CheckpointSettings(every_images=EPOCH),
    )
