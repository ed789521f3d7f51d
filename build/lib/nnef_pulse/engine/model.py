"""A model and what can be made of it, through the process that runs tract.

Of all this, `Model.prepared` alone runs tract in the calling process.

Arrays go in and come out as numpy arrays, in the order of the model's inputs and outputs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version

from nnef_pulse import nnef
from nnef_pulse.engine import native
from nnef_pulse.engine.facts import Array, Description, Port, Streaming, zeros_like
from nnef_pulse.engine.native import Runnable
from nnef_pulse.engine.process import run_isolated

__all__ = ["VERSION", "Array", "Model", "Port", "Runnable", "Streaming", "imported", "zeros_like"]

VERSION = version("tract")

# Loading, pulsing and writing take seconds even for large models.
_LOADING_SECONDS = 60.0


class Model:
    """A typed model, kept as the bytes it came from: each transformation starts afresh.

    tract transforms models in place and loses them on failure; this way none is ever half done.

    Raises:
        EngineError: tract cannot load it.
        NnefError: it is not an archive, or its text has no graph.
    """

    def __init__(self, archive: bytes, description: Description | None = None) -> None:
        self.archive = archive
        self._description = description or run_isolated(
            native.describe, archive, deadline=_LOADING_SECONDS
        )

    @property
    def inputs(self) -> tuple[Port, ...]:
        """In the order of the text's header."""
        return self._description.inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """In the order of the text's header."""
        return self._description.outputs

    @property
    def streaming(self) -> Streaming | None:
        """Delay and axes, when the model is pulsed."""
        return self._description.streaming

    @cached_property
    def text(self) -> nnef.Archive:
        """The archive as the reader sees it."""
        return nnef.load(self.archive)

    @property
    def _readable(self) -> bytes:
        return self._description.readable or self.archive

    def __reduce__(self) -> tuple[type[Model], tuple[bytes, Description]]:
        return Model, (self.archive, self._description)

    def prepared(self, sizes: Mapping[str, int] | None = None) -> Runnable:
        """Optimise and make ready in this process, with `sizes` fixed beforehand.

        A model that is not checked can end the process: call functions that use this through
        `run_isolated`.

        Raises:
            EngineError: tract cannot prepare it.
        """
        return native.prepare(self._readable, sizes)

    def pulsed(self, symbol: str, pulse: int) -> Model:
        """The pulsed form, written back to an archive of the engine's own text.

        Raises:
            EngineError: tract cannot pulse it, or cannot write what came out.
        """
        return Model(
            *run_isolated(native.pulse, self._readable, symbol, pulse, deadline=_LOADING_SECONDS)
        )

    def rewritten(self) -> Model:
        """The same model in the engine's own text, with nothing else changed.

        Raises:
            EngineError: tract has no way to write one of its operators.
        """
        return Model(*run_isolated(native.rewrite, self._readable, deadline=_LOADING_SECONDS))


def imported(onnx: bytes, facts: Sequence[str]) -> bytes:
    """An ONNX model as an NNEF archive of the engine's own text.

    Args:
        onnx: the serialised model, weights inside.
        facts: of each input, such as `B,S,64,f32`.

    Raises:
        EngineError: tract cannot read it, or has no way to write one of its operators.
    """
    archive, _ = run_isolated(native.import_onnx, onnx, facts, deadline=_LOADING_SECONDS)
    return archive
