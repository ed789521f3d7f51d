"""tract computes what NNEF says of an expression, however the text puts it."""

import random

import numpy as np
import pytest

from nnef_pulse.engine.model import Model
from nnef_pulse.nnef import Archive
from nnef_pulse.nnef.text import parse, write

A, B = 3.0, 5.0


def model(expressions):
    outputs = [f"y{n}" for n in range(len(expressions))]
    lines = ["a = external<scalar>(shape = [1]);", "b = external<scalar>(shape = [1]);"]
    lines += [f"{name} = {it};" for name, it in zip(outputs, expressions, strict=True)]
    header = f"graph network(a, b) -> ({', '.join(outputs)})"
    text = "\n".join(["version 1.0;", header, "{", *lines, "}"])
    return Archive({"graph.nnef": text.encode()})


def values(archive):
    inputs = [np.array([A], np.float32), np.array([B], np.float32)]
    return [float(it[0]) for it in Model(archive.to_bytes()).prepared().run(inputs)]


def expression(rng, depth):
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(["a", "b", "2.0", "-2.0", "- 3.0"])
    if rng.random() < 0.3:
        return f"-{expression(rng, depth - 1)}" if rng.random() < 0.5 else "-a"
    left, right = (expression(rng, depth - 1) for _ in range(2))
    text = f"{left} {rng.choice('+-*')} {right}"
    return f"({text})" if rng.random() < 0.3 else text


@pytest.mark.parametrize(
    ("text", "value"),
    [("-a + b", 2), ("a - -b + a", 11), ("-a * -b - a", 12), ("- 3.0 + b", 2), ("-(a + b)", -8)],
)
def test_unary_operators_bind_tightest(text, value):
    assert values(model([text])) == [value]


def test_random_expressions_have_the_value_python_gives_them():
    rng = random.Random(0)
    # A text of literals alone computes no output of the inputs' shape.
    texts = [f"a * 0.0 + ({expression(rng, 4)})" for _ in range(150)]
    expected = [float(eval(text, {}, {"a": A, "b": B})) for text in texts]
    archive = model(texts)
    assert values(archive) == pytest.approx(expected)
    anew = archive.with_text(write(parse(archive.text), anew=True))
    assert values(anew) == pytest.approx(expected)
