"""The console entry point: standard library alone, so that a base install says what is missing."""

from __future__ import annotations

import importlib.util
import sys

_NEEDED = ("typer", "rich", "numpy", "jsonschema", "safetensors", "tract")


def main() -> None:
    """Run the command line, or say in one line how to get it (exit code 2)."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"nnef-pulse: {', '.join(missing)} not installed: this is the reader alone; "
            "for the command line: pip install 'nnef-pulse[cli]', or [export] to export models\n"
        )
        sys.exit(2)
    from nnef_pulse.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
