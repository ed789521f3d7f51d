"""Make a PyTorch or ONNX model stream, prove that it does, and read what came out."""

__version__ = "0.1.0"
