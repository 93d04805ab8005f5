"""dropout-cnn: long rounds on 256 images, and much dropout in G (the project GAN_MINIST_keras).

The loss is Keras' binary cross entropy over a batch of both kinds: one mean over all 128 images.
"""

from ganvas.recipe import (
    Budget,
    CheckpointSettings,
    DiscriminatorSettings,
    EvaluationSettings,
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

__all__ = ["DROPOUT_AS_PUBLISHED", "DROPOUT_AS_TOLD", "PAGE", "dropout_cnn"]

ROUND = 256

DROPOUT_AS_PUBLISHED, DROPOUT_AS_TOLD = 0.0, 0.8
"""D's dropout as the published code has it (by mistake none), and as its text tells of it."""

PAGE = RecipePage(
    title="a CNN pair in Keras, trained in rounds, with more dropout because D overfitted",
    summary="rounds of 20 epochs of D and 40 of G on 256 images; much dropout in G",
    source='"GAN_MINIST_keras", after the Bulten blog and arXiv 1406.2661, 1511.06434',
    published_budget="500 rounds of 256 images (20 epochs of D, 40 of G in each)",
    expect="a round takes about 90 s of one core with bfloat16, the 500 of them half a day",
    deviations=(
        "D's dropout is 0, as the published code computes; its text speaks of dropout as in G: "
        "--set discriminator.dropout=0.8 gives that",
        "5,000 training images are held out, in place of the test images it watches D on",
        "started again, the published code takes its saved networks and fresh optimisers: "
        "--init-from RUN does; ganvas resume goes on exactly",
        "pictures show 100 fakes, there 40 real and 40 fake images",
        "the cross entropy is taken of the logit, where Keras cuts probabilities at 1e-7",
    ),
)


def dropout_cnn() -> Recipe:
    """Return the recipe: rounds, Adam with clipped gradients, no average of G."""
    return Recipe(
        name="dropout-cnn",
        batch_size=128,
        conditioning="none",
        budget=Budget(amount=500, unit="steps"),
        latent=LatentSettings(size=100, distribution="uniform"),
        generator=GeneratorSettings(architecture="dropout-cnn", width=64, dropout=0.8),
        discriminator=DiscriminatorSettings(
            architecture="dropout-cnn", width=64, dropout=DROPOUT_AS_PUBLISHED
        ),
        loss=LossSettings(mean_over="batch"),
        optimizer=Optimizers(
            discriminator=OptimizerSettings(
                learning_rate=1e-4,
                beta1=0.9,
                beta2=0.999,
                epsilon=1e-7,
                bias_correction="rate",
                clip_value=1.0,
                decay=1e-10,
            ),
            generator=OptimizerSettings(
                learning_rate=2e-4,
                beta1=0.9,
                beta2=0.999,
                epsilon=1e-7,
                bias_correction="rate",
                clip_value=1.0,
            ),
        ),
        procedure=ProcedureSettings(
            name="rounds",
            passes="joint",
            fakes_from="evaluation",
            round_images=ROUND,
            round_batches="mixed",
            discriminator_epochs=20,
            generator_epochs=40,
        ),
        # Losses, accuracies and pictures after each round.
        log=LogSettings(every_images=ROUND, samples_every_images=ROUND),
        evaluation=EvaluationSettings(validation_every_images=ROUND),
        checkpoint=CheckpointSettings(every_images=25 * ROUND),
    )
