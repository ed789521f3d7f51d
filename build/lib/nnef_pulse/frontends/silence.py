"""Keeps other libraries' warnings and chatter away while they work for us."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

_CHATTY = (
    "torch_to_nnef",
    "torch.onnx",
    "onnxscript",
    "transformers",
    "huggingface_hub",
    "py.warnings",
)


@contextlib.contextmanager
def silence_output() -> Iterator[None]:
    """Silence warnings, prints and the loggers of the libraries below us, then restore them."""
    levels = {name: logging.getLogger(name).level for name in _CHATTY}
    with warnings.catch_warnings(), Path(os.devnull).open("w") as nowhere:
        warnings.simplefilter("ignore")
        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            with contextlib.redirect_stdout(nowhere):
                yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)
            sys.stdout.flush()
