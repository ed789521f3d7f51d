"""The command line: each command parses, calls one function of the package, and prints."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from nnef_pulse import __version__
from nnef_pulse.cli import options
from nnef_pulse.cli.progress import shown
from nnef_pulse.errors import NnefPulseError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Make a PyTorch or ONNX model stream, check it, and read what came out.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="Where to write.")]


# What only the extra `recipes` brings; other packages that are missing come with `export`.
_RECIPE_PACKAGES = (
    "espeakng_loader",
    "scipy",
    "silero_vad",
    "sklearn",
    "torchvision",
    "transformers",
)


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code: 0 done, 1 refused or a check failed, 2 misuse."""
    debug = "--debug" in arguments
    rest = [it for it in arguments if it != "--debug"]
    try:
        code = app(rest, prog_name="nnef-pulse", standalone_mode=False)
    except NnefPulseError as error:
        return _failed(str(error), error.exit_code, debug)
    except (KeyboardInterrupt, typer.Abort):
        return _failed("interrupted", 130, debug)
    except typer.Exit as exit_:
        return exit_.exit_code
    except TyperException as error:
        return _failed(error.format_message(), 2, debug)
    except ModuleNotFoundError as error:
        extra = "recipes" if error.name in _RECIPE_PACKAGES else "export"
        reason = f"{error.name} is not installed: pip install 'nnef-pulse[{extra}]'"
        return _failed(reason, 2, debug)
    except Exception as error:
        reason = " ".join(str(error).split())
        return _failed(
            f"unexpected {type(error).__name__}: {reason} (--debug shows the trace)", 1, debug
        )
    return code if isinstance(code, int) else 0


def _failed(message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    if message:
        sys.stderr.write(f"nnef-pulse: {' '.join(message.split())}\n")
    return code


@app.callback(invoke_without_command=True)
def _root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Add the trace to an error; goes anywhere.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"nnef-pulse {__version__}")
        raise typer.Exit
    del debug  # read from the arguments by run, so that it goes anywhere


@app.command()
def recipes(as_json: Json = False) -> None:
    """List the recipes and their options."""
    from nnef_pulse.recipes import RECIPES

    if as_json:
        _print_json(
            [
                {
                    "name": it.name,
                    "title": it.title,
                    "kind": it.kind,
                    "options": dict(it.options),
                    "onSite": it.on_site,
                }
                for it in RECIPES
            ]
        )
        return
    width = max(len(it.name) for it in RECIPES)
    for it in RECIPES:
        typer.echo(f"{it.name:<{width}}  {it.title}")
        for key, meaning in it.options.items():
            typer.echo(f"{'':<{width}}    --with {key}=…  {meaning}")


@app.command()
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
    asserts: Annotated[list[str], typer.Option("--assert", metavar="EXPR")] = [],  # noqa: B006
    mode: Annotated[list[str], typer.Option("--mode", metavar="NAME:EXPR")] = [],  # noqa: B006
    pulse: Annotated[list[str], typer.Option("--pulse", metavar="SYM=N")] = [],  # noqa: B006
    settings: Annotated[list[str], typer.Option("--with", metavar="KEY=VALUE")] = [],  # noqa: B006
    card: Annotated[Path | None, typer.Option("--card", metavar="FILE.toml")] = None,
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
        typer.Option(help="Keep what explains a failed proof here; also kept when none fails."),
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
        _print_json(dict(bundle.manifest))
        return
    for entry in bundle.manifest["pulses"]:
        delays = [f"{it['name']} {it['delay']}" for it in entry["outputs"]]
        several = f" ({', '.join(delays)})" if len(delays) > 1 else ""
        typer.echo(f"{entry['file']}: delay {entry['delay']}{several}")
    worst = max(proof["largestError"] for proof in bundle.manifest["verified"])
    typer.echo(f"{out}: checked {len(bundle.manifest['verified'])} times, within {worst:.0e}")


@app.command()
def pulse(
    model: Annotated[Path, typer.Argument(metavar="MODEL.nnef.tgz")],
    size: Annotated[str, typer.Argument(metavar="SYM=N")],
    out: Out,
) -> None:
    """Pulse a model, check that the stream equals the whole, and write it."""
    from nnef_pulse.bundle.pulse_file import pulse_file

    ((symbol, frames),) = options.sizes("", [size])
    with shown():
        facts = pulse_file(model, symbol, frames, out)
    typer.echo(f"{out}: delay {facts.delay}, axes {facts.input_axes} to {facts.output_axes}")


@app.command()
def verify(bundle: Path, as_json: Json = False) -> None:
    """Check every claim of a bundle's manifest again, from its files."""
    from nnef_pulse.bundle.verify import verify as verified
    from nnef_pulse.errors import VerificationError

    try:
        with shown():
            checked = verified(bundle)
    except VerificationError as error:
        if as_json:
            _print_json({"holds": False, "problems": list(error.problems)})
        raise
    if as_json:
        _print_json({"holds": True, "checked": checked})
        return
    typer.echo(f"{bundle}: all {checked} claims hold")


@app.command()
def dump(
    model: Annotated[Path, typer.Argument(metavar="MODEL|BUNDLE")],
    fixed: Annotated[
        list[str], typer.Option("--set", metavar="SYM=N", help="Fix before optimising.")
    ] = [],  # noqa: B006
    at_run: Annotated[
        list[str], typer.Option("--run-set", metavar="SYM=N", help="Give at run time.")
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
        _print_json(described)
        return
    typer.echo("\n".join(printed.dump(described)))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A")],
    after: Annotated[Path, typer.Argument(metavar="B")],
    as_json: Json = False,
) -> int:
    """Show what pulsing, or anything else, changed: exit code 1 when something did."""
    from nnef_pulse.bundle.compare import compare
    from nnef_pulse.bundle.model_or_bundle import read
    from nnef_pulse.cli import text as printed

    found = compare(read(before).model, read(after).model)
    if as_json:
        _print_json(printed.plain(found))
    else:
        typer.echo("\n".join(printed.difference(found)) or "no difference")
    return 1 if found else 0


@app.command("run")
def run_files(
    bundle: Annotated[Path, typer.Argument(help="The bundle's folder.")],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="WAV files, or tensors: .safetensors or .npz."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Folder for the outputs of tensors, as .safetensors."),
    ] = None,
    as_json: Json = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print file,start,end in seconds, a line per segment.")
    ] = False,
) -> None:
    """Run a bundle on files: speech segments of sounds, outputs of tensors."""
    from nnef_pulse.cli.run import run as run_on

    run_on(bundle, files, out, as_json=as_json, as_csv=as_csv)


@app.command()
def view(
    bundle: Path,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to serve; 0 for any free port.")
    ] = 0,
) -> None:
    """Serve the built inspector with a bundle open; reload it when the bundle changes."""
    from nnef_pulse.cli.view_server import serve

    serve(bundle, port, lambda address: typer.echo(f"{address}  (stop with Ctrl+C)"))


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
