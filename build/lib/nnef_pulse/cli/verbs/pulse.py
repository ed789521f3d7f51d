"""`nnef-pulse pulse`: pulse one model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnef_pulse.cli import options
from nnef_pulse.cli.parameters import Out
from nnef_pulse.cli.progress import shown


def pulse(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL.nnef.tgz", help="A model with an open symbol.")
    ],
    size: Annotated[str, typer.Argument(metavar="SYM=N", help="Symbol and frames per pulse: S=8.")],
    out: Out,
) -> None:
    """Pulse a model, check that the stream equals the whole, and write it."""
    from nnef_pulse.bundle.pulse_file import pulse_file

    ((symbol, frames),) = options.sizes("", [size])
    with shown():
        facts = pulse_file(model, symbol, frames, out)
    typer.echo(f"{out}: delay {facts.delay}, axes {facts.input_axes} to {facts.output_axes}")
