"""The judge's network: a small convolutional classifier with 128 features for any small image."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganvas.judge.architecture import NUM_FEATURES, Architecture

__all__ = ["JudgeNetwork", "build_network", "initialise"]

_POOLED_MAP = 3  # thirds of the picture: keeps where strokes are, at a tenth of the weights
# A slow running average: the statistics used for judging are then not those of the last few
# batches only, and as the learning rate ends at 0 they do not lag either.
_NORM_MOMENTUM = 0.02


class JudgeNetwork(nn.Module):
    """Classifier of pictures whose last hidden layer is the judge's feature space.

    Stages of one strided convolution (5x5 in the first stage, then 3x3) and one plain 3x3
    convolution, each with batch norm and ReLU; an average over a 3x3 grid of regions; a
    128-wide ReLU layer (the features); a linear layer to the class logits. At 28x28x1 these
    are 10.5 million multiply-adds.
    """

    pixel_mean: Tensor
    pixel_std: Tensor

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.register_buffer("pixel_mean", torch.empty(architecture.channels))
        self.register_buffer("pixel_std", torch.empty(architecture.channels))
        before = architecture.channels
        layers: list[nn.Module] = []
        for index, after in enumerate(architecture.stage_widths):
            layers += _convolution(before, after, side=3 if index else 5, stride=2)
            layers += _convolution(after, after, side=3, stride=1)
            before = after
        self.maps = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(_POOLED_MAP)
        self.hidden = nn.Linear(before * _POOLED_MAP**2, NUM_FEATURES, bias=False)
        self.hidden_norm = nn.BatchNorm1d(NUM_FEATURES, momentum=_NORM_MOMENTUM)
        self.classify = nn.Linear(NUM_FEATURES, architecture.num_classes)

    def features(self, pixels: Tensor) -> Tensor:
        """Return float32 (N, 128), not negative, of `pixels`: float32 (N, C, H, W) in 0..255."""
        centred = (pixels - self.pixel_mean.view(1, -1, 1, 1)) / self.pixel_std.view(1, -1, 1, 1)
        flat = self.pool(self.maps(centred)).flatten(1)
        return torch.relu(self.hidden_norm(self.hidden(flat)))

    def forward(self, pixels: Tensor) -> Tensor:
        """Return class logits, float32 (N, K), of `pixels`: float32 (N, C, H, W) in 0..255."""
        logits: Tensor = self.classify(self.features(pixels))
        return logits


def _convolution(before: int, after: int, *, side: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(before, after, side, stride=stride, padding=side // 2, bias=False),
        nn.BatchNorm2d(after, momentum=_NORM_MOMENTUM),
        nn.ReLU(inplace=True),
    ]


def build_network(
    architecture: Architecture, tensors: Mapping[str, Tensor] | None = None
) -> JudgeNetwork:
    """Return the network without memory (meta device), or holding exactly `tensors`.

    Building on the meta device draws nothing from torch's global generator. `tensors` must
    have the names and shapes of the meta network's `state_dict`.
    """
    with torch.device("meta"):
        network = JudgeNetwork(architecture)
    if tensors is not None:
        network.load_state_dict(dict(tensors), strict=True, assign=True)
        network = _channels_last(network)
    return network


def initialise(architecture: Architecture, generator: torch.Generator) -> JudgeNetwork:
    """Return a network with He-normal weights (arXiv 1502.01852) drawn from `generator`."""
    network = build_network(architecture).to_empty(device="cpu")
    with torch.no_grad():
        network.pixel_mean.fill_(127.5)
        network.pixel_std.fill_(127.5)
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                fan_in = module.weight[0].numel()
                # The logits start near 0, so that the first loss is log K.
                gain = 0.1 if module is network.classify else 2.0**0.5
                module.weight.normal_(0.0, gain / fan_in**0.5, generator=generator)
                if module.bias is not None:
                    module.bias.zero_()
            elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.weight.fill_(1.0)
                module.bias.zero_()
                module.reset_running_stats()
    return _channels_last(network)


def _channels_last(network: JudgeNetwork) -> JudgeNetwork:
    # Not `contiguous` of each weight: with one input channel that keeps other strides, for
    # which other kernels are chosen, and a judge trained again would not be the shipped one.
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
