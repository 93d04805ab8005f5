"""Troubles that show in the pictures: collapse, overfitting, odd pixels. Data."""

from collections.abc import Mapping

from ganvas.doctor.condition import Condition, Remedy

__all__ = ["OF_SAMPLES"]

_G_RATE = "optimizer.generator.learning_rate"
_D_RATE = "optimizer.discriminator.learning_rate"
_SLOWER = Remedy(words="lower both learning rates", scale={_G_RATE: 0.2, _D_RATE: 0.2})
_ANEW = Remedy(
    words="lower the generator's learning rate, and begin it anew",
    scale={_G_RATE: 0.2},
    restart="generator",
)
_AUGMENT = Remedy(
    words="augment what the discriminator sees",
    put={"augment.policy": "translation,cutout", "augment.probability": 0.6},
)
_PENALTY = Remedy(words="add a gradient penalty (penalty.r1)", put={"penalty.r1": 1.0})

OF_SAMPLES: Mapping[str, Condition] = {
    "mode_collapse": Condition(
        title="the generator draws the same again and again",
        explanation=(
            "Samples are far more alike than real pictures are. The generator found one answer "
            "that the discriminator lets pass, and gives it for every noise."
        ),
        remedies=(
            _ANEW,
            _PENALTY,
            Remedy(words="show the discriminator two pictures at once (discriminator.pack=2)"),
            Remedy(words="take a larger latent.size"),
        ),
        source="arXiv 1606.03498, 1712.04086",
    ),
    "low_diversity": Condition(
        title="samples are too much alike",
        explanation=(
            "Samples differ less from one another than real pictures do, and that does not get "
            "better: parts of what there is are never drawn."
        ),
        remedies=(_PENALTY, _SLOWER, Remedy(words="pack samples (discriminator.pack=2)")),
        source="arXiv 1712.04086",
    ),
    "missing_class": Condition(
        title="a class is missing",
        explanation=(
            "Of one class or more, none was drawn in hundreds of samples; or, where the class is "
            "asked for, something else is drawn."
        ),
        remedies=(
            Remedy(words="tell the networks the classes: conditioning=class"),
            _PENALTY,
            _ANEW,
        ),
        source="arXiv 1411.1784, 1712.04086",
    ),
    "modes_lost": Condition(
        title="a class that was drawn is not drawn any more",
        explanation=(
            "The generator used to draw a class and has stopped: modes drop out one by one as "
            "training goes on."
        ),
        remedies=(
            Remedy(
                words="go back to the best networks, and on with lower learning rates",
                back=True,
                scale={_G_RATE: 0.3, _D_RATE: 0.3},
            ),
            _SLOWER,
            _PENALTY,
            Remedy(words="take the model in best/"),
        ),
        source="arXiv 1712.04086",
    ),
    "classes_unbalanced": Condition(
        title="some classes are drawn far too often",
        explanation="The shares of the classes among samples are far from those in the data.",
        remedies=(_PENALTY, Remedy(words="tell the networks the classes: conditioning=class")),
        source="arXiv 1805.12462",
    ),
    "labels_ignored": Condition(
        title="the class that is asked for is not the one that is drawn",
        explanation=(
            "Samples rarely show the class that they were asked for. Either the labels of the "
            "data are wrong, or the generator does not listen to them."
        ),
        remedies=(
            Remedy(words="check the data's labels: ganvas doctor --data DATA"),
            Remedy(words="let wrong classes count as fake", put={"loss.class_weight": 1.0}),
            Remedy(words="lower both learning rates", scale={_G_RATE: 0.2, _D_RATE: 0.2}),
        ),
        source="arXiv 1605.05396",
    ),
    "d_overfits": Condition(
        title="the discriminator knows its images by heart",
        explanation=(
            "It calls the images it trains on real, and new real images fake. The generator then "
            "learns to copy a few images, or nothing."
        ),
        remedies=(
            _AUGMENT,
            Remedy(words="give more images"),
            Remedy(words="raise the gradient penalty (penalty.r1)", put={"penalty.r1": 2.0}),
            Remedy(words="stop earlier, and take best/"),
        ),
        source="arXiv 2006.06676, 2006.10738",
    ),
    "g_memorises": Condition(
        title="the generator copies training images",
        explanation=(
            "Samples lie much nearer to training images than other real images do: they are "
            "copies, or nearly so."
        ),
        remedies=(
            Remedy(words="give more images"),
            _AUGMENT,
            Remedy(words="stop earlier, and take best/"),
        ),
        source="arXiv 2004.05675",
    ),
    "constant_output": Condition(
        title="pictures are plain",
        explanation="Samples have next to no contrast: one grey, black or white for all pixels.",
        remedies=(_ANEW, Remedy(words="look at the generator's last activation and the data")),
        source="ganvas",
    ),
    "range_mismatch": Condition(
        title="samples use another range of brightness than the data",
        explanation=(
            "Samples never get as dark or as bright as real pictures. Mostly the generator ends in "
            "a sigmoid (0 to 1) while the data is scaled to -1 to 1, or the other way round."
        ),
        remedies=(
            Remedy(words="end the generator in tanh for data in [-1, 1], a sigmoid for [0, 1]"),
        ),
        source="the problem list of dcgan-rmsprop",
    ),
    "noise_samples": Condition(
        title="pictures look like noise",
        explanation=(
            "Neighbouring pixels differ more than twice as much as in real pictures: the generator "
            "draws noise. It is either very young, or the discriminator gives it no direction."
        ),
        remedies=(
            _SLOWER,
            _ANEW,
            Remedy(words="look at the layers: ganvas recipes NAME; convolution, normalisation, "
                   "activation, dropout"),
        ),
        source="the problem list of dcgan-rmsprop",
    ),
    "saturated_samples": Condition(
        title="too many pixels are black or white",
        explanation=(
            "Far more pixels than in real pictures lie at the end of the scale: the generator's "
            "last layer is driven into saturation, where it has no gradient."
        ),
        remedies=(_ANEW, _SLOWER),
        source="ganvas",
    ),
    "ema_lags": Condition(
        title="the average is far behind the generator",
        explanation=(
            "The averaged generator, which samples are drawn from, makes other pictures than the "
            "one that trains: its half-life is long for how fast the weights move."
        ),
        remedies=(Remedy(words="take a shorter ema.half_life_images, or lower learning rates"),),
        source="arXiv 1806.04498",
    ),
}  # fmt: skip
