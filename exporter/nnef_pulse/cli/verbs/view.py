"""`nnef-pulse view`: serve the inspector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def view(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, help="Where to serve, such as 8080; 0 for any free port."),
    ] = 0,
) -> None:
    """Serve the inspector with a bundle open, and the model live; reload when it changes."""
    from nnef_pulse.cli.view_server import serve

    serve(bundle, port, lambda address: typer.echo(f"{address}  (stop with Ctrl+C)"))
