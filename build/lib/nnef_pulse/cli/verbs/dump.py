"""`nnef-pulse dump`: show what a model is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnef_pulse.cli import options
from nnef_pulse.cli.parameters import Json, print_json


def dump(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL|BUNDLE", help="A file or a bundle's folder.")
    ],
    fixed: Annotated[
        list[str], typer.Option("--set", metavar="SYM=N", help="Fix before optimising: B=1.")
    ] = [],  # noqa: B006
    at_run: Annotated[
        list[str], typer.Option("--run-set", metavar="SYM=N", help="Give at run time: S=16.")
    ] = [],  # noqa: B006
    profile: Annotated[bool, typer.Option("--profile", help="Say where the time goes.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a model is, at chosen sizes, and where its time goes."""
    from nnef_pulse.bundle.dump import dump as dumped
    from nnef_pulse.bundle.model_or_bundle import read
    from nnef_pulse.cli import text as printed

    described = dumped(
        read(model),
        fixed=dict(options.sizes("--set", fixed)),
        at_run=dict(options.sizes("--run-set", at_run)),
        profile=profile,
    )
    if as_json:
        print_json(described)
        return
    typer.echo("\n".join(printed.dump(described)))
