"""What is written reads as the tree it was written from; what no pass changes stays as it was."""

import random

import pytest
from test_reader import TEXT

from nnef_pulse import nnef
from nnef_pulse.nnef import Archive, NnefSyntaxError
from nnef_pulse.nnef.text import parse, write
from nnef_pulse.nnef.text.tree import (
    Assignment,
    Block,
    Call,
    Document,
    Loop,
    Operator,
    Parameter,
    Reference,
    Several,
)

WORDS = ["x", "if", "true", "in", "graph", "inf", "a.b", "1st", 'a"b', "tensor", "yield", "_", "y2"]
NUMBERS = [0, 7, -3, 10**20, 0.5, -1e-05, 2.5e30, float("inf"), float("-inf"), True, False]
STRINGS = ["", "f32", "it's", 'a "b"', "a\\b", "\\'", "ü\n#;", "end"]
BINARY = ["+", "-", "*", "/", "^", "<", ">=", "==", "!=", "&&", "||", "in"]
TYPES = ["tensor<scalar>", "integer[]", "tensor<>", "(string, tensor<?>)[]", "?"]
EXTENSIONS = ["tract_symbol S", "tract_assert S >= 2", "a 'b' \"c\""]


class RandomTree:
    """Trees that use every node of the grammar."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def several(self, make, least=0, most=3):
        return tuple(make() for _ in range(self.rng.randint(least, most)))

    def name(self):
        return self.rng.choice(WORDS)

    def expression(self, depth=4):
        def inner():
            return self.expression(depth - 1)

        if depth == 0 or self.rng.random() < 0.2:
            return self.rng.choice([Reference(self.name()), *NUMBERS, *STRINGS])
        generic = self.rng.choice([None, "scalar", "?", "integer"])
        loops = self.several(lambda: Loop((Reference(self.name()), inner()), True), 1)
        return self.rng.choice(
            [
                lambda: Call(self.name(), self.several(lambda: self.argument(inner)), generic),
                lambda: self.unary(inner()),
                lambda: Operator(self.rng.choice(BINARY), (inner(), inner())),
                lambda: Operator("if", (inner(), inner(), inner())),
                lambda: Operator("[]", (inner(), inner())),
                lambda: Operator("[:]", (inner(), inner(), self.rng.choice([inner(), "end"]))),
                lambda: Operator("for", (*loops, *self.several(inner, 0, 1), inner())),
                lambda: Several(self.several(inner), False),
                lambda: Several(self.several(inner, 2), True),
            ]
        )()

    def argument(self, inner):
        return self.rng.choice([None, self.name()]), inner()

    def unary(self, operand):
        symbol = self.rng.choice(["-x", "+x", "!x"])
        number = isinstance(operand, (int, float)) and not isinstance(operand, bool)
        if number and symbol != "!x":  # the reader makes the sign a part of the number
            return -operand if symbol == "-x" else operand
        return Operator(symbol, (operand,))

    def target(self, depth=2):
        if depth == 0 or self.rng.random() < 0.6:
            return Reference(self.name())
        return Several(self.several(lambda: self.target(depth - 1), 1), self.rng.random() < 0.5)

    def body(self):
        return self.several(lambda: Assignment(self.target(), self.expression()))

    def typed(self, *, default=False):
        value = self.expression() if default and self.rng.random() < 0.5 else None
        return Parameter(self.name(), self.rng.choice(TYPES), value)

    def fragment(self, name):
        inputs, outputs = self.several(lambda: self.typed(default=True)), self.several(self.typed)
        body = self.rng.choice([None, self.body()])
        return Block(name, inputs, outputs, body, self.rng.choice([None, "? = scalar"]))

    def document(self):
        fragments = {name: self.fragment(name) for name in self.rng.sample(WORDS, 2)}
        untyped = [self.several(lambda: Parameter(self.name())) for _ in range(2)]
        extensions = tuple(self.rng.sample(EXTENSIONS, self.rng.randint(0, 3)))
        return Document("1.0", extensions, fragments, Block("network", *untyped, self.body()))


def test_any_tree_is_read_back():
    for seed in range(400):
        document = RandomTree(seed).document()
        text = write(document)
        assert parse(text) == document, f"seed {seed}: {text}"
        assert write(parse(text), anew=True) == text


def of_exports(*folders):
    return [nnef.load(path).text for folder in folders for path in folder.glob("*.tgz")]


def test_exports_are_read_back(silero, convolutions):
    texts = [TEXT, *of_exports(silero, convolutions)]
    assert len(texts) == 5
    for text in texts:
        document = parse(text)
        assert write(document) == text
        assert parse(write(document, anew=True)) == document


COMMENTED = """\
# before
version 1.0;  extension tract_symbol S; # of the head

fragment f( x : tensor<scalar> ) -> ( y: tensor<scalar> )
{ # of the fragment
    y = x*2.0 ;  # of y
}
fragment f( x : tensor<scalar> ) -> ( y: tensor<scalar> );

graph network(x)->(y)
{
    x = external<scalar>(shape=[1,S]);
    # why
    y =  f( x );
}
# after"""


def test_what_a_pass_leaves_alone_stays_as_it_was():
    archive = Archive({"graph.nnef": COMMENTED.encode()})
    assert archive.with_document(archive.document) is archive
    more = archive.with_extensions(["tract_symbol S", "tract_assert S >= 2"])
    assert more.text == COMMENTED.replace("S; #", "S;\nextension tract_assert S >= 2; #")
    graph = archive.document.graph.with_outputs(["x"])
    cut = archive.with_document(archive.document.with_graph(graph))
    assert cut.text == COMMENTED.replace("\n\ngraph network(x)->(y)", "\ngraph network(x) -> (x)")
    assert cut.graph.outputs == ("x",)
    assert [it.line for it in archive.graph.operations] == [12, 14]


def test_a_tree_too_deep_to_write_is_refused():
    deep = Reference("x")
    for _ in range(100_000):
        deep = Operator("-x", (deep,))
    body = (Assignment(Reference("y"), deep),)
    document = Document("1.0", (), {}, Block("g", (Parameter("x"),), (Parameter("y"),), body))
    with pytest.raises(NnefSyntaxError):
        write(document)
