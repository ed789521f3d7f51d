"""A small vision transformer on scikit-learn's handwritten digits, to see a batch axis at work.

The architecture is torchvision's VisionTransformer (Dosovitskiy et al., 2020, arXiv:2010.11929)
with one input channel and patches of 2 by 2.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torchvision.models import VisionTransformer

from nnef_pulse.recipes import ExportSpec
from nnef_pulse.recipes.training import Trained, fit, trained

_STEPS, _BATCH, _HELD_OUT = 1400, 96, 360


def network() -> VisionTransformer:
    """Images (B, 1, 8, 8) in 0…1 to logits (B, 10)."""
    model = VisionTransformer(
        image_size=8,
        patch_size=2,
        num_layers=3,
        num_heads=4,
        hidden_dim=64,
        mlp_dim=128,
        num_classes=10,
    )
    model.conv_proj = nn.Conv2d(1, 64, kernel_size=2, stride=2)
    # torchvision starts the head at zero, for weights to come; this one learns from scratch.
    nn.init.trunc_normal_(model.heads.head.weight, std=0.02)
    return model


def digits() -> tuple[Tensor, Tensor]:
    """All 1,797 images (1797, 1, 8, 8) in 0…1 and their digits, in a fixed random order."""
    data = load_digits()
    images = torch.tensor(data.images, dtype=torch.float32)[:, None] / 16
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
    return images[order], torch.tensor(data.target)[order]


def _varied(images: Tensor, rng: torch.Generator) -> Tensor:
    """Turned up to 14 degrees, moved up to a pixel, scaled up to a tenth, each its own way."""
    count = len(images)
    turn, right, down, zoom = (torch.rand(4, count, generator=rng) * 2 - 1).unbind()
    cosine, sine = torch.cos(turn / 4) * (1 + zoom / 10), torch.sin(turn / 4) * (1 + zoom / 10)
    rows = [torch.stack([cosine, -sine, right / 4], 1), torch.stack([sine, cosine, down / 4], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def _train() -> Trained:
    images, labels = digits()
    seen, named = images[_HELD_OUT:], labels[_HELD_OUT:]
    rng = torch.Generator().manual_seed(2)
    model = network()

    def loss(_step: int) -> Tensor:
        picked = torch.randint(0, len(seen), (_BATCH,), generator=rng)
        logits = model(_varied(seen[picked], rng))
        return F.cross_entropy(logits, named[picked], label_smoothing=0.1)

    fit("digits-vit", model, loss, steps=_STEPS, rate=2e-3, decay=0.05)
    with torch.no_grad():
        right = model.eval()(images[:_HELD_OUT]).argmax(-1) == labels[:_HELD_OUT]
    return Trained(model.state_dict(), float(right.double().mean()))


def spec(_options: Mapping[str, str]) -> ExportSpec:
    """The spec for `export_bundle`."""
    weights = trained("digits-vit", _train)
    model = network()
    model.load_state_dict(weights.state)
    images, labels = digits()
    return ExportSpec(
        model=model,
        inputs={"image": images[:2].clone()},
        axes={"image": {0: "B"}},
        outputs=["logits"],
        held_out={"image": images[:_HELD_OUT].clone(), "expected": labels[:_HELD_OUT].clone()},
        card={
            "title": "Digits ViT: which digit is it?",
            "source": {
                "model": "torchvision's VisionTransformer: 3 layers, 4 heads, 64 wide, patches "
                "of 2 by 2 on images of 8 by 8.",
                "weights": "Trained here, from a seed, on scikit-learn's digits (UCI Optical "
                "Recognition of Handwritten Digits, CC BY 4.0).",
            },
            "licence": {"name": "MIT OR Apache-2.0", "holder": "the nnef-pulse authors"},
            "quality": {
                "data": f"{_HELD_OUT} held-out images of scikit-learn's digits",
                "measure": "accuracy",
                "figure": round(weights.figure, 4),
                "claimedBy": "the nnef-pulse authors, measured when the weights were made",
            },
        },
    )
