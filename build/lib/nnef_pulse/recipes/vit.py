"""torchvision's ViT-B/16 with a batch axis, as in torch-to-nnef's tutorials.

An image is worth 16x16 words (Dosovitskiy et al., 2020, arXiv:2010.11929).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torchvision.models import VisionTransformer, vit_b_16

from nnef_pulse.errors import UsageError
from nnef_pulse.recipes import ExportSpec


def _model(weights: str | None) -> VisionTransformer:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model: VisionTransformer = vit_b_16()
        if weights is None:
            # torchvision starts the head at zero, which would leave nothing to compare.
            torch.nn.init.trunc_normal_(model.heads.head.weight, std=0.02)
    if weights is not None:
        _load(model, weights)
    return model


def _load(model: VisionTransformer, weights: str) -> None:
    def refused(reason: str) -> UsageError:
        return UsageError(f"weights={weights}: no ViT-B/16 state dict there: {reason}")

    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except OSError as error:
        raise refused(error.strerror or str(error)) from error
    except Exception as error:
        # What torch raises for a file that is not its own has no common base.
        reason = f"torch cannot read it as weights alone ({type(error).__name__})"
        raise refused(reason) from error
    if not isinstance(state, Mapping):
        raise refused(f"it holds {type(state).__name__}, not names and tensors")
    own = model.state_dict()
    for name, tensor in own.items():
        given = state.get(name)
        if not isinstance(given, torch.Tensor):
            raise refused(f"it has no tensor {name}")
        if given.shape != tensor.shape:
            raise refused(f"its {name} is {list(given.shape)} instead of {list(tensor.shape)}")
    unknown = sorted(map(str, state.keys() - own.keys()))
    if unknown:
        raise refused(f"it has {unknown[0]}, which ViT-B/16 has not")
    model.load_state_dict(state)


def spec(options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs; `weights` is a file with torchvision's state dict.

    Raises:
        UsageError: there are no such weights.
    """
    weights = options.get("weights")
    card: dict[str, Any] = {
        "title": "ViT-B/16" if weights else "ViT-B/16, untrained",
        "source": {
            "model": "torchvision's vit_b_16: 12 layers, 12 heads, 768 wide, images of 224 by 224.",
            "weights": "A state dict given by who exported it."
            if weights
            else "Random, from a seed: this bundle shows shapes, not images.",
        },
    }
    if not weights:
        card["licence"] = {"name": "MIT OR Apache-2.0", "holder": "the nnef-pulse authors"}
        card["quality"] = {"untrained": True}
    image = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(5))
    return ExportSpec(
        model=_model(weights),
        inputs={"input": image},
        axes={"input": {0: "B"}},
        outputs=["output"],
        card=card,
    )
