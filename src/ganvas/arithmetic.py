"""How much arithmetic a network's forward pass is, counted from the shapes of its layers."""

from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["multiply_adds"]


def multiply_adds(network: nn.Module, *inputs: Any) -> float:
    """Return the multiply-adds of `network(*inputs)` for each row of the first input.

    Those of convolutions and matrix products; the rest is a few per cent of them. Networks and
    inputs may lie on the meta device, where nothing is computed. The network is left in
    evaluation mode.
    """
    network.eval()
    # Not inference mode: spectral norm keeps tensors from inside, and they must train later.
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(*inputs)
    return float(counter.get_total_flops()) / 2.0 / len(inputs[0])
