"""`nnef-pulse site`: write a static folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def site(
    bundles: Annotated[
        list[Path], typer.Argument(metavar="BUNDLE...", help="The bundles' folders.")
    ],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", help="Where to write; an earlier site there is replaced."),
    ],
) -> None:
    """Write a folder for any static host: inspect bundles, and run those with sound live."""
    from nnef_pulse.cli.site_pages import write_site

    write_site(bundles, out)
    typer.echo(f"{out}: copy it to any static host, or serve it: python -m http.server -d {out}")
