"""Models that are refused, the cause each is refused for, and the model with the named change.

    python -m prove.refused        (in tests/python)

exports every pair, prints those where the cause is another or the changed model is refused too, and
ends with 1 where more than one change in ten does not help. Every model takes x, (1, 4, S).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from nnef_pulse import export_bundle
from nnef_pulse.errors import NnefPulseError

Function = Callable[..., Any]


@dataclass(frozen=True)
class Refused:
    """A model, why it is refused, and the change its refusal names applied to it."""

    cause: str
    """Of the table of causes, or the code of an error without one."""
    model: Function
    changed: Function
    parts: Callable[[], list[nn.Module]] = list
    """Made for each of the two models, in the order its function takes them."""
    changed_parts: Callable[[], list[nn.Module]] | None = None
    """Of the changed model, where they are others."""


class Model(nn.Module):
    """A function of its parts and x."""

    def __init__(self, function: Function, parts: list[nn.Module]) -> None:
        super().__init__()
        self.parts, self.function = nn.ModuleList(parts), function

    def forward(self, x: Tensor) -> Any:
        return self.function(*self.parts, x)


def _last(x: Tensor, pool: Function = functional.avg_pool1d, value: float = 0.0) -> Tensor:
    """A reduction of the last 4 frames."""
    return pool(functional.pad(x, (3, 0), value=value), 4, 1)


def _windows(x: Tensor) -> Tensor:
    return functional.pad(x, (3, 0)).unfold(2, 4, 1)


def _mask(x: Tensor, left: int = 1) -> Tensor:
    c = torch.arange(x.shape[1]) // 4
    d = c[:, None] - c
    return (d >= 0) & (d <= left)


def _attend(x: Tensor, mask: Callable[[Tensor], Tensor] | None = None) -> Tensor:
    frames = x.transpose(1, 2)
    scores = frames @ frames.transpose(1, 2)
    if mask is not None:
        scores = scores.masked_fill(~mask(frames), -1e9)
    return (scores.softmax(-1) @ frames).transpose(1, 2)


def _causal(frames: Tensor) -> Tensor:
    at = torch.arange(frames.shape[1])
    return at[:, None] >= at[None]


def _recurrent(kind: type[nn.RNNBase], **more: Any) -> Callable[[], list[nn.Module]]:
    return lambda: [kind(4, 4, batch_first=True, **more)]


def _forwards(layer: nn.Module, x: Tensor) -> Tensor:
    return layer(x.transpose(1, 2))[0].transpose(1, 2)


_REDUCED: tuple[tuple[Function, Function], ...] = (
    (lambda x: x - x.mean(2, keepdim=True), lambda x: x - _last(x)),
    (lambda x: x / (1 + x.abs().sum(2, keepdim=True)), lambda x: x / (1 + _last(x.abs()))),
    (lambda x: x - x.amax(2, keepdim=True), lambda x: x - _last(x, functional.max_pool1d)),
    (
        lambda x: x - x.amin(2, keepdim=True),
        lambda x: x + functional.max_pool1d(functional.pad(-x, (3, 0)), 4, 1),
    ),
    (lambda x: x / x.std(2, keepdim=True), lambda x: x / (_last(x * x) + 1e-3).sqrt()),
    (lambda x: x - x.var(2, keepdim=True), lambda x: x - _last(x * x)),
    (lambda x: x / x.norm(dim=2, keepdim=True), lambda x: x / (_last(x * x) + 1e-3).sqrt()),
    (
        lambda x: functional.normalize(x, dim=2),
        lambda x: functional.normalize(x, dim=1),
    ),
    (lambda x: x.argmax(2), lambda x: x.argmax(1)),
    (lambda x: x.argmin(2), lambda x: x.argmin(1)),
    (lambda x: x.mean(), lambda x: x.mean(1)),
    (lambda x: x.sum(), lambda x: x.sum(1)),
    (lambda x: x.max(2)[0], lambda x: x.max(1)[0]),
    (lambda x: x.mean((1, 2)), lambda x: x.mean(1)),
    (lambda x: x * x.logsumexp(2, keepdim=True), lambda x: x * x.logsumexp(1, keepdim=True)),
    (
        lambda x: functional.instance_norm(x),
        lambda x: functional.layer_norm(x.transpose(1, 2), (4,)).transpose(1, 2),
    ),
    (
        lambda x: functional.group_norm(x, 2),
        lambda x: functional.layer_norm(x.transpose(1, 2), (4,)).transpose(1, 2),
    ),
    (lambda x: functional.adaptive_avg_pool1d(x, 1), lambda x: _last(x)),
    (lambda x: x @ x.transpose(1, 2), lambda x: _windows(x).pow(2).sum(-1)),
    (lambda x: (x > 0).float().mean(2), lambda x: _last((x > 0).float())),
    (
        lambda x: x * x.pow(2).mean(2, keepdim=True).rsqrt(),
        lambda x: x * (_last(x * x) + 1).rsqrt(),
    ),
)
_FIXED: tuple[tuple[Function, Function], ...] = (
    (lambda x: x - x[:, :, :1], lambda x: x - functional.pad(x, (1, 0))[:, :, :-1]),
    (lambda x: x - x[:, :, -1:], lambda x: x - functional.pad(x, (1, 0))[:, :, :-1]),
    (lambda x: x[:, :, -1], lambda x: x),
    (lambda x: x[:, :, 0], lambda x: x),
    (lambda x: x * x[:, :1, 2:3], lambda x: x * functional.pad(x, (2, 0))[:, :1, :-2]),
    (lambda x: x - x[:, :, 5:6], lambda x: x - functional.pad(x, (5, 0))[:, :, :-5]),
    (lambda x: x.select(2, 0), lambda x: x),
    (lambda x: x.narrow(2, 0, 4).mean(2), lambda x: _last(x)),
)
_RUNNING: tuple[tuple[Function, Function], ...] = (
    (lambda x: x.cumprod(2), lambda x: (x.abs() + 1).log().mul(0.01).cumsum(2).exp()),
    (lambda x: x.cummax(2)[0], lambda x: _last(x, functional.max_pool1d)),
    (lambda x: x.cummin(2)[0], lambda x: -_last(-x, functional.max_pool1d)),
    (lambda x: x.logcumsumexp(2), lambda x: x.mul(0.1).exp().cumsum(2).log()),
)
_REORDERED: tuple[tuple[Function, Function], ...] = (
    (lambda x: x.flip(2), lambda x: x),
    (lambda x: x.roll(1, 2), lambda x: functional.pad(x, (1, 0))[:, :, :-1]),
    (lambda x: x.roll(-2, 2), lambda x: x),
    (lambda x: torch.tanh(x.transpose(1, 2).flip(1)), lambda x: torch.tanh(x.transpose(1, 2))),
    (lambda x: x * x.flip(2), lambda x: x * x),
)
_ORDERED: tuple[tuple[Function, Function], ...] = (
    (lambda x: x.topk(2, 2)[0], lambda x: _last(x, functional.max_pool1d)),
    (lambda x: x - x.topk(1, 2)[0], lambda x: x - _last(x, functional.max_pool1d)),
)
_JOINED: tuple[tuple[Function, Function], ...] = (
    (lambda x: torch.cat([x, x], 2), lambda x: torch.cat([x, x], 1)),
    (lambda x: torch.cat([x[:, :, 1:], x[:, :, :1]], 2), lambda x: functional.pad(x, (0, 1))),
)
_ATTENDED: tuple[tuple[Function, Function], ...] = (
    (_attend, lambda x: _attend(x, _mask)),
    (lambda x: _attend(x, _causal), lambda x: _attend(x, _mask)),
    (lambda x: _attend(x) * 2, lambda x: _attend(x, _mask) * 2),
    (lambda x: torch.relu(_attend(x, _causal)), lambda x: torch.relu(_attend(x, _mask))),
    (lambda x: x + _attend(x), lambda x: x + _attend(x, lambda it: _mask(it, 2))),
)
_BRANCHED: tuple[tuple[Function, Function], ...] = (
    (lambda x: x if x.mean() > 0 else -x, lambda x: torch.where(x > 0, x, -x)),
    (lambda x: x * 2 if bool((x > 0).any()) else x, lambda x: torch.where(x > 0, 2 * x, x)),
    (lambda x: x * float(x[0, 0, 0]), lambda x: x * x[:, :1]),
    (lambda x: x[:, : int(x.abs().max()) % 2 + 1], lambda x: x[:, :1]),
)
_BIDIRECTIONAL = [
    Refused(
        "backward", _forwards, _forwards, _recurrent(kind, bidirectional=True), _recurrent(kind)
    )
    for kind in (nn.RNN, nn.GRU, nn.LSTM)
]


def _rows(cause: str, pairs: tuple[tuple[Function, Function], ...]) -> list[Refused]:
    return [Refused(cause, model, changed) for model, changed in pairs]


REFUSED = [
    *_rows("reduction", _REDUCED),
    *_rows("fixed-frame", _FIXED),
    *_rows("running", _RUNNING),
    *_rows("frames-reordered", _REORDERED),
    *_rows("order", _ORDERED),
    *_rows("concatenation", _JOINED),
    *_rows("attention", _ATTENDED),
    *_rows("data-branch", _BRANCHED),
    *_rows("softmax-over-time", ((lambda x: x.softmax(2), lambda x: x.softmax(1)),)),
    *_rows("softmax-over-time", ((lambda x: x.log_softmax(2), lambda x: x.log_softmax(1)),)),
    *_rows("repetition", ((lambda x: x.repeat(1, 1, 2), lambda x: x.repeat_interleave(2, 2)),)),
    *_rows(
        "length",
        ((lambda x: x / x.shape[2], lambda x: x / (torch.arange(x.shape[2]) + 1)),),
    ),
    *_rows("unsupported", ((lambda x: x.sort(2)[0], lambda x: x),)),
    *_BIDIRECTIONAL,
    *(
        Refused("last-state", lambda it, x: it(x.transpose(1, 2)), _forwards, _recurrent(kind))
        for kind in (nn.GRU, nn.LSTM)
    ),
]


def _export(function: Function, parts: list[nn.Module], out: Path) -> str:
    """The cause of a refusal; empty where it exports."""
    torch.manual_seed(0)
    example = {"x": torch.randn(1, 4, 48)}
    model = Model(function, parts).eval()
    try:
        export_bundle(model, example, out, axes={"x": {2: "S"}}, pulses={"S": 8})
    except NnefPulseError as error:
        return f"{getattr(error, 'cause', '') or error.code}: {error}"
    return ""


def problems(row: Refused) -> tuple[str, str]:
    """Where it is not refused for its cause, and why the changed model is refused; empty if not."""
    with tempfile.TemporaryDirectory() as folder:
        said = _export(row.model, row.parts(), Path(folder, "refused"))
        parts = (row.changed_parts or row.parts)()
        still = _export(row.changed, parts, Path(folder, "changed"))
    known = said.startswith(f"{row.cause}: ") and ("refused.py:" in said or " layer " in said)
    return "" if known else said or "exported", still


def main(*rows: int) -> int:
    """Try every row, or those of the numbers given."""
    others = unhelped = 0
    for n in rows or range(len(REFUSED)):
        row = REFUSED[n]
        other, still = problems(row)
        others, unhelped = others + bool(other), unhelped + bool(still)
        for what, said in (("refused as", other), ("changed, refused as", still)):
            if said:
                print(n, row.cause, what, said, sep=" | ", flush=True)
    print(f"{len(REFUSED)} refused models: {others} for another cause, {unhelped} not helped")
    return 1 if others or unhelped * 10 > len(REFUSED) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
