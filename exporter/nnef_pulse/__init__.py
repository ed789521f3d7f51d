"""Make a PyTorch or ONNX model stream, prove that it does, and read what came out.

`export_bundle` and `Bundle` are loaded when first asked for: the reader, `nnef_pulse.nnef`, works
without any of what they need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnef_pulse.bundle.export import export_bundle
    from nnef_pulse.bundle.files import Bundle

__all__ = ["Bundle", "__version__", "export_bundle"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "export_bundle":
        from nnef_pulse.bundle.export import export_bundle

        return export_bundle
    if name == "Bundle":
        from nnef_pulse.bundle.files import Bundle

        return Bundle
    raise AttributeError(f"module 'nnef_pulse' has no attribute {name!r}")
