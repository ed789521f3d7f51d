"""A small causal transformer that adds, its keys and values outside, to see a cache at work.

A decoder with rotary positions (Su et al., 2021, arXiv:2104.09864). What it has read is handed
back as keys and values and given again with the next tokens: S tokens are new, P are past, and
the outputs hold S+P.

It reads lines of sums, `07+45=052;…`, and is right when all three digits after `=` are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnef_pulse.recipes import ExportSpec
from nnef_pulse.recipes.training import Trained, fit, trained

VOCABULARY = "0123456789+=;"
CONTEXT = 64
_LAYERS, _HEADS, _WIDE = 3, 4, 128
_SUM = len("07+45=052;")
_QUESTION, _ANSWER = len("07+45="), len("052")
_STEPS, _BATCH, _HELD_OUT, _SEED = 1400, 128, 1000, 1


class Block(nn.Module):
    """One decoder layer: attention over past and present, then a feed-forward net."""

    def __init__(self) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(_WIDE)
        self.projections = nn.Linear(_WIDE, 3 * _WIDE)
        self.attended = nn.Linear(_WIDE, _WIDE)
        self.before_dense = nn.LayerNorm(_WIDE)
        self.widen = nn.Linear(_WIDE, 4 * _WIDE)
        self.narrow = nn.Linear(4 * _WIDE, _WIDE)

    def forward(
        self, hidden: Tensor, turn: Tensor, mask: Tensor, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Hidden (S, wide), rotation (2, S, wide/heads/2), mask (S, S+P), and the past.

        Past keys and values are (heads, P, wide/heads); the keys are kept turned.
        """
        query, key, value = (
            part.reshape(-1, _HEADS, _WIDE // _HEADS).transpose(0, 1)
            for part in self.projections(self.before_attention(hidden)).chunk(3, dim=-1)
        )
        query = _turned(query, turn)
        keys, values = torch.cat([keys, _turned(key, turn)], 1), torch.cat([values, value], 1)
        scores = query @ keys.transpose(1, 2) / math.sqrt(_WIDE // _HEADS) + mask
        mixed = (torch.softmax(scores, dim=-1) @ values).transpose(0, 1).reshape(-1, _WIDE)
        hidden = hidden + self.attended(mixed)
        hidden = hidden + self.narrow(F.gelu(self.widen(self.before_dense(hidden))))
        return hidden, keys, values


def _turned(heads: Tensor, turn: Tensor) -> Tensor:
    left, right = heads.chunk(2, dim=-1)
    cosine, sine = turn[0], turn[1]
    return torch.cat([left * cosine - right * sine, left * sine + right * cosine], -1)


def _rotations() -> Tensor:
    """Cosine and sine for each position (context, 2, wide/heads/2)."""
    half = _WIDE // _HEADS // 2
    speeds = 100.0 ** (-torch.arange(half) / half)
    angles = torch.arange(CONTEXT)[:, None] * speeds
    return torch.stack([angles.cos(), angles.sin()], 1)


class KvCacheLm(nn.Module):
    """Tokens and a cache to logits and a longer cache."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(len(VOCABULARY), _WIDE)
        self.rotations = _rotations()
        self.blocks = nn.ModuleList([Block() for _ in range(_LAYERS)])
        self.last = nn.LayerNorm(_WIDE)
        self.head = nn.Linear(_WIDE, len(VOCABULARY))

    def forward(
        self, tokens: Tensor, past_keys: Tensor, past_values: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Tokens (1, S) i64, past keys and values (layers, heads, P, wide/heads) f32.

        Returns logits (1, S, vocabulary), keys and values (layers, heads, S+P, wide/heads), f32.
        """
        past = past_keys.shape[2]
        present = tokens.shape[1]
        at = torch.arange(past, past + present)
        every = torch.arange(past + present)
        mask = torch.where(every[None, :] <= at[:, None], 0.0, -1e9)
        hidden = self.tokens(tokens[0])
        turn = self.rotations[at].transpose(0, 1)
        keys, values = [], []
        for n, block in enumerate(self.blocks):
            hidden, key, value = block(hidden, turn, mask, past_keys[n], past_values[n])
            keys.append(key)
            values.append(value)
        logits = self.head(self.last(hidden))[None]
        return logits, torch.stack(keys), torch.stack(values)


def _empty() -> Tensor:
    return torch.zeros(_LAYERS, _HEADS, 0, _WIDE // _HEADS)


def written(pairs: Tensor) -> Tensor:
    """Pairs of numbers below 100 (n, 2) as rows of tokens (n, 10)."""
    a, b = pairs[:, 0], pairs[:, 1]
    total = a + b
    plus, equals, end = (torch.full_like(a, VOCABULARY.index(it)) for it in "+=;")
    digits = [a // 10, a % 10, plus, b // 10, b % 10, equals]
    return torch.stack([*digits, total // 100, total // 10 % 10, total % 10, end], 1)


def _parallel(model: KvCacheLm, rows: Tensor) -> Tensor:
    # The model takes one row at a time, as it will in a page; training maps it over many.
    def one(row: Tensor) -> Tensor:
        logits: Tensor = model(row[None], _empty(), _empty())[0][0]
        return logits

    return torch.func.vmap(one)(rows)


def _split(rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pairs held out, and pairs to train on."""
    every = torch.cartesian_prod(torch.arange(100), torch.arange(100))
    every = every[torch.randperm(len(every), generator=rng)]
    return every[:_HELD_OUT], every[_HELD_OUT:]


def _train() -> Trained:
    rng = torch.Generator().manual_seed(_SEED)
    held_out, seen = _split(rng)
    model = KvCacheLm()

    def loss(done: int) -> Tensor:
        # Lines of every length in turn: short ones teach the sums, long ones where to look.
        per_line = 1 + done % ((CONTEXT - 1) // _SUM)
        picked = torch.randint(0, len(seen), (_BATCH // per_line * per_line,), generator=rng)
        lines = written(seen[picked]).reshape(-1, per_line * _SUM)
        at = torch.arange(lines.shape[1] - 1) % _SUM
        answers = (at >= _QUESTION - 1) & (at < _QUESTION + _ANSWER - 1)
        logits = _parallel(model, lines[:, :-1])[:, answers]
        return F.cross_entropy(logits.flatten(0, 1), lines[:, 1:][:, answers].flatten())

    fit("kv-cache-lm", model, loss, steps=_STEPS, rate=1e-3, decay=0.1)
    return Trained(model.state_dict(), _measure(model.eval(), held_out))


def _measure(model: KvCacheLm, pairs: Tensor) -> float:
    """The share of sums whose three digits are all right, each after five others in its line."""
    per_row = (CONTEXT - 1) // _SUM
    rows = written(pairs[: len(pairs) // per_row * per_row]).reshape(-1, per_row * _SUM)
    with torch.no_grad():
        found = _parallel(model, rows[:, :-1]).argmax(-1)
    answer = range(_QUESTION - 1, _QUESTION + _ANSWER - 1)
    columns = [n * _SUM + it for n in range(per_row) for it in answer]
    right = (found == rows[:, 1:])[:, columns].reshape(-1, _ANSWER).all(1)
    return float(right.double().mean())


def spec(_options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs."""
    weights = trained("kv-cache-lm", _train)
    model = KvCacheLm()
    model.load_state_dict(weights.state)
    held_out = written(_split(torch.Generator().manual_seed(_SEED))[0])
    line = written(torch.tensor([[7, 45], [88, 13]])).reshape(1, -1)[:, :17]
    with torch.no_grad():
        _, keys, values = model(line[:, :-1], _empty(), _empty())
    return ExportSpec(
        model=model,
        inputs={"tokens": line[:, -1:].clone(), "past_keys": keys, "past_values": values},
        axes={"tokens": {1: "S"}, "past_keys": {2: "P"}, "past_values": {2: "P"}},
        asserts=["P >= 0", "S >= 1", f"S+P < {CONTEXT}"],
        modes={"tg": "S==1", "pp": "P==0"},
        outputs=["logits", "keys", "values"],
        held_out={
            "tokens": held_out[:, :_QUESTION].clone(),
            "expected": held_out[:, _QUESTION : _QUESTION + _ANSWER].clone(),
        },
        card={
            "title": "A transformer that adds, with its cache outside",
            "source": {
                "model": f"A decoder of {_LAYERS} layers, {_HEADS} heads, {_WIDE} wide, over the "
                f"tokens {VOCABULARY}; keys and values go in and out.",
                "weights": "Trained here, from a seed, on sums of two numbers below 100.",
            },
            "licence": {"name": "MIT OR Apache-2.0", "holder": "the nnef-pulse authors"},
            "quality": {
                "data": f"{_HELD_OUT} sums the model never saw",
                "measure": "share with all three digits right",
                "figure": round(weights.figure, 4),
                "claimedBy": "the nnef-pulse authors, measured when the weights were made",
            },
        },
    )
