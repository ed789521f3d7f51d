"""Why a model cannot be streamed: the operation at fault, its place and its cause."""
