"""A run of several processes, on one machine or many: PyTorch's own engine, started by torchrun.

    job          what torchrun says of this process, by its environment
    opening      the group of this process: alone, or with the others of its job
    meeting      a word that all processes of one attempt share
    processes    what the processes of a group do together
    channel      the ways between processes, one of them torch.distributed
    memory       the other one: memory that the processes of one machine share
    links        how these find each other, meet, and hand each other memory
    mean         gradients averaged in one message
    reasons      what torch.distributed says of a failure, in short
    collectives  statistics of a batch over all processes, differentiable twice

Nothing here imports PyTorch before a group is opened.
"""

from ganvas.distributed.job import Job, read_job

__all__ = ["Job", "read_job"]
