"""Troubles that show before the first update: in the recipe, in the data. Data."""

from collections.abc import Mapping

from ganvas.doctor.condition import Condition, Remedy

__all__ = ["OF_SETTINGS"]

_G, _D = "optimizer.generator", "optimizer.discriminator"

OF_SETTINGS: Mapping[str, Condition] = {
    "learning_rate_high": Condition(
        title="a learning rate is very high",
        explanation="Adam moves each weight by about its learning rate, whatever the gradient.",
        remedies=(
            Remedy(words="set both learning rates to 2e-4",
                   put={f"{_G}.learning_rate": 2e-4, f"{_D}.learning_rate": 2e-4}),
        ),
        source="arXiv 1412.6980, section 2.1",
    ),
    "learning_rate_low": Condition(
        title="a learning rate is very low",
        explanation="Adam moves each weight by about its learning rate, whatever the gradient.",
        remedies=(
            Remedy(words="set both learning rates to 1e-3",
                   put={f"{_G}.learning_rate": 1e-3, f"{_D}.learning_rate": 1e-3}),
        ),
        source="arXiv 1412.6980, section 2.1",
    ),
    "learning_rates_apart": Condition(
        title="the players' learning rates are far apart",
        explanation="More than ten times apart, one player stands still while the other runs.",
        remedies=(
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
            Remedy(words="set beta1 to 0", put={f"{_G}.beta1": 0.0, f"{_D}.beta1": 0.0}),
        ),
        source="arXiv 1704.00028, 1801.04406",
    ),
    "gradients_clipped": Condition(
        title="gradients are cut to next to nothing",
        explanation="What is left of them is smaller than what keeps the optimiser from 0 / 0.",
        remedies=(
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
            Remedy(words="set the penalties to a thousandth", scale={
                "penalty.r1": 1e-3, "penalty.r2": 1e-3, "penalty.gradient_penalty": 1e-3
            }),
        ),
        source="arXiv 1801.04406 (10), 1912.04958",
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
