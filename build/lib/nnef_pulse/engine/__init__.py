"""tract: loading, pulsing and running models; the only room that imports its Python package."""
