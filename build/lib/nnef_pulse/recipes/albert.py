"""ALBERT with a batch and a token axis, to see two symbols flow to the output.

The architecture is transformers' AlbertModel (Lan et al., 2019, arXiv:1909.11942), small and
untrained unless weights are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AlbertConfig, AlbertModel

from nnef_pulse.errors import UsageError
from nnef_pulse.frontends.silence import silence_output
from nnef_pulse.recipes import ExportSpec

# The same function as ALBERT's own "gelu_new", which spells it out in powers and sums.
_TANH_GELU = "gelu_pytorch_tanh"

_SMALL = AlbertConfig(
    vocab_size=1000,
    embedding_size=32,
    hidden_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=128,
    max_position_embeddings=512,
    hidden_act=_TANH_GELU,
    attn_implementation="eager",
)


class Albert(nn.Module):
    """Token ids, mask and types, each (B, S) i64, to hidden states (B, S, hidden) f32."""

    def __init__(self, model: AlbertModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """The last layer's hidden states."""
        result: Tensor = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return result


def _model(weights: str | None) -> AlbertModel:
    if weights is None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return AlbertModel(_SMALL)

    def refused(reason: str) -> UsageError:
        return UsageError(f"weights={weights}: no ALBERT can be read there: {reason}")

    try:
        with silence_output():
            config = AlbertConfig.from_pretrained(weights)
            if config.hidden_act == "gelu_new":
                config.hidden_act = _TANH_GELU
            model, told = AlbertModel.from_pretrained(
                weights,
                config=config,
                attn_implementation="eager",
                add_pooling_layer=False,
                output_loading_info=True,
            )
    except Exception as error:
        # What transformers and the readers under it raise has no common base.
        raise refused(" ".join(str(error).split()) or type(error).__name__) from error
    # What is missing transformers would make up.
    missing = sorted(map(str, told["missing_keys"]))
    if missing:
        raise refused(f"it has no tensor {missing[0]}")
    return model


def _card(weights: str | None, config: AlbertConfig) -> dict[str, Any]:
    layers = f"{config.num_hidden_layers} layers, {config.hidden_size} wide"
    model = f"transformers' AlbertModel: {layers}."
    if weights is None:
        random = "Random, from a seed: this bundle shows shapes, not language."
        return {
            "title": "ALBERT, small and untrained",
            "source": {"model": model, "weights": random},
            "licence": {"name": "MIT OR Apache-2.0", "holder": "the nnef-pulse authors"},
            "quality": {"untrained": True},
        }
    # A hub's name is where everybody finds the weights; a folder's path stays with its owner.
    if Path(weights).exists():
        return {"title": "ALBERT", "source": {"model": model}}
    return {"title": f"ALBERT: {weights}", "source": {"model": model, "weights": weights}}


def spec(options: Mapping[str, str]) -> ExportSpec:
    """What `export_bundle` needs; `weights` is a folder or a hub's name.

    Raises:
        UsageError: there are no such weights.
    """
    weights = options.get("weights")
    model = _model(weights)
    vocabulary, longest = model.config.vocab_size, model.config.max_position_embeddings
    rng = torch.Generator().manual_seed(4)
    ids = torch.randint(0, vocabulary, (2, 7), generator=rng)
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    types = torch.zeros_like(ids)
    types[:, 4:] = 1
    return ExportSpec(
        model=Albert(model),
        inputs={"input_ids": ids, "attention_mask": mask, "token_type_ids": types},
        axes={name: {0: "B", 1: "S"} for name in ("input_ids", "attention_mask", "token_type_ids")},
        asserts=["S >= 1", f"S <= {longest}"],
        outputs=["output"],
        card=_card(weights, model.config),
    )
