"""Passes over a graph's tree; each leaves what a model computes as it was."""

from nnef_pulse.nnef.rewrite.portable import readable, writable
from nnef_pulse.nnef.rewrite.running import streamed_sums
from nnef_pulse.nnef.rewrite.speed import rewrite

__all__ = ["readable", "rewrite", "streamed_sums", "writable"]
