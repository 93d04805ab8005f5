"""points: for points of the plane, where every mode can be counted."""

from ganvas.recipe import (
    Budget,
    ClusterSettings,
    DataSettings,
    DiscriminatorSettings,
    EmaSettings,
    EvaluationSettings,
    GeneratorSettings,
    InstanceNoiseSettings,
    LatentSettings,
    LogSettings,
    LossSettings,
    MachineSettings,
    Optimizers,
    OptimizerSettings,
    PenaltySettings,
    ProcedureSettings,
    Recipe,
    ScheduleSettings,
)
from ganvas.recipes.page import RecipePage

__all__ = ["PAGE", "points"]

PAGE = RecipePage(
    title="for points of the plane, where every mode can be counted",
    summary="dense networks for the points of ring and grid (the default for them)",
    source="ganvas itself; data and figures are those of PacGAN (arXiv 1712.04086)",
    published_budget="none for these networks; PacGAN has 100,000 points, as here",
    expect=(
        "in half a minute of one core all modes, and points as near to them as real ones are; "
        "without clusters (conditioning=none, 2,000,000 images) all 25 modes of grid, and 81% of "
        "the points near one. docs/LOG.md has what was tried"
    ),
    deviations=(
        "points are asked for by cluster (arXiv 2006.10728): a G that is asked for one need not "
        "leap from mode to mode",
        "the relativistic loss with R1 and R2 in every fourth step instead of packing",
        "D reads waves of its points beside them (arXiv 2006.10739)",
        "D sees noise on the points that fades over the first half, to find the modes from coarse "
        "to fine (arXiv 1610.04490)",
        "G is averaged, and the rates fall over the second half",
    ),
)


def points() -> Recipe:
    """Return the default recipe of points; docs/LOG.md has the experiments behind it."""
    adam = OptimizerSettings(name="adam", learning_rate=1e-3, beta1=0.0, beta2=0.99)
    return Recipe(
        name="points",
        batch_size=100,
        # Without the modes' numbers: to find them is the task.
        conditioning="unlabelled",
        clusters=ClusterSettings(count=100),
        budget=Budget(amount=400_000, unit="images"),
        data=DataSettings(name="ring"),
        latent=LatentSettings(size=2),
        generator=GeneratorSettings(architecture="points", width=128),
        discriminator=DiscriminatorSettings(architecture="points", width=128),
        loss=LossSettings(name="relativistic"),
        penalty=PenaltySettings(r1=4e-3, r2=4e-3, every=4),
        instance_noise=InstanceNoiseSettings(deviation=0.3, until=0.5),
        optimizer=Optimizers(generator=adam, discriminator=adam),
        schedule=ScheduleSettings(decay_from=0.5, shape="linear"),
        ema=EmaSettings(half_life_images=20_000),
        procedure=ProcedureSettings(name="simultaneous", passes="joint"),
        # A mode's width is that of a few steps of bfloat16 at its centre, and the matrices are too
        # small to be shared out among threads.
        machine=MachineSettings(precision="float32", threads=1),
        log=LogSettings(every_images=20_000, samples_every_images=100_000),
        evaluation=EvaluationSettings(samples=2_500, probe_every_images=50_000),
    )
