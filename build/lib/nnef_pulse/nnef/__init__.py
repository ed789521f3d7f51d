"""Reads NNEF archives with the standard library and lark alone, so that it runs in Pyodide too.

`load(path_or_bytes)` gives an archive with `graph` (extensions, properties, inputs, outputs,
operations) and `tensors` (name to shape, dtype, values()).
"""

from nnef_pulse.nnef.archive import Archive, load
from nnef_pulse.nnef.diff import Difference, difference
from nnef_pulse.nnef.errors import NnefError, NnefFormatError, NnefSyntaxError
from nnef_pulse.nnef.graph import Fragment, Graph, Operation, Symbolic, Wire
from nnef_pulse.nnef.tensors import Tensor

__all__ = [
    "Archive",
    "Difference",
    "Fragment",
    "Graph",
    "NnefError",
    "NnefFormatError",
    "NnefSyntaxError",
    "Operation",
    "Symbolic",
    "Tensor",
    "Wire",
    "difference",
    "load",
]
