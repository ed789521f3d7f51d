"""`nnef-pulse diff`: compare two models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnef_pulse.cli.parameters import Json, print_json


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A model or a bundle.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="What to compare A with.")],
    as_json: Json = False,
) -> int:
    """Show what pulsing, or anything else, changed: exit code 1 when something did."""
    from nnef_pulse.bundle.compare import compare
    from nnef_pulse.bundle.model_or_bundle import read
    from nnef_pulse.cli import text as printed

    found = compare(read(before).model, read(after).model)
    if as_json:
        print_json(printed.plain(found))
    else:
        typer.echo("\n".join(printed.difference(found)) or "no difference")
    return 1 if found else 0
