"""Models are spelt in words the engine is quick at, and still compute the same."""

import math

import pytest
import torch
from torch import nn

from models import export
from nnef_pulse import nnef


class Applied(nn.Module):
    """A function of each frame."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def by_tanh(x):
    """GELU as transformers' gelu_new spells it."""
    return (
        0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))
    )


def by_tanh_of_products(x):
    """GELU as transformers' gelu_fast spells it."""
    return 0.5 * x * (1.0 + torch.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x)))


@pytest.mark.parametrize(
    ("function", "words", "gone"),
    [
        (lambda x: x**3, {"mul": 2}, "pow"),
        (lambda x: x.abs() ** 4 + x, {"mul": 2}, "pow"),
        (lambda x: x**3 + torch.pow(x, 3.0), {"mul": 4}, "pow"),
        (lambda x: x.abs() ** 2.5, {"pow": 1}, "mul"),
        (lambda x: nn.functional.gelu(x, approximate="tanh"), {"gelu_fast_approx": 1}, "pow"),
        (by_tanh, {"tract_core_gelu_approx": 1}, "tanh"),
        (lambda x: by_tanh_of_products(x) + x, {"tract_core_gelu_approx": 1, "add": 1}, "tanh"),
        (lambda x: by_tanh(x + x), {"tract_core_gelu_approx": 1, "add": 1}, "tanh"),
        # Nearly the same, and not the same: 0.05 for 0.044715.
        (lambda x: 0.5 * x * (1 + torch.tanh(0.79788 * (x + 0.05 * x**3))), {"tanh": 1}, "pow"),
    ],
)
def test_it_is_proven_in_the_quicker_words(tmp_path, function, words, gone):
    bundle = export(Applied(function), tmp_path / "out")
    assert max(it["largestError"] for it in bundle.manifest["verified"]) <= 1e-5
    graph = nnef.load(bundle.path / "model.nnef.tgz").graph
    found = [it.op for it in graph.operations]
    assert {word: found.count(word) for word in words} == words
    assert gone not in found
    # Nothing is left that nothing reads.
    read = {*graph.outputs, *(name for it in graph.operations for name in it.inputs)}
    assert {name for it in graph.operations for name in it.outputs} <= read
    for fragment in graph.fragments.values():
        assert [it.op for it in fragment.operations] == ["tract_core_gelu_approx"]


def test_attention_is_spelt_as_products(tmp_path):
    attention = Applied(lambda x: nn.functional.scaled_dot_product_attention(x, x, x))
    bundle = export(attention, tmp_path / "out", pulses={})
    archive = nnef.load(bundle.path / "model.nnef.tgz")
    assert "tract_transformers" not in archive.text
    assert "B,S,8,f32" in bundle.manifest["outputs"][0]["fact"]
