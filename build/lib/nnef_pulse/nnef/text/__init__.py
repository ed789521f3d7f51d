"""NNEF text: its tree, the parser and the writer."""

from nnef_pulse.nnef.text.parser import parse
from nnef_pulse.nnef.text.writer import write

__all__ = ["parse", "write"]
