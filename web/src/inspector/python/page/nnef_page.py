"""What a cell of the inspector has at hand: what is open, and ways to show a result."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nnef_pulse import nnef

FOLDER = Path("/bundle")


@dataclass(frozen=True)
class Bundle:
    """What is open in the inspector; its files lie in `path`."""

    title: str
    file: str
    path: Path = FOLDER

    @property
    def files(self) -> list[str]:
        """Names of all files at hand."""
        return sorted(it.name for it in self.path.iterdir())

    @cached_property
    def archive(self) -> nnef.Archive:
        """The archive shown."""
        return nnef.load(self.path / self.file)

    @property
    def graph(self) -> nnef.Graph:
        """Its graph."""
        return self.archive.graph

    @property
    def tensors(self) -> Mapping[str, nnef.Tensor]:
        """Its weights by label."""
        return self.archive.tensors

    def load(self, file: str) -> nnef.Archive:
        """Another archive of the same bundle."""
        return nnef.load(self.path / file)


def diff(before: nnef.Archive | str, after: nnef.Archive | str) -> nnef.Difference:
    """What changed from one archive to another; a name is a file of the bundle."""
    a, b = (nnef.load(FOLDER / it) if isinstance(it, str) else it for it in (before, after))
    return nnef.difference(a, b)


@dataclass(frozen=True)
class Table:
    """Rows to be shown as a table."""

    rows: Sequence[Sequence[Any]]
    columns: Sequence[str] = ()


def table(rows: Iterable[Any], columns: Sequence[str] = ()) -> Table:
    """Shows rows: tuples, or dicts whose keys name the columns."""
    rows = list(rows)
    if rows and isinstance(rows[0], Mapping):
        columns = columns or list(rows[0])
        rows = [[it.get(name, "") for name in columns] for it in rows]
    return Table([list(it) if isinstance(it, (list, tuple)) else [it] for it in rows], columns)


@dataclass(frozen=True)
class Svg:
    """A drawing: the text of an SVG file."""

    text: str


def svg(text: str) -> Svg:
    """Shows a drawing."""
    return Svg(text)


class Colours:
    """The page's colours by what they mean, as its theme has them now."""

    ink = muted = panel = page = probability = speech = state = delay = symbol = fault = "#888"


colour = Colours()


def bars(values: Sequence[float], labels: Sequence[str] = (), *, title: str = "") -> Svg:
    """A chart of bars, one for each value."""
    most = max((abs(it) for it in values), default=0) or 1
    wide, high, foot = 560, 160, 24 if labels else 4
    step = wide / max(1, len(values))
    parts = [
        f'<rect x="{n * step:.1f}" y="{high - high * abs(it) / most:.1f}" '
        f'width="{max(0.5, step - 1):.1f}" height="{high * abs(it) / most:.1f}" '
        f'fill="{colour.probability}"/>'
        for n, it in enumerate(values)
    ]
    for n, label in enumerate(labels):
        at = wide * n / max(1, len(labels) - 1)
        anchor = "start" if n == 0 else "end" if n == len(labels) - 1 else "middle"
        parts.append(
            f'<text x="{at:.1f}" y="{high + 18}" text-anchor="{anchor}" '
            f'font-family="monospace" font-size="14" fill="{colour.muted}">'
            f"{html.escape(str(label))}</text>"
        )
    return Svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high + foot}" '
        f'width="{wide}" height="{high + foot}"><title>{html.escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def shown(value: Any) -> dict[str, Any] | None:
    """A result as the page can draw it: `text`, `table` or `svg`; None for nothing."""
    if value is None:
        return None
    if isinstance(value, Svg):
        return {"kind": "svg", "text": value.text}
    if isinstance(value, Table):
        rows = [[str(it) for it in row] for row in value.rows[:500]]
        return {"kind": "table", "columns": [str(it) for it in value.columns], "rows": rows}
    return {"kind": "text", "text": repr(value)}
