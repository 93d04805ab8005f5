"""Every trouble that the doctor knows, by name: plain words, remedies in order, source. Data."""

from collections.abc import Mapping

from ganvas.doctor.catalogue_of_samples import OF_SAMPLES
from ganvas.doctor.catalogue_of_settings import OF_SETTINGS
from ganvas.doctor.condition import Condition, Remedy

__all__ = ["CATALOGUE"]

_G_RATE = "optimizer.generator.learning_rate"
_D_RATE = "optimizer.discriminator.learning_rate"

_GAP_AWARE = Remedy(
    words="let the discriminator's learning rate follow who is ahead (schedule.gap_aware)",
    put={"schedule.gap_aware": True},
)

_OF_TRAINING: Mapping[str, Condition] = {
    "d_overpowers_g": Condition(
        title="the discriminator wins every time",
        explanation=(
            "The discriminator tells real from fake almost without fault, so its loss is next to "
            "nothing. A generator learns from the discriminator's doubt; where there is none, it "
            "is told nothing about which way is better."
        ),
        remedies=(
            Remedy(words="lower the discriminator's learning rate", scale={_D_RATE: 0.25}),
            _GAP_AWARE,
            Remedy(words="add a gradient penalty (penalty.r1)", put={"penalty.r1": 1.0}),
            Remedy(words="teach it 0.9 instead of 1 (targets.real)", put={"targets.real": 0.9}),
            Remedy(words="take a narrower discriminator (discriminator.width)"),
        ),
        source="arXiv 1701.04862, 2302.00089; the advice of cifar-cars and dcgan-rmsprop",
    ),
    "g_overpowers_d": Condition(
        title="the generator fools the discriminator at will",
        explanation=(
            "The discriminator is wrong more often than a coin would be. What the generator "
            "learns from it is then how to exploit its mistakes, not what real pictures look like."
        ),
        remedies=(
            Remedy(words="lower the generator's learning rate", scale={_G_RATE: 0.25}),
            _GAP_AWARE,
            Remedy(words="raise the discriminator's learning rate", scale={_D_RATE: 2.0}),
            Remedy(words="lower both learning rates", scale={_G_RATE: 0.2, _D_RATE: 0.2}),
            Remedy(words="take a wider discriminator (discriminator.width)"),
        ),
        source="arXiv 2302.00089",
    ),
    "oscillation": Condition(
        title="the players swing instead of meeting",
        explanation=(
            "The discriminator's loss goes far up and down. Each player over-reacts to the other's "
            "last move, and neither keeps what it learnt."
        ),
        remedies=(
            Remedy(words="lower both learning rates", scale={_G_RATE: 0.2, _D_RATE: 0.2}),
            Remedy(
                words="take less momentum (beta1)",
                put={"optimizer.generator.beta1": 0.0, "optimizer.discriminator.beta1": 0.0},
            ),
            Remedy(words="add a gradient penalty (penalty.r1)", put={"penalty.r1": 1.0}),
        ),
        source="arXiv 1801.04406, 1807.04740",
    ),
    "frozen_network": Condition(
        title="a network does not move",
        explanation=(
            "The updates of a network change its weights by nothing at all. Its learning rate is "
            "0, its gradients are cut to nothing, or they are lost on the way."
        ),
        remedies=(
            Remedy(words="give the network a learning rate; 2e-4 is usual"),
            Remedy(words="leave out clip_norm and clip_value of its optimiser"),
        ),
        source="ganvas",
    ),
    "g_learns_too_slowly": Condition(
        title="the generator hardly moves",
        explanation=(
            "An update changes the generator's weights by less than three hundred-thousandths: it "
            "will not come far within any patience."
        ),
        remedies=(
            Remedy(words="raise the generator's learning rate", scale={_G_RATE: 10.0}),
            Remedy(words="raise it again", scale={_G_RATE: 5.0}),
        ),
        source="ganvas; 1e-3 is a common rule of thumb for the ratio",
    ),
    "d_learns_too_slowly": Condition(
        title="the discriminator hardly moves",
        explanation=(
            "An update changes the discriminator's weights by less than three hundred-thousandths: "
            "it cannot follow the generator, whose lessons stay those of an untrained judge."
        ),
        remedies=(
            Remedy(words="raise the discriminator's learning rate", scale={_D_RATE: 10.0}),
            Remedy(words="raise it again", scale={_D_RATE: 5.0}),
        ),
        source="ganvas",
    ),
    "g_learns_too_fast": Condition(
        title="each update throws the generator over",
        explanation=(
            "One update changes the generator's weights by more than a twentieth. What it had "
            "learnt is lost before it can be of use."
        ),
        remedies=(
            Remedy(words="lower its learning rate, and begin anew", scale={_G_RATE: 0.05},
                   restart="generator"),
            Remedy(words="lower it again", scale={_G_RATE: 0.2}, restart="generator"),
        ),
        source="ganvas",
    ),
    "d_learns_too_fast": Condition(
        title="each update throws the discriminator over",
        explanation=(
            "One update changes the discriminator's weights by more than a twentieth. Its answers "
            "are new ones every time, and the generator runs after all of them."
        ),
        remedies=(
            Remedy(words="lower its learning rate, and begin anew", scale={_D_RATE: 0.05},
                   restart="discriminator"),
            Remedy(words="lower it again", scale={_D_RATE: 0.2}, restart="discriminator"),
        ),
        source="ganvas",
    ),
    "vanishing_g_gradient": Condition(
        title="the generator's gradient has vanished",
        explanation=(
            "What reaches the generator is less than a hundredth of what used to. It is told next "
            "to nothing any more, mostly since the discriminator is sure of everything."
        ),
        remedies=(
            Remedy(words="lower the discriminator's learning rate", scale={_D_RATE: 0.25}),
            Remedy(words="begin the discriminator anew", restart="discriminator"),
            Remedy(words="take the loss whose gradient does not vanish: loss.name=non_saturating"),
        ),
        source="arXiv 1701.04862; arXiv 1406.2661, section 3",
    ),
    "exploding_gradient": Condition(
        title="gradients explode",
        explanation=(
            "A gradient is more than a hundred times as large as it used to be. The next updates "
            "will throw the weights far away; NaN often follows."
        ),
        remedies=(
            Remedy(words="go back to the best networks, and on with lower learning rates",
                   back=True, scale={_G_RATE: 0.2, _D_RATE: 0.2}),
            Remedy(words="lower both learning rates", scale={_G_RATE: 0.2, _D_RATE: 0.2}),
            Remedy(words="add a gradient penalty (penalty.r1)", put={"penalty.r1": 1.0}),
        ),
        source="arXiv 1801.04406",
    ),
    "dead_units": Condition(
        title="half of a network is dead",
        explanation=(
            "More than half of a network's channels give the same for every picture. They take "
            "time and do nothing; mostly one huge update pushed them there for good."
        ),
        remedies=(
            Remedy(words="lower both learning rates", scale={_G_RATE: 0.2, _D_RATE: 0.2}),
            Remedy(words="begin anew with a leaky activation, or with normalisation"),
        ),
        source="arXiv 1511.06434",
    ),
    "missing_normalisation": Condition(
        title="the generator has no norms, and cannot keep up",
        explanation=(
            "The discriminator wins every time, and nothing in the generator normalises what "
            "passes from layer to layer. Without norms a signal fades or swells on its way, unless "
            "the first weights suit the layers' sizes, and so does what the generator learns by."
        ),
        remedies=(
            Remedy(words="lower the discriminator's learning rate", scale={_D_RATE: 0.2}),
            Remedy(words="begin anew with a generator that has norms, as swift's or DCGAN's"),
        ),
        source="arXiv 1502.03167, 1511.06434; the problem list of dcgan-rmsprop",
    ),
    "steep_discriminator": Condition(
        title="a layer of the discriminator is far too steep",
        explanation=(
            "A layer magnifies its input more than a hundredfold. Tiny changes of a picture then "
            "change the answer, and what the generator is told is mostly chance."
        ),
        remedies=(
            Remedy(words="lower the discriminator's learning rate", scale={_D_RATE: 0.1},
                   restart="discriminator"),
            Remedy(words="add a gradient penalty (penalty.r1)", put={"penalty.r1": 1.0}),
            Remedy(words="normalise it: discriminator.spectral_norm=true"),
        ),
        source="arXiv 1802.05957",
    ),
    "diverged": Condition(
        title="a number is not finite any more",
        explanation=(
            "Somewhere a number became NaN or infinite, and from there on everything it touches. "
            "The evidence names the first place where that was seen."
        ),
        remedies=(
            Remedy(words="go back to the last good checkpoint, with halved learning rates "
                   "(checkpoint.on_divergence=roll_back; three times at most)"),
            Remedy(words="begin anew with lower learning rates"),
            Remedy(words="look whether the data holds what it should: ganvas data info"),
        ),
        source="ganvas",
    ),
    "quality_lost": Condition(
        title="it has been better",
        explanation=(
            "The pictures are more than twice as far from real ones as they were at their best. "
            "Training on may not bring that back; the best model is kept in best/."
        ),
        remedies=(
            Remedy(words="go back to the best networks, and on with lower learning rates",
                   back=True, scale={_G_RATE: 0.3, _D_RATE: 0.3}),
            Remedy(words="go back once more, and on still slower",
                   back=True, scale={_G_RATE: 0.1, _D_RATE: 0.1}),
            Remedy(words="lower both learning rates", scale={_G_RATE: 0.3, _D_RATE: 0.3}),
            Remedy(words="take best/ and stop", back=True, stop=True),
        ),
        source="ganvas",
    ),
    "no_progress": Condition(
        title="no progress any more",
        explanation=(
            "The second half of all looks at quality brought nothing better than the first, at "
            "the same learning rate. More of the same will hardly help."
        ),
        remedies=(
            Remedy(words="let the learning rate fall from here to the end (schedule.decay_from)",
                   fall=True),
            Remedy(words="stop, and take best/"),
        ),
        source="ganvas",
        treats_notes=True,
    ),
}  # fmt: skip

CATALOGUE: Mapping[str, Condition] = {**_OF_TRAINING, **OF_SAMPLES, **OF_SETTINGS}
"""All of them; the order is that of docs/doctor.md."""
