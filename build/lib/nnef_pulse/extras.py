"""Which extra of the distribution brings a package that is not installed."""

from __future__ import annotations

from nnef_pulse.errors import MissingExtraError

# By the name a package is imported by; the largest extra that needs it comes last.
_PACKAGES = {
    "cli": ("jsonschema", "numpy", "rich", "safetensors", "tomli", "tract", "typer"),
    "sound": ("scipy",),
    "export": ("google", "onnx", "onnxruntime", "torch", "torch_to_nnef", "yaml"),
    "recipes": ("espeakng_loader", "silero_vad", "sklearn", "torchvision", "transformers"),
}


def missing_extra(error: ModuleNotFoundError) -> MissingExtraError:
    """The error that says how to get what an import did not find."""
    package = (error.name or "").partition(".")[0]
    extra = next((extra for extra, names in _PACKAGES.items() if package in names), None)
    # A model's own source may import what is no part of any extra.
    how = f"pip install 'nnef-pulse[{extra}]'" if extra else "install it beside nnef-pulse"
    return MissingExtraError(f"{package} is not installed: {how}")
