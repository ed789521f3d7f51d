"""The command line: each command parses, calls one function of the package, and prints."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from nnef_pulse import __version__
from nnef_pulse.cli.verbs import diff, dump, export, pulse, recipes, site, verify, view
from nnef_pulse.cli.verbs import run as run_verb
from nnef_pulse.errors import NnefPulseError
from nnef_pulse.extras import missing_extra

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Make a PyTorch or ONNX model stream, check it, and read what came out.",
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
        missing = missing_extra(error)
        return _failed(str(missing), missing.exit_code, debug)
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


for verb in (
    recipes.recipes,
    export.export,
    pulse.pulse,
    verify.verify,
    dump.dump,
    diff.diff,
    run_verb.run,
    view.view,
    site.site,
):
    app.command()(verb)
