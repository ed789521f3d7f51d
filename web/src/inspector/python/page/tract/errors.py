"""Errors, and the way to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyodide.ffi import JsException


class TractError(Exception):
    """All the engine refuses."""


@contextmanager
def raising() -> Iterator[None]:
    """What the engine throws, as Python knows it: the whole chain of causes in one message."""
    try:
        yield
    except JsException as error:
        causes = [str(it) for it in getattr(error, "causes", None) or []]
        raise TractError("\n".join([str(error.message), *causes])) from None


def engine() -> Any:
    """The engine, which the page loads before it runs what imports this package."""
    import nnef_page_engine

    return nnef_page_engine.tract
