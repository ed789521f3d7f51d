"""The PyTorch frontend: a module and example inputs become a `Source`."""

from nnef_pulse.frontends.pytorch.source import source

__all__ = ["source"]
