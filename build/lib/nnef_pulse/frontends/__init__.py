"""From a model of some framework to symbolic NNEF: PyTorch, ONNX, NeMo."""
