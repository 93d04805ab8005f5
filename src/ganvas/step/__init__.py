"""The training step: carries out one `Update` and reports plain numbers. No files, no clock.

It holds what learning changes: the two networks, the named optimisers, the average of G. What
happens next is the procedure's affair, where the images come from is the trainer's.

    step        the updates of each player
    fakes       what G makes for an update, and what of it is kept for the next
    view        what D is shown: the one way by which images, real and fake alike, come to D
    dropout     the random numbers of an update, dropout's among them
    shown       what a recipe puts there: augmentation, instance noise
    targets     the answers that D is taught, and its loss by them
    judgement   D's loss from its logits, the penalties, and what is reported of both
    gauge       what an update does to the weights, measured now and then
    revision    other settings, or a network begun anew, while it runs
    state       what of it a checkpoint holds
    controller  small stateful parts that steer by the reports
    gap         one of them: D's learning rate by how far its loss is from the ideal
    steering    which of them a recipe has
"""

from ganvas.step.controller import Controller
from ganvas.step.gauge import Gauge
from ganvas.step.judgement import Report
from ganvas.step.revision import restart, revise
from ganvas.step.step import Step
from ganvas.step.view import Show, View

__all__ = ["Controller", "Gauge", "Report", "Show", "Step", "View"]
__all__ += ["restart", "revise"]
