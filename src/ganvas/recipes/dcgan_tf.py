"""dcgan-tf: the TensorFlow DCGAN tutorial's networks and training, as widely copied."""

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
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "dcgan_tf"]

EPOCH = 55_000

PAGE = RecipePage(
    title="the TensorFlow DCGAN tutorial's networks, as the project MNIST-GANs trains them",
    summary="the TensorFlow DCGAN tutorial: both gradients from one forward pass of 256 images",
    source='"MNIST-GANs", after the TensorFlow DCGAN tutorial',
    published_budget="shown at epochs 1, 500 and 1,000 of 60,000 images",
    expect="610 images/s of one core with bfloat16: an epoch takes a minute and a half of it",
    deviations=(
        "5,000 training images are held out, to measure the run by",
        "50 epochs unless another budget is asked for, as in the tutorial",
        "pictures show 100 fixed latents, there 16",
        "a batch goes on into the next epoch, where the last of an epoch is smaller there",
    ),
)


def dcgan_tf() -> Recipe:
    """Return the recipe: batch 256, Adam 1e-4 each, cross entropy on logits, no average of G."""
    adam = OptimizerSettings(
        learning_rate=1e-4, beta1=0.9, beta2=0.999, epsilon=1e-7, bias_correction="rate"
    )
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
        # Pictures and a checkpoint after every epoch of MNIST's images less those held out.
        log=LogSettings(every_images=2_560, samples_every_images=EPOCH),
        checkpoint=CheckpointSettings(every_images=EPOCH),
    )
