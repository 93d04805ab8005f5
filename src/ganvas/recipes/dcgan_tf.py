"""dcgan-tf: the TensorFlow DCGAN tutorial's networks and training, as widely copied."""

from ganvas.recipe import (
    Budget,
    DiscriminatorSettings,
    GeneratorSettings,
    LatentSettings,
    Optimizers,
    OptimizerSettings,
    ProcedureSettings,
    Recipe,
)

__all__ = ["dcgan_tf"]

SUMMARY = "the TensorFlow DCGAN tutorial: both gradients from one forward pass of 256 images"


def dcgan_tf() -> Recipe:
    """Return the recipe: batch 256, Adam 1e-4 each, cross entropy on logits, no average of G."""
    adam = OptimizerSettings(name="adam", learning_rate=1e-4, beta1=0.9, beta2=0.999, epsilon=1e-7)
    return Recipe(
        name="dcgan-tf",
        batch_size=256,
        conditioning="none",
        budget=Budget(amount=50, unit="epochs"),
        latent=LatentSettings(size=100),
        generator=GeneratorSettings(architecture="dcgan-tf", width=64),
        discriminator=DiscriminatorSettings(architecture="dcgan-tf", width=64, dropout=0.3),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        procedure=ProcedureSettings(name="simultaneous"),
    )
