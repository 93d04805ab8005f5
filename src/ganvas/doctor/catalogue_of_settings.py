"""Troubles that show before the first update: in the recipe, in the data. Data."""

from collections.abc import Mapping

from ganvas.doctor.condition import Condition, Remedy

__all__ = ["OF_SETTINGS"]

_G, _D = "optimizer.generator", "optimizer.discriminator"


def _own(words: str, *names: str) -> Remedy:
    """Return the remedy of taking a setting of both optimisers as the recipe has it."""
    settings = tuple(f"{player}.{name}" for player in (_G, _D) for name in names)
    return Remedy(words=words, own=settings)


_OWN_RATES = _own("take the recipe's own learning rates", "learning_rate")
_OWN_RATES_AND_WARMUP = Remedy(
    words="take the recipe's own learning rates and warm-up",
    own=(*_OWN_RATES.own, "schedule.warmup_images"),
)
_OWN_MOMENTUM = _own("take the recipe's own momentum (beta1)", "beta1")

OF_SETTINGS: Mapping[str, Condition] = {
    "learning_rate_high": Condition(
        title="a learning rate is very high",
        explanation=(
            "Adam and RMSprop move each weight by about the learning rate, whatever the gradient; "
            "SGD by that times the gradient."
        ),
        remedies=(
            _OWN_RATES,
            Remedy(words="set both learning rates to 2e-4",
                   put={f"{_G}.learning_rate": 2e-4, f"{_D}.learning_rate": 2e-4}),
        ),
        source="arXiv 1412.6980, section 2.1",
    ),
    "learning_rate_low": Condition(
        title="a learning rate is very low",
        explanation=(
            "Adam and RMSprop move each weight by about the learning rate, whatever the gradient."
        ),
        remedies=(
            _OWN_RATES_AND_WARMUP,
            Remedy(words="set both learning rates to 1e-3", raises=True,
                   put={f"{_G}.learning_rate": 1e-3, f"{_D}.learning_rate": 1e-3}),
        ),
        source="arXiv 1412.6980, section 2.1",
    ),
    "learning_rates_apart": Condition(
        title="the players' learning rates are far apart",
        explanation="More than ten times apart, one player stands still while the other runs.",
        remedies=(
            _OWN_RATES,
            Remedy(words="set both learning rates to 1e-3",
                   put={f"{_G}.learning_rate": 1e-3, f"{_D}.learning_rate": 1e-3}),
        ),
        source="arXiv 1706.08500 (where they are 4 apart at most)",
    ),
    "momentum_too_high": Condition(
        title="too much momentum",
        explanation=(
            "With beta1 above 0.95 an update follows what was right twenty updates ago; the other "
            "player has moved on since."
        ),
        remedies=(
            _OWN_MOMENTUM,
            Remedy(words="set beta1 to 0", put={f"{_G}.beta1": 0.0, f"{_D}.beta1": 0.0}),
        ),
        source="arXiv 1807.04740, 1511.06434",
    ),
    "momentum_with_penalty": Condition(
        title="momentum beside a gradient penalty",
        explanation=(
            "A gradient penalty makes the discriminator's gradient jump where it is taken; "
            "momentum carries the jump on."
        ),
        remedies=(
            _OWN_MOMENTUM,
            Remedy(words="set beta1 to 0", put={f"{_G}.beta1": 0.0, f"{_D}.beta1": 0.0}),
        ),
        source="arXiv 1704.00028, 1801.04406",
    ),
    "gradients_clipped": Condition(
        title="gradients are cut to next to nothing",
        explanation="What is left of them is smaller than what keeps the optimiser from 0 / 0.",
        remedies=(
            _own("clip as the recipe does, or not at all", "clip_norm", "clip_value"),
            Remedy(words="leave out clipping", put={
                f"{player}.clip_{what}": 0.0 for player in (_G, _D) for what in ("norm", "value")
            }),
        ),
        source="ganvas",
    ),
    "penalty_too_strong": Condition(
        title="the penalty is all that the discriminator learns",
        explanation=(
            "A penalty so heavy flattens the discriminator until it tells nothing from nothing."
        ),
        remedies=(
            Remedy(words="take the recipe's own penalties", own=(
                "penalty.r1", "penalty.r2", "penalty.gradient_penalty", "penalty.every"
            )),
            Remedy(words="set the penalties to a thousandth", scale={
                "penalty.r1": 1e-3, "penalty.r2": 1e-3, "penalty.gradient_penalty": 1e-3
            }),
        ),
        source="arXiv 1801.04406 (10), 1912.04958",
    ),
    "critic_unbounded": Condition(
        title="nothing bounds the critic's slope",
        explanation=(
            "The Wasserstein loss compares real and fake images by a critic of bounded slope. One "
            "that may be as steep as it likes has no best answer: its loss runs away, and with it "
            "the gradients that the generator learns by."
        ),
        remedies=(
            Remedy(words="take the recipe's own penalties", own=(
                "penalty.r1", "penalty.r2", "penalty.gradient_penalty", "penalty.every"
            )),
            Remedy(words="set penalty.gradient_penalty to 10",
                   put={"penalty.gradient_penalty": 10.0, "penalty.every": 1}),
            Remedy(words="begin anew with discriminator.spectral_norm=true"),
        ),
        source="arXiv 1701.07875, section 3; 1704.00028, equation 3; 1802.05957",
    ),
    "updates_apart": Condition(
        title="one network is trained far more often than the other",
        explanation=(
            "More than eight updates of one network for each of the other: it runs ahead, and of "
            "the images drawn few teach the other anything."
        ),
        remedies=(
            Remedy(words="take as many steps of each as the recipe does, or 1 and 1: "
                   "procedure.discriminator_steps, procedure.generator_steps"),
        ),
        source="arXiv 1701.07875 and 1704.00028 (5 of the critic)",
    ),
    "weight_decay_too_strong": Condition(
        title="weight decay outweighs what is learnt",
        explanation=(
            "Each update pulls the weights towards 0. So strong a pull leaves of a network what "
            "its last few updates put there."
        ),
        remedies=(
            _own("take the recipe's own weight decay", "weight_decay"),
            Remedy(words="leave out weight decay",
                   put={f"{_G}.weight_decay": 0.0, f"{_D}.weight_decay": 0.0}),
        ),
        source="arXiv 1711.05101",
    ),
    "dropout_too_strong": Condition(
        title="dropout leaves next to nothing",
        explanation=(
            "Of ten channels or more one is left. Hardly anything is passed on from layer to "
            "layer, in either direction."
        ),
        remedies=(Remedy(words="begin anew with a dropout of 0.5 or less"),),
        source="Srivastava et al. 2014, JMLR 15; published recipes: 0.8 at most",
    ),
    "lessons_too_noisy": Condition(
        title="the discriminator is taught mostly noise",
        explanation=(
            "Noise drowns the pictures that it is shown, or many of them are taught with the wrong "
            "answer. What it cannot tell apart, it cannot teach."
        ),
        remedies=(
            Remedy(words="take the recipe's own noise", own=(
                "instance_noise.deviation", "instance_noise.until", "targets.flip"
            )),
            Remedy(words="begin anew with instance_noise.deviation=0.1 and targets.flip=0.05"),
        ),
        source="arXiv 1610.04490, 1701.04862",
    ),
    "batch_too_small": Condition(
        title="batches are very small",
        explanation="The gradient of a few images is mostly chance, and so are batch statistics.",
        remedies=(
            Remedy(words="set batch_size to 16 or more"),
            Remedy(words="lower both learning rates", scale={
                f"{_G}.learning_rate": 0.25, f"{_D}.learning_rate": 0.25
            }),
        ),
        source="arXiv 1809.11096",
    ),
    "latent_too_small": Condition(
        title="there is too little noise to make pictures of",
        explanation=(
            "All that differs between two pictures must come from the noise; a number or two can "
            "only draw a line of pictures."
        ),
        remedies=(Remedy(words="set latent.size to 32 or more"),),
        source="ganvas",
    ),
    "networks_unequal": Condition(
        title="one network is far too small beside the other",
        explanation="A player with many times fewer channels cannot keep up, or learn much at all.",
        remedies=(Remedy(words="bring generator.width and discriminator.width near each other"),),
        source="ganvas",
    ),
    "layer_order": Condition(
        title="dropout comes before a norm",
        explanation=(
            "Dropout changes how much the numbers vary, but only in training. A batch norm behind "
            "it keeps what it saw there, and scales wrongly when pictures are made."
        ),
        remedies=(
            Remedy(words="begin anew with generator.order=norm_activation_dropout (or "
                   "discriminator.order)"),
        ),
        source="arXiv 1801.05134; the problem list of dcgan-rmsprop",
    ),
    "dropout_in_evaluation": Condition(
        title="the discriminator sees other pictures than the generator learns by",
        explanation=(
            "Its fakes are made without the generator's dropout, the generator's lessons with it. "
            "Published recipes do so; where the dropout is strong, the two drift apart."
        ),
        remedies=(
            Remedy(words="begin anew with procedure.fakes_from=training, or less dropout"),
        ),
        source="ganvas",
    ),
    "data_too_small": Condition(
        title="there are few images",
        explanation="Both networks learn so few by heart: pictures will be copies, or fall apart.",
        remedies=(
            Remedy(words="give more images, 1,000 at least"),
            Remedy(words="augment what the discriminator sees",
                   put={"augment.policy": "translation,cutout", "augment.probability": 0.6}),
        ),
        source="arXiv 2006.06676, 2006.10738",
    ),
    "data_unbalanced": Condition(
        title="some classes have many more images than others",
        explanation="Rare classes come out worse, and without classes they hardly come out at all.",
        remedies=(
            Remedy(words="give more images of the rare classes, or leave them out (DATA:a,b)"),
            Remedy(words="tell the networks the classes: conditioning=class"),
        ),
        source="ganvas",
    ),
    "data_duplicates": Condition(
        title="images are in the data more than once",
        explanation="The generator will show those more often, and they are learnt by heart first.",
        remedies=(Remedy(words="remove the copies, unless that is meant"),),
        source="arXiv 2107.06499",
    ),
    "data_leak": Condition(
        title="images that are measured by are also trained on",
        explanation="Figures will look better than they are.",
        remedies=(Remedy(words="remove them from one of the two"),),
        source="ganvas",
    ),
    "label_noise": Condition(
        title="many labels look wrong",
        explanation="A classifier of such images disagrees with a good part of the labels.",
        remedies=(
            Remedy(words="look at the images of each class: ganvas data info DATA -o FILE"),
            Remedy(words="train without classes: --unconditional"),
        ),
        source="arXiv 2103.14749",
    ),
    "data_range": Condition(
        title="the images use little of the range of brightness",
        explanation="From black to white they use less than half: mostly a slip in scaling them.",
        remedies=(Remedy(words="bring the pixels to 0..255"),),
        source="the problem list of dcgan-rmsprop",
    ),
}  # fmt: skip
