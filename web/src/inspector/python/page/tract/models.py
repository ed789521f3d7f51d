"""Model, Runnable, State: transformed, prepared, run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pyodide.ffi import to_js

from tract.errors import TractError, raising
from tract.facts import Fact
from tract.tensors import DatumType, Tensor
from tract.transforms import TransformSpec


class _Ports:
    """Names and facts of inputs and outputs, and properties."""

    def __init__(self, js: Any) -> None:
        self._js = js

    def _valid(self) -> Any:
        if self._js is None:
            raise TractError("invalid: it was consumed by into_runnable")
        return self._js

    def _fact(self, port: Any) -> Fact:
        return Fact(str(port.dtype), [str(it) for it in port.shape])

    def input_count(self) -> int:
        return len(self._valid().inputs)

    def output_count(self) -> int:
        return len(self._valid().outputs)

    def input_fact(self, input_id: int) -> Fact:
        return self._fact(self._valid().inputs[input_id])

    def output_fact(self, output_id: int) -> Fact:
        return self._fact(self._valid().outputs[output_id])

    def input_facts(self) -> list[Fact]:
        return [self._fact(it) for it in self._valid().inputs]

    def output_facts(self) -> list[Fact]:
        return [self._fact(it) for it in self._valid().outputs]


def _property(properties: dict[str, Any], name: str) -> Tensor:
    if name not in properties:
        raise TractError(f"there is no property {name}")
    value = properties[name]
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(it, int) for it in items):
        raise TractError(f"the property {name} is text, not numbers")
    data = b"".join(it.to_bytes(8, "little", signed=True) for it in items)
    shape = (len(items),) if isinstance(value, list) else ()
    return Tensor(DatumType.I64, shape, data)


class Model(_Ports):
    """A model that can be transformed, in place."""

    def input_name(self, input_id: int) -> str:
        """The name of an input."""
        return str(self._valid().inputs[input_id].name)

    def output_name(self, output_id: int) -> str:
        """The name of an output."""
        return str(self._valid().outputs[output_id].name)

    def property_keys(self) -> list[str]:
        """Names of all properties."""
        return list(self._properties())

    def property(self, name: str) -> Tensor:
        """A property of whole numbers.

        Raises:
            TractError: there is none of this name, or it is text.
        """
        return _property(self._properties(), name)

    def _properties(self) -> dict[str, Any]:
        return dict(self._valid().properties.to_py())

    def transform(self, transform: str | TransformSpec) -> None:
        """Applies a transformation.

        Args:
            transform: a `TransformSpec`, or its JSON. Of tract's transformations the page has
                `pulse` and `set_symbols`.

        Raises:
            TractError: the model cannot be transformed so.
        """
        js = self._valid()
        text = transform.to_json() if isinstance(transform, TransformSpec) else transform
        try:
            spec = json.loads(text)
        except ValueError:
            spec = {"name": text}
        if spec.get("name") == "pulse":
            symbol = spec.get("symbol") or js.symbols[0]
            with raising():
                self._js = js.pulse(symbol, int(spec["pulse"]))
        elif spec.get("name") in ("set_symbols", "set-symbols"):
            values = {key: int(value) for key, value in spec["values"].items()}
            with raising():
                self._js = js.setSymbols(_object(values))
        else:
            raise TractError(f"the page's engine has no transformation {spec.get('name')}")

    def into_runnable(self) -> Runnable:
        """Prepares the model, which is used up by that."""
        js = self._valid()
        with raising():
            runnable = Runnable(js.prepare(), self._properties())
        self._js = None
        return runnable


class Runnable(_Ports):
    """A prepared model."""

    def __init__(self, js: Any, properties: dict[str, Any]) -> None:
        super().__init__(js)
        self._known = properties

    def property_keys(self) -> list[str]:
        """Names of all properties."""
        return list(self._known)

    def property(self, name: str) -> Tensor:
        """As `Model.property`."""
        return _property(self._known, name)

    def spawn_state(self) -> State:
        """A new, empty stream."""
        with raising():
            return State(self._valid().spawnState())

    def run(self, inputs: Sequence[Any]) -> list[Tensor]:
        """Runs once, remembering nothing."""
        return self.spawn_state().run(inputs)

    def profile_json(self, inputs: Sequence[Any]) -> str:
        """Milliseconds of each node, as JSON."""
        js = self._valid()
        with raising():
            profile = js.profile(_named(js, inputs)).to_py()
        return json.dumps(profile)


class State(_Ports):
    """One stream."""

    def run(self, inputs: Sequence[Any]) -> list[Tensor]:
        """Runs one pulse.

        Args:
            inputs: a tensor, or anything with a buffer, for each input in order.

        Raises:
            TractError: names, types or shapes do not fit, or the run failed.
        """
        js = self._valid()
        with raising():
            outputs = js.run(_named(js, inputs))
            return [_tensor(getattr(outputs, str(it.name))) for it in js.outputs]

    def freeze(self) -> FrozenState:
        """A picture of this moment."""
        with raising():
            return FrozenState(self._valid().clone())


class FrozenState:
    """A moment of a stream, which can be gone back to."""

    def __init__(self, js: Any) -> None:
        self._js = js

    def unfreeze(self) -> State:
        """A stream that goes on from here."""
        with raising():
            return State(self._js.clone())


def _object(items: dict[str, Any]) -> Any:
    from js import Object

    return to_js(items, dict_converter=Object.fromEntries)


def _named(js: Any, inputs: Sequence[Any]) -> Any:
    import nnef_page_engine

    names = [str(it.name) for it in js.inputs]
    if len(inputs) != len(names):
        raise TractError(f"{len(names)} inputs are needed, {len(inputs)} were given")
    given = {}
    for name, value in zip(names, inputs, strict=True):
        tensor = value if isinstance(value, Tensor) else Tensor.from_numpy(value)
        dtype, shape, data = tensor.parts
        given[name] = nnef_page_engine.tensor(dtype, to_js(list(shape)), to_js(data))
    return _object(given)


def _tensor(js: Any) -> Tensor:
    import nnef_page_engine

    data = nnef_page_engine.bytes(js).to_bytes()
    return Tensor(DatumType[str(js.dtype).upper()], tuple(int(it) for it in js.shape), data)
