"""Make a PyTorch or ONNX model stream, prove that it does, and read what came out.

`export_bundle` and `Bundle` are loaded when first asked for: the reader, `nnef_pulse.nnef`, works
without any of what they need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnef_pulse.bundle.export import export_bundle
    from nnef_pulse.bundle.files import Bundle

__all__ = ["Bundle", "__version__", "export_bundle"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    modules = {"export_bundle": "nnef_pulse.bundle.export", "Bundle": "nnef_pulse.bundle.files"}
    if name in modules:
        try:
            return getattr(import_module(modules[name]), name)
        except ModuleNotFoundError as error:
            from nnef_pulse.extras import missing_extra

            raise missing_extra(error) from error
    raise AttributeError(f"module 'nnef_pulse' has no attribute {name!r}")
