"""The doctor: what goes wrong in a run, how that shows, and what helps. Numbers in, findings out.

samples     figures of samples beside those of real images
history     what a run said so far, and what was known at its start
checks/     one file for each family of troubles: history in, signs out
thresholds  every limit, with its reason
catalogue   every trouble by name: plain words, remedies in order, source
doctor      signs that hold become findings; findings that end are over
"""

from ganvas.doctor.catalogue import CATALOGUE
from ganvas.doctor.doctor import Doctor
from ganvas.doctor.finding import Finding, by_weight
from ganvas.doctor.history import Facts

__all__ = ["CATALOGUE", "Doctor", "Facts", "Finding", "by_weight"]
