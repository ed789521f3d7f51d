"""The engine of this page under the names of PyPI's `tract`, so that a script runs on both.

Tensors come from whatever has a buffer (`memoryview`, `array`, `bytes`) and go out as memory views
of their shape: there is no numpy here.
"""

from __future__ import annotations

from tract.errors import TractError
from tract.facts import Dim, Fact
from tract.models import FrozenState, Model, Runnable, State
from tract.nnef import Nnef
from tract.tensors import DatumType, Tensor
from tract.transforms import Pulse, SetSymbols, TransformSpec

__all__ = [
    "DatumType",
    "Dim",
    "Fact",
    "FrozenState",
    "Model",
    "Nnef",
    "Pulse",
    "Runnable",
    "SetSymbols",
    "State",
    "Tensor",
    "TractError",
    "TransformSpec",
    "nnef",
    "onnx",
    "version",
]


def version() -> str:
    """The version of tract in this page."""
    from tract.errors import engine

    return str(engine().version.tract)


def nnef() -> Nnef:
    """A context to load and write NNEF models with."""
    return Nnef()


def onnx() -> None:
    """Not here: the page's engine reads NNEF alone.

    Raises:
        TractError: always.
    """
    raise TractError("this page's engine reads NNEF; make one of your ONNX file with nnef-pulse")
