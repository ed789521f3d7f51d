"""Why a model cannot be streamed, by the operation at fault: one row for each known cause.

A row matches on the operation's name in the model's text, on the operator or words of the engine's
refusal, or on both. The first row that matches tells the cause and a change that helps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nnef_pulse.errors import (
    AttentionOverTimeError,
    BidirectionalError,
    GlobalReductionError,
    PulseRefusedError,
    StateOutputError,
)


@dataclass(frozen=True)
class Cause:
    """A row. In `says` and `change`, {where} is the operation's place and {symbol} the axis."""

    name: str
    says: str
    change: str
    error: type[PulseRefusedError] = PulseRefusedError
    op: str = ""
    """Matches the operation at fault, in whole."""
    refusal: str = ""
    """Found in one of the engine's reasons."""
    operator: str = ""
    """Matches the operator of the source, in whole, where it is known."""
    trait: str = ""
    """What must hold of it: backward, pairs or frames, as `Traits` tells."""

    def matches(
        self, op: str, chain: tuple[str, ...], traits: frozenset[str], operator: str
    ) -> bool:
        """Whether an operation fails for this cause."""
        return (
            (not self.operator or re.fullmatch(self.operator, operator) is not None)
            and (not self.op or re.fullmatch(self.op, op) is not None)
            and (not self.refusal or any(re.search(self.refusal, line) for line in chain))
            and (not self.trait or self.trait in traits)
        )


CAUSES = (
    Cause(
        "backward",
        "{where} runs backwards in time (bidirectional), so its first output needs the stream's "
        "last frame",
        "use one that runs forwards alone: bidirectional=False",
        BidirectionalError,
        trait="backward",
    ),
    Cause(
        "last-state",
        "{where} gives a recurrence's last state, which is known only when the stream ends",
        "drop it from what forward returns: the engine keeps the state between pulses itself",
        StateOutputError,
        refusal=r"Scan pulse only supports full outputs",
    ),
    Cause(
        "softmax-over-time",
        "{where} takes a softmax over all of {symbol}, so no output is known before the stream "
        "ends",
        "take it over another axis, or over a window: x.unfold(axis, size, 1).softmax(-1)",
        GlobalReductionError,
        op=r"softmax|log_softmax|tract_core_softmax",
        trait="frames",
    ),
    Cause(
        "softmax-over-time",
        "{where} takes a softmax over all of {symbol}, so no output is known before the stream "
        "ends",
        "take it over another axis, or over a window: x.unfold(axis, size, 1).softmax(-1)",
        GlobalReductionError,
        operator=r"(log_)?softmax",
        trait="frames",
    ),
    Cause(
        "order",
        "{where} puts the frames of {symbol} in order, so no output is known before the stream "
        "ends",
        "use the largest of a window instead: torch.nn.functional.max_pool1d over the last frames",
        GlobalReductionError,
        operator=r"sort|argsort|msort|topk|kthvalue|median|nanmedian|quantile|mode",
    ),
    Cause(
        "running",
        "{where} runs from the stream's start, and what the engine makes of it starts anew each "
        "pulse",
        "use torch.cumsum, which streams (a product is the exponential of a sum of logarithms), or "
        "a window: torch.nn.functional.max_pool1d over the last frames",
        operator=r"cum(?!sum)\w+|logcumsumexp",
    ),
    Cause(
        "frames-reordered",
        "{where} moves frames along {symbol} to where their order is another",
        "leave it out: a stream gives each frame once, as it comes",
        operator=r"flip|roll|index|index_select",
    ),
    Cause(
        "repetition",
        "{where} repeats the whole stream, which has no end",
        "repeat each frame instead: x.repeat_interleave(times, axis)",
        operator=r"repeat|tile",
        refusal=r"\bTile\b",
    ),
    Cause(
        "length",
        "{where} needs the number of frames, which is known only when the stream ends",
        "use a constant, or count the frames so far: torch.arange(x.shape[axis]) + 1",
        refusal=r"Undetermined symbol",
    ),
    Cause(
        "attention",
        "attention at {where} compares every frame with every other, those still to come included",
        "attend over a window of the past, which the engine streams where the mask is a band of "
        "fixed width over chunks: c = torch.arange(x.shape[1]) // chunk; d = c[:, None] - c; "
        "mask = (d >= 0) & (d <= left_chunks)",
        AttentionOverTimeError,
        trait="pairs",
    ),
    Cause(
        "attention",
        "attention at {where} compares every frame with every other, those still to come included",
        "attend over a window of the past, which the engine streams where the mask is a band of "
        "fixed width over chunks: c = torch.arange(x.shape[1]) // chunk; d = c[:, None] - c; "
        "mask = (d >= 0) & (d <= left_chunks)",
        AttentionOverTimeError,
        refusal=r"\b(SDPA|FlashSDPA|Softmax)\b",
    ),
    Cause(
        "reduction",
        "{where} reduces over all of {symbol}, so no output is known before the stream ends",
        "reduce over a window instead, such as torch.nn.functional.avg_pool1d or max_pool1d over "
        "the last frames, or over another axis",
        GlobalReductionError,
        op=r".*_reduce(_last)?|.*moments|tract_core_topk|.*layer_norm.*|.*instance_norm.*",
    ),
    Cause(
        "reduction",
        "{where} reduces over all of {symbol}, so no output is known before the stream ends",
        "reduce over a window instead, such as torch.nn.functional.avg_pool1d or max_pool1d over "
        "the last frames, or over another axis",
        GlobalReductionError,
        refusal=r'^.*"[^"]+" Reduce\b',
    ),
    Cause(
        "reduction",
        "{where} sums over all of {symbol}, so no output is known before the stream ends",
        "sum over a window instead, or over another axis",
        GlobalReductionError,
        op=r"matmul|linear|tract_core_einsum",
        refusal=r"EinSum",
    ),
    Cause(
        "fixed-frame",
        "{where} reads a frame by its number from the stream's start or end, and each pulse would "
        "read one of its own",
        "give that frame as an input of forward, or compute it from frames near the current one",
        op=r"(dyn_)?slice\w*|tract_core_gather|gather|squeeze",
        operator=r"select|slice|narrow",
    ),
    Cause(
        "transposed-convolution",
        "the engine has no streamed form of the transposed convolution at {where}",
        "use torch.nn.Conv1d to stride times as many channels, and a reshape of those channels "
        "into time",
        refusal=r"Deconv",
        op=r".*",
    ),
    Cause(
        "upsampling",
        "the engine has no streamed form of the upsampling at {where}",
        "repeat frames instead: x.repeat_interleave(factor, axis)",
        refusal=r"Upsample|Resize",
    ),
    Cause(
        "concatenation",
        "{where} puts pieces behind each other along {symbol}, for which the engine has no "
        "streamed form it can write",
        "pad instead of concatenating: torch.nn.functional.pad(x, (before, 0)), then add",
        refusal=r"PulsedSameAxisConcat",
    ),
    Cause(
        "concatenation",
        "{where} puts pieces behind each other along {symbol}, which a stream has no end for",
        "pad instead of concatenating: torch.nn.functional.pad(x, (before, 0)), then add",
        op=r"concat|stack",
        trait="frames",
    ),
    Cause(
        "positions",
        "{where} counts frames from the stream's start, for which the engine has no streamed form "
        "it can write",
        "give positions as an input of forward, along {symbol}",
        refusal=r"PulsedRange|tract_core_range|\bRange\b",
    ),
    Cause(
        "positions",
        "{where} counts frames from the stream's start, which a pulse does not know",
        "give positions as an input of forward, along {symbol}",
        op=r"tract_core_range|tract_core_gather|gather",
        trait="counts",
    ),
    Cause(
        "reshape",
        "{where} mixes {symbol} with another axis, and a pulse is not cut where it is",
        "name the axis a multiple of what is stacked, such as --axis INPUT:AXIS=4*{symbol}",
        op=r"reshape|tract_core_reshape|unsqueeze|squeeze",
        refusal=r"[Rr]eshape|AxisOp|axis",
    ),
    Cause(
        "fixed-frame",
        "{where} reads a frame by its number from the stream's start or end, and each pulse would "
        "read one of its own",
        "give that frame as an input of forward, or compute it from frames near the current one",
        op=r"(dyn_)?slice\w*|tract_core_(strided_)?slice|tract_core_flip|reverse|tract_core_roll",
    ),
    Cause(
        "running-sum",
        "{where} sums from the stream's start, and what the engine makes of it starts anew each "
        "pulse",
        "sum over a window instead, or keep a running mean in a recurrence",
        op=r".*cumsum.*|tract_core_cumprod",
    ),
    Cause(
        "frames-reordered",
        "{where} moves frames along {symbol} to where their order is another",
        "keep the order of frames: a stream gives each frame once, as it comes",
        op=r".*(gather|flip|roll|reverse|sort).*",
    ),
    Cause(
        "unsupported",
        "the engine has no streamed form of {where}",
        "compute it from the frames of a fixed window, or leave it out of the streamed model",
        refusal=r"No (specific )?puls|[Nn]o serializer|could not track pulsing axis",
    ),
    Cause(
        "differs",
        "{where} is the first operation whose stream differs from the whole",
        "replace it by one that looks at a fixed number of frames",
    ),
)


def cause_of(op: str, chain: tuple[str, ...], traits: frozenset[str], operator: str = "") -> Cause:
    """The first row that matches; the last one always does."""
    return next(it for it in CAUSES if it.matches(op, chain, traits, operator))
