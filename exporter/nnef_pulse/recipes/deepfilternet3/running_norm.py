"""Normalisation by exponential averages over time, exact in a stream.

The layers are written as the operators `t2n_extra::exp_mean_norm` and `exp_unit_norm` that
torch_to_nnef translates to those of tract-extra, which keep the average as their state.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn


def _averages(values: Tensor, start: Tensor, alpha: float) -> Tensor:
    """s[t] = (1 - alpha) · values[t] + alpha · s[t - 1] along the first axis, s[-1] = start.

    In f32 and in tract's order: of a steady signal the average stops where rounding lets it.
    """
    kept = np.float32(alpha)
    taken = float(np.float32(1) - kept)
    found = []
    for value in values:
        start = value * taken + start * float(kept)
        found.append(start)
    return torch.stack(found)


@torch.library.custom_op("t2n_extra::exp_mean_norm", mutates_args=())
def exp_mean_norm(
    input: Tensor,  # noqa: A002  # torch_to_nnef's names
    state_init: Tensor,
    axis: int,
    alpha: float,
    scaling_factor: float,
) -> Tensor:
    """Features (T, F) less their running mean, by `scaling_factor`; `state_init` (F)."""
    assert axis == 0
    return (input - _averages(input, state_init, alpha)) / scaling_factor


@torch.library.custom_op("t2n_extra::exp_unit_norm", mutates_args=())
def exp_unit_norm(
    input: Tensor,  # noqa: A002
    state_init: Tensor,
    axis: int,
    alpha: float,
    epsilon: float,
    complex: bool,  # noqa: A002
) -> Tensor:
    """Complex values (T, F, 2) by the root of their magnitude's running mean; `state_init` (F)."""
    assert axis == 0
    assert complex
    magnitudes = input.norm(dim=-1).clamp_min(epsilon)
    return input / _averages(magnitudes, state_init, alpha).sqrt()[..., None]


class RunningMean(nn.Module):
    """Features (T, F) less their average so far, divided by `scale`."""

    start: Tensor

    def __init__(self, start: Tensor, alpha: float, *, scale: float) -> None:
        super().__init__()
        self.register_buffer("start", start)
        self.alpha, self.scale = alpha, scale

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        found: Tensor = torch.ops.t2n_extra.exp_mean_norm(
            features, self.start, 0, self.alpha, self.scale
        )
        return found


class RunningUnit(nn.Module):
    """Complex values (T, 2, F) divided by the root of their average magnitude so far."""

    start: Tensor

    def __init__(self, start: Tensor, alpha: float) -> None:
        super().__init__()
        self.register_buffer("start", start)
        self.alpha = alpha

    def forward(self, spectra: Tensor) -> Tensor:
        """See the class."""
        pairs = spectra.transpose(1, 2)
        # tract wants a positive least magnitude; libDF has none, and divides silence by zero.
        found: Tensor = torch.ops.t2n_extra.exp_unit_norm(
            pairs, self.start, 0, self.alpha, 1e-14, True
        )
        return found.transpose(1, 2)
