"""The syntax tree of a graph.nnef.

A node that was parsed keeps its own text, with the white space and comments before it, so that
what a pass leaves alone is written back as it stood. That text takes no part in comparisons; the
methods that change a node drop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias


@dataclass(frozen=True)
class Reference:
    """A name in an expression: a tensor's or a symbol's."""

    name: str


@dataclass(frozen=True)
class Call:
    """An invocation: operator, then arguments with the names they were given, None by position."""

    op: str
    arguments: tuple[tuple[str | None, Expr], ...]
    generic: str | None = None
    """The type between angle brackets, as in `variable<integer>(…)`."""


@dataclass(frozen=True)
class Operator:
    """A unary, binary, subscript, choice or comprehension expression, by its symbol.

    Unary symbols end in `x`: `-x`. The others are `[]`, `[:]`, `if`, `for` and NNEF's own.
    """

    symbol: str
    operands: tuple[Expr, ...]


@dataclass(frozen=True)
class Several:
    """An array `[…]` or, when `fixed`, a tuple `(…)`."""

    items: tuple[Expr, ...]
    fixed: bool


@dataclass(frozen=True)
class Loop(Several):
    """`name in values` of a comprehension."""


Expr: TypeAlias = Reference | Call | Operator | Several | int | float | str | bool


@dataclass(frozen=True)
class Assignment:
    """`target = value;` and the line it starts on."""

    target: Expr
    """A reference, or arrays and tuples of references."""
    value: Expr
    line: int = field(default=0, compare=False)
    source: str | None = field(default=None, compare=False, repr=False)

    @property
    def targets(self) -> tuple[str, ...]:
        """Every name it gives a value to."""
        return tuple(names(self.target))


@dataclass(frozen=True)
class Parameter:
    """A parameter or result of a fragment; of the graph's, the name alone."""

    name: str
    type: str = ""
    default: Expr | None = None


@dataclass(frozen=True)
class Block:
    """A fragment or the graph."""

    name: str
    parameters: tuple[Parameter, ...]
    results: tuple[Parameter, ...]
    body: tuple[Assignment, ...] | None
    """None for a fragment that is declared alone."""
    generic: str | None = None
    opening: str | None = field(default=None, compare=False, repr=False)
    closing: str | None = field(default=None, compare=False, repr=False)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the results."""
        return tuple(parameter.name for parameter in self.results)

    def with_body(self, body: Iterable[Assignment]) -> Block:
        """The same declaration with another body."""
        return replace(self, body=tuple(body))

    def with_outputs(self, outputs: Iterable[str]) -> Block:
        """The same body with other results, which have no types: for the graph."""
        return replace(self, results=tuple(map(Parameter, outputs)), opening=None)


@dataclass(frozen=True)
class Document:
    """A whole graph.nnef."""

    version: str
    extensions: tuple[str, ...]
    """As written, without `extension` and `;`."""
    fragments: dict[str, Block]
    graph: Block
    head: str | None = field(default=None, compare=False, repr=False)
    tail: str = field(default="", compare=False, repr=False)

    def with_extensions(self, lines: Iterable[str]) -> Document:
        """Add extensions that are not there yet, after those that are."""
        new = tuple(line for line in dict.fromkeys(lines) if line not in self.extensions)
        if not new:
            return self
        head = self.head and "\n".join([self.head, *(f"extension {line};" for line in new)])
        return replace(self, extensions=(*self.extensions, *new), head=head)

    def with_graph(self, graph: Block) -> Document:
        """The same with another graph."""
        return replace(self, graph=graph)

    def with_fragment(self, fragment: Block) -> Document:
        """The same with a fragment replaced or added."""
        return replace(self, fragments={**self.fragments, fragment.name: fragment})

    def without_fragment(self, name: str) -> Document:
        """The same without a fragment, or as it is where it has none of that name."""
        kept = {key: fragment for key, fragment in self.fragments.items() if key != name}
        return replace(self, fragments=kept)


def children(expression: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside one."""
    if isinstance(expression, Call):
        return tuple(value for _, value in expression.arguments)
    if isinstance(expression, Operator):
        return expression.operands
    return expression.items if isinstance(expression, Several) else ()


def within(expression: Expr) -> Iterator[Expr]:
    """An expression and all inside it, without recursion: texts may nest deeply."""
    stack = [expression]
    while stack:
        top = stack.pop()
        yield top
        stack += reversed(children(top))


def with_children(expression: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The same expression with each one directly inside it changed."""
    if isinstance(expression, Call):
        arguments = tuple((name, change(value)) for name, value in expression.arguments)
        return replace(expression, arguments=arguments)
    if isinstance(expression, Operator):
        return replace(expression, operands=tuple(map(change, expression.operands)))
    if isinstance(expression, Several):
        return replace(expression, items=tuple(map(change, expression.items)))
    return expression


def names(expression: Expr) -> Iterator[str]:
    """Every name an expression refers to, in order, once per mention."""
    return (node.name for node in within(expression) if isinstance(node, Reference))
