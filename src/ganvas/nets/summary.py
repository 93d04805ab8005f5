"""The table of a network's layers: names, kinds, output shapes, numbers of parameters."""

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ganvas.nets import make_discriminator, make_generator
from ganvas.nets.blocks import Dropout
from ganvas.nets.shape import Shape
from ganvas.recipe import DiscriminatorSettings, GeneratorSettings

__all__ = ["LayerRow", "describe_discriminator", "describe_generator", "describe_network"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerRow:
    """One layer. Shapes are without the batch: (C, H, W) or (features,), () for one number.

    `parameters` are trained. `statistics` are numbers that training moves otherwise: a batch
    norm's moving mean and variance, which Keras counts as "non-trainable parameters", and the
    singular vectors of spectral norm. `detail` is what a kind does not say: "5x5, stride 2".
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    statistics: int
    detail: str = ""


def describe_network(network: nn.Module, *inputs: Tensor) -> list[LayerRow]:
    """Return the layers of `network` in the order in which they finish, in evaluation mode.

    `inputs` are what its forward takes, with a batch of any size; only shapes and types are read:
    the pass runs on a copy on the meta device, which computes nothing. What hands its input on
    unchanged is left out, but for dropout. A layer that is passed twice has two rows, and its
    parameters are counted in the first; one that was not passed stands last. So the sums are the
    network's own, always.
    """
    replica = copy.deepcopy(network).to("meta").eval()
    names = {module: name for name, module in replica.named_modules() if _is_layer(name, module)}
    rows: list[LayerRow] = []
    counted: set[nn.Module] = set()

    def note(module: nn.Module, given: tuple[Any, ...], output: Tensor) -> None:
        dropout = isinstance(module, Dropout) and module.probability > 0
        if given and output is given[0] and not dropout:
            return
        rows.append(_row(names[module], module, tuple(output.shape[1:]), module in counted))
        counted.add(module)

    for module in names:
        module.register_forward_hook(note)
    with torch.no_grad():
        replica(*(given.to("meta") for given in inputs))
    for module, name in names.items():
        if module not in counted and (_parameters(module) or _statistics(module)):
            rows.append(_row(name, module, (), False))
    return rows


def describe_generator(
    settings: GeneratorSettings, *, latent_size: int, shape: Shape, num_classes: int = 0
) -> list[LayerRow]:
    """Return the layers of the generator that the settings describe; nothing is allocated."""
    network = make_generator(
        settings, latent_size=latent_size, shape=shape, num_classes=num_classes, seed=None
    )
    noise = torch.empty(1, latent_size, device="meta")
    return describe_network(network, noise, torch.zeros(1, dtype=torch.int64, device="meta"))


def describe_discriminator(
    settings: DiscriminatorSettings, *, shape: Shape, num_classes: int = 0
) -> list[LayerRow]:
    """Return the layers of the discriminator that the settings describe; nothing is allocated."""
    network = make_discriminator(settings, shape=shape, num_classes=num_classes, seed=None)
    images = torch.empty(settings.pack, *shape.sizes, device="meta")
    return describe_network(network, images, torch.zeros(1, dtype=torch.int64, device="meta"))


def _is_layer(name: str, module: nn.Module) -> bool:
    """Whether a module has numbers of its own or is the innermost that does something."""
    if "parametrizations" in name.split("."):  # belongs to the layer that it constrains
        return False
    inner = [child for child in module.children() if not isinstance(child, nn.ModuleDict)]
    return not inner or bool(_parameters(module) or _statistics(module))


def _row(name: str, module: nn.Module, shape: tuple[int, ...], counted: bool) -> LayerRow:
    return LayerRow(
        name=name,
        kind=parametrize.type_before_parametrizations(module).__name__,
        output_shape=shape,
        parameters=0 if counted else _parameters(module),
        statistics=0 if counted else _statistics(module),
        detail=_detail(module),
    )


def _detail(module: nn.Module) -> str:
    """Return a layer's kernel, stride and groups, or its share of dropped numbers."""
    if isinstance(module, Dropout):
        return f"{module.probability:g}"
    words = []
    kernel = getattr(module, "kernel_size", None)
    if kernel is not None:
        words.append("x".join(map(str, _pair(kernel))))
    stride = _pair(getattr(module, "stride", 1))
    if stride != (1, 1):
        words.append(f"stride {stride[0] if stride[0] == stride[1] else stride}")
    groups = getattr(module, "groups", 1)
    if groups != 1:
        words.append(f"{groups} groups")
    return ", ".join(words)


def _pair(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return (value, value) if isinstance(value, int) else tuple(value)


def _own(module: nn.Module) -> list[nn.Module]:
    """Return the module, and with it what constrains its weights."""
    constraints = list(getattr(module, "parametrizations", nn.ModuleDict()).modules())
    return [module, *constraints]


def _parameters(module: nn.Module) -> int:
    return sum(p.numel() for part in _own(module) for p in part.parameters(recurse=False))


def _statistics(module: nn.Module) -> int:
    buffers = (b for part in _own(module) for b in part.buffers(recurse=False))
    return sum(b.numel() for b in buffers if b.is_floating_point())
