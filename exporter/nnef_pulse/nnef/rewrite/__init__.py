"""Passes over a graph's tree; each leaves what a model computes as it was."""

from nnef_pulse.nnef.rewrite.nested import assigns_twice, unnested
from nnef_pulse.nnef.rewrite.portable import readable, writable
from nnef_pulse.nnef.rewrite.running import streamed_sums
from nnef_pulse.nnef.rewrite.speed import rewrite

__all__ = ["assigns_twice", "readable", "rewrite", "streamed_sums", "unnested", "writable"]
