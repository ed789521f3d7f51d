"""`nnef-pulse verify`: check a bundle again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnef_pulse.cli.parameters import Json, print_json
from nnef_pulse.cli.progress import shown


def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.")], as_json: Json = False
) -> None:
    """Check every claim of a bundle's manifest again, from its files."""
    from nnef_pulse.bundle.verify import verify as verified
    from nnef_pulse.errors import VerificationError

    try:
        with shown():
            checked = verified(bundle)
    except VerificationError as error:
        if as_json:
            print_json({"holds": False, "problems": list(error.problems)})
        raise
    if as_json:
        print_json({"holds": True, "checked": checked})
        return
    typer.echo(f"{bundle}: all {checked} claims hold")
