"""The graph behind a graph.nnef: operations in order, each with what goes in and comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nnef_pulse.nnef.errors import NnefSyntaxError
from nnef_pulse.nnef.signatures import PARAMETERS
from nnef_pulse.nnef.text.parser import parse
from nnef_pulse.nnef.text.tree import (
    Assignment,
    Block,
    Call,
    Document,
    Expr,
    Operator,
    Reference,
    Several,
)

_STATED = ("external", "tract_core_external", "variable")
_DTYPES = {"scalar": "f32", "integer": "i64", "logical": "bool", "string": "string"}


class Symbolic(str):
    """A symbol or an expression over symbols in an attribute, such as `S` or `T+1`."""


class Wire(str):
    """The name of a tensor in an attribute, such as one size of a `reshape`."""


@dataclass(frozen=True)
class Operation:
    """One assignment.

    `inputs` names every tensor it reads; `attributes` holds every other argument, by its
    parameter's name where it is known, else by its position. `line` counts from 1.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    line: int = 0


@dataclass(frozen=True)
class Fragment:
    """An operator defined in the text itself."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Graph:
    """A graph.nnef, read."""

    name: str
    version: str
    extensions: tuple[str, ...]
    """As written, without `extension` and `;`."""
    properties: Mapping[str, Any]
    """tract's properties as plain values: `pulse.delay` is `[3]`."""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    operations: tuple[Operation, ...]
    fragments: Mapping[str, Fragment] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Graph:
        """Read the text of a graph.nnef.

        Raises:
            NnefSyntaxError: the text is not NNEF; says where and what was expected.
        """
        return cls.of(parse(text))

    @classmethod
    def of(cls, document: Document) -> Graph:
        """The graph of a syntax tree.

        Raises:
            NnefSyntaxError: its expressions nest too deeply.
        """
        try:
            return _graph(document)
        except RecursionError:
            deep = ("expressions that nest less deeply",)
            raise NnefSyntaxError(1, 1, "expressions nested too deep to read", deep) from None

    @property
    def symbols(self) -> tuple[str, ...]:
        """Declared by `tract_symbol`."""
        return tuple(rest for kind, rest in self._extensions if kind == "tract_symbol")

    @property
    def asserts(self) -> tuple[str, ...]:
        """Of `tract_assert`, those of no mode."""
        found = (rest for kind, rest in self._extensions if kind == "tract_assert")
        return tuple(rest for rest in found if ":" not in rest)

    @property
    def modes(self) -> dict[str, tuple[str, ...]]:
        """Mode name to its asserts."""
        modes: dict[str, tuple[str, ...]] = {}
        for kind, rest in self._extensions:
            if kind == "tract_assert" and ":" in rest:
                name, _, rule = rest.partition(":")
                modes[name.strip()] = (*modes.get(name.strip(), ()), rule.strip())
        return modes

    @property
    def facts(self) -> dict[str, tuple[tuple[int | str, ...], str]]:
        """Shape and dtype of every tensor the text states them for: inputs and variables."""
        stated = {}
        for it in self.operations:
            shape = it.attributes.get("shape")
            if it.op in _STATED and it.outputs and isinstance(shape, (list, tuple)):
                given = str(it.attributes.get("type", ""))
                dtype = it.attributes.get("datum_type") or _DTYPES.get(given, "f32")
                stated[it.outputs[0]] = (tuple(shape), str(dtype))
        return stated

    @cached_property
    def producers(self) -> dict[str, Operation]:
        """Tensor name to the operation that makes it."""
        return {name: it for it in self.operations for name in it.outputs}

    @property
    def _extensions(self) -> Iterator[tuple[str, str]]:
        for line in self.extensions:
            kind, _, rest = line.partition(" ")
            yield kind, rest


def _graph(document: Document) -> Graph:
    known = {name: block.inputs for name, block in document.fragments.items()}
    fragments = {
        name: Fragment(name, block.inputs, block.outputs, _Lower(block, known).operations())
        for name, block in document.fragments.items()
    }
    return Graph(
        name=document.graph.name,
        version=document.version,
        extensions=document.extensions,
        properties=_properties(document.fragments.get("tract_core_properties")),
        inputs=document.graph.inputs,
        outputs=document.graph.outputs,
        operations=_Lower(document.graph, known).operations(),
        fragments=fragments,
    )


class _Lower:
    """Turns a block's expressions into operations, nested ones into operations of their own."""

    def __init__(self, block: Block, known: Mapping[str, tuple[str, ...]]) -> None:
        self._block = block
        self._known = known
        self._tensors = {*block.inputs, *(it for a in block.body or () for it in a.targets)}
        self._done: list[Operation] = []
        self._line = 0
        self._target = ""

    def operations(self) -> tuple[Operation, ...]:
        for assignment in self._block.body or ():
            self._assign(assignment)
        return tuple(self._done)

    def _assign(self, it: Assignment) -> None:
        self._line, self._target = it.line, it.targets[0] if it.targets else ""
        value = it.value
        if isinstance(value, Call):
            self._call(value, it.targets)
        elif isinstance(value, Reference):
            self._add("copy", [value.name], it.targets, {})
        elif isinstance(value, Operator):
            self._operator(value, it.targets)
        else:
            inputs: list[str] = []
            plain = self._value(value, inputs)
            self._add("literal", inputs, it.targets, {"value": plain})

    def _add(
        self, op: str, inputs: list[str], outputs: tuple[str, ...], attributes: dict[str, Any]
    ) -> None:
        self._done.append(Operation(op, tuple(inputs), outputs, attributes, self._line))

    def _call(self, call: Call, targets: tuple[str, ...]) -> None:
        parameters = self._known.get(call.op) or PARAMETERS.get(call.op, ())
        inputs: list[str] = []
        attributes: dict[str, Any] = {"type": call.generic} if call.generic else {}
        for n, (name, expression) in enumerate(call.arguments):
            found: list[str] = []
            value = self._value(expression, found)
            inputs += found
            if name is None and _only_wires(value):
                continue
            spelt = name or (parameters[n] if n < len(parameters) else str(n))
            attributes[spelt] = value
        self._add(call.op, inputs, targets, attributes)

    def _operator(self, it: Operator, targets: tuple[str, ...]) -> None:
        inputs: list[str] = []
        operands = [self._value(operand, inputs) for operand in it.operands]
        plain = {str(n): value for n, value in enumerate(operands) if not _only_wires(value)}
        self._add(it.symbol, inputs, targets, plain)

    def _value(self, it: Expr, inputs: list[str]) -> Any:
        if isinstance(it, Reference):
            if it.name not in self._tensors:
                return Symbolic(it.name)
            inputs.append(it.name)
            return Wire(it.name)
        if isinstance(it, Several):
            items = [self._value(item, inputs) for item in it.items]
            return tuple(items) if it.fixed else items
        if isinstance(it, (Call, Operator)):
            if isinstance(it, Operator) and not self._reads_tensor(it):
                return Symbolic(_written(it))
            target = f"{self._target}#{len(self._done)}"
            line, outer = self._line, self._target
            if isinstance(it, Call):
                self._call(it, (target,))
            else:
                self._operator(it, (target,))
            self._line, self._target = line, outer
            inputs.append(target)
            return Wire(target)
        return it

    def _reads_tensor(self, it: Expr) -> bool:
        stack: list[Expr] = [it]
        while stack:
            top = stack.pop()
            if isinstance(top, Call) or (isinstance(top, Reference) and top.name in self._tensors):
                return True
            if isinstance(top, Operator):
                stack += top.operands
            if isinstance(top, Several):
                stack += top.items
        return False


def _only_wires(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, Wire) for item in value)
    return isinstance(value, Wire)


def _written(it: Expr) -> str:
    if isinstance(it, Reference):
        return it.name
    if isinstance(it, Several):
        inside = ",".join(_written(item) for item in it.items)
        return f"({inside})" if it.fixed else f"[{inside}]"
    if isinstance(it, Operator):
        operands = [_written(operand) for operand in it.operands]
        if len(operands) == 2:
            return f"({operands[0]}{it.symbol}{operands[1]})"
        return f"{it.symbol.rstrip('x')}({','.join(operands)})"
    return str(it)


def _properties(block: Block | None) -> dict[str, Any]:
    if block is None:
        return {}
    return {
        key: value
        for assignment in block.body or ()
        if isinstance(assignment.value, Several)
        for pair in assignment.value.items
        if isinstance(pair, Several) and len(pair.items) == 2
        for key, value in [(_plain(pair.items[0]), _plain(pair.items[1]))]
        if isinstance(key, str)
    }


def _plain(it: Expr) -> Any:
    if isinstance(it, Call) and it.arguments:
        return _plain(it.arguments[0][1])
    if isinstance(it, Several):
        return [_plain(item) for item in it.items]
    return _written(it) if isinstance(it, (Reference, Operator, Call)) else it
