"""`nnef-pulse run`: use a bundle natively."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnef_pulse.cli.parameters import Json


def run(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="WAV files, or tensors: .safetensors or .npz."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            help="Folder for made sounds (WAV) or outputs (.safetensors).",
        ),
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print file,start,end in seconds, a line per segment.")
    ] = False,
) -> None:
    """Run a bundle on files: speech segments of sounds, cleaned sounds, outputs of tensors."""
    from nnef_pulse.cli import run_files

    run_files.run(bundle, files, out, as_json=as_json, as_csv=as_csv)
