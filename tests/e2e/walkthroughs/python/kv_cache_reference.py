"""What the KV cache walkthrough has to find, as JSON, by PyTorch's shuffle and tract's own build.

    .venv/bin/python tests/e2e/walkthroughs/python/kv_cache_reference.py BUNDLES IDS

BUNDLES is the folder of `albert` and `kv-cache-lm`; IDS is JSON, the token ids of sentences. Gives
the sums the recipe kept from training, those of them the model answers wrong, how likely it holds
each token after `27+45=`, and how far the sentences' outputs move in a batch and when padded by 8
beyond the longest, with the mask and without it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import tract

from nnef_pulse.recipes.kv_cache_lm import VOCABULARY

MORE = 8


def runner(bundle: Path) -> tract.Runnable:
    """The whole model, ready to run."""
    model = tract.nnef().with_tract_extra().load(str(bundle / "model.nnef.tgz"))
    return model.into_runnable()


class Adder:
    """The language model, read with its cache."""

    def __init__(self, bundle: Path) -> None:
        self.runnable = runner(bundle)
        self.empty = np.zeros((3, 4, 0, 32), np.float32)

    def read(self, text: str, cache: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """Logits after the last token, and the cache."""
        tokens = np.array([[VOCABULARY.index(it) for it in text]], np.int64)
        logits, *kept = (it.to_numpy() for it in self.runnable.run([tokens, *cache]))
        return logits[0, -1], kept

    def answer(self, question: str) -> str:
        """Three tokens after a question."""
        logits, cache = self.read(question, [self.empty, self.empty])
        written = VOCABULARY[logits.argmax()]
        while len(written) < 3:
            logits, cache = self.read(written[-1], cache)
            written += VOCABULARY[logits.argmax()]
        return written

    def odds(self, question: str) -> list[float]:
        """How likely each token is to be next."""
        logits, _ = self.read(question, [self.empty, self.empty])
        powers = np.exp(logits - logits.max())
        return (powers / powers.sum()).tolist()


def held_out(count: int = 1000) -> list[tuple[int, int]]:
    """As the recipe splits."""
    rng = torch.Generator().manual_seed(1)
    order = torch.randperm(10_000, generator=rng)[:count].tolist()
    return [divmod(it, 100) for it in order]


def moved(bundle: Path, sentences: list[list[int]], *, masked: bool) -> dict[str, float]:
    """The largest difference from a sentence alone, over all tokens of all sentences."""
    albert = runner(bundle)

    def outputs(rows: list[list[int]], length: int) -> np.ndarray:
        ids, mask, types = (np.zeros((len(rows), length), np.int64) for _ in range(3))
        mask += not masked
        for n, row in enumerate(rows):
            ids[n, : len(row)] = row
            mask[n, : len(row)] = 1
        return albert.run([ids, mask, types])[0].to_numpy()

    longest = max(map(len, sentences))
    batch = outputs(sentences, longest)
    found = {"batch": 0.0, "padded": 0.0}
    for n, row in enumerate(sentences):
        alone = outputs([row], len(row))[0]
        padded = outputs([row], longest + MORE)[0, : len(row)]
        found["batch"] = max(found["batch"], float(abs(batch[n, : len(row)] - alone).max()))
        found["padded"] = max(found["padded"], float(abs(padded - alone).max()))
    return found


def main() -> None:
    """Print it all."""
    bundles, sentences = Path(sys.argv[1]), json.loads(sys.argv[2])
    adder = Adder(bundles / "kv-cache-lm")
    sums = held_out()
    wrong = [(a, b) for a, b in sums if adder.answer(f"{a:02}+{b:02}=") != f"{a + b:03}"]
    told = {
        "vocabulary": VOCABULARY,
        "heldOut": sums,
        "wrong": wrong,
        "odds": adder.odds("27+45="),
        "masked": moved(bundles / "albert", sentences, masked=True),
        "unmasked": moved(bundles / "albert", sentences, masked=False),
    }
    print(json.dumps(told))


main()
