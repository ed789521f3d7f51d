"""Shows the package's own log on a terminal as one changing line, and nothing in a pipe."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from rich.console import Console


class _Line(logging.Handler):
    def __init__(self, show: object) -> None:
        super().__init__(logging.INFO)
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        self._show.update(f"{record.getMessage()} …")  # type: ignore[attr-defined]


@contextlib.contextmanager
def shown() -> Iterator[None]:
    """While inside, each step the package logs is what the terminal's last line says."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    logger = logging.getLogger("nnef_pulse")
    level = logger.level
    with console.status("starting …") as status:
        handler = _Line(status)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
