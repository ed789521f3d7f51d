"""`nnef-pulse export`: make a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnef_pulse.cli import options
from nnef_pulse.cli.parameters import Json, Out, print_json
from nnef_pulse.cli.progress import shown


def export(
    source: Annotated[
        str, typer.Argument(help="A recipe, file.onnx, file.nemo or package.module:function.")
    ],
    out: Out,
    axis: Annotated[
        list[str],
        typer.Option(
            metavar="INPUT:AXIS=EXPR",
            help="Leave an axis open: melbank:1=S, or 1=4*S for a multiple.",
        ),
    ] = [],  # noqa: B006
    fix: Annotated[
        list[str],
        typer.Option(
            metavar="INPUT:AXIS=N|INPUT=VALUE",
            help="Fix a size, or a whole input, that shall not stay open: sr=16000.",
        ),
    ] = [],  # noqa: B006
    asserts: Annotated[
        list[str], typer.Option("--assert", metavar="EXPR", help="What sizes must hold: S>=13.")
    ] = [],  # noqa: B006
    mode: Annotated[
        list[str],
        typer.Option("--mode", metavar="NAME:EXPR", help="A named case of sizes: tg:S==1."),
    ] = [],  # noqa: B006
    pulse: Annotated[
        list[str],
        typer.Option("--pulse", metavar="SYM=N", help="Stream by N: S=8; may be repeated."),
    ] = [],  # noqa: B006
    settings: Annotated[
        list[str],
        typer.Option("--with", metavar="KEY=VALUE", help="An option of a recipe: rate=8000."),
    ] = [],  # noqa: B006
    card: Annotated[
        Path | None,
        typer.Option("--card", metavar="FILE.toml", help="Title, licence, sound: card.toml."),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            help="Largest error allowed, relative to each output's scale, in place of the limits "
            "of the model's dtype; for example 1e-3.",
        ),
    ] = None,
    debug_bundle: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep inputs, outputs and archives of the checks here: debug/."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a bundle, checked, or say why it cannot be."""
    from nnef_pulse.bundle.card import read_card
    from nnef_pulse.cli.sources import ExportOptions, export_source

    pulses: dict[str, list[int]] = {}
    for symbol, size in options.sizes("--pulse", pulse):
        pulses.setdefault(symbol, []).append(size)
    asked = ExportOptions(
        axes=options.axes(axis),
        fix=options.fixes(fix),
        asserts=asserts,
        modes=options.modes(mode),
        pulses=pulses,
        card=read_card(card) if card else {},
        tolerance=tolerance,
        settings=options.settings("--with", settings),
    )
    with shown():
        bundle = export_source(source, out, asked, debug_bundle)
    if as_json:
        print_json(dict(bundle.manifest))
        return
    for entry in bundle.manifest["pulses"]:
        delays = [f"{it['name']} {it['delay']}" for it in entry["outputs"]]
        several = f" ({', '.join(delays)})" if len(delays) > 1 else ""
        typer.echo(f"{entry['file']}: delay {entry['delay']}{several}")
    worst = max(proof["largestError"] for proof in bundle.manifest["verified"])
    typer.echo(f"{out}: checked {len(bundle.manifest['verified'])} times, within {worst:.0e}")
