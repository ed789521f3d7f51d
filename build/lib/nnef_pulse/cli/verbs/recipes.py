"""`nnef-pulse recipes`: list the recipes."""

from __future__ import annotations

import typer

from nnef_pulse.cli.parameters import Json, print_json


def recipes(as_json: Json = False) -> None:
    """List the recipes and their options."""
    from nnef_pulse.recipes import RECIPES

    if as_json:
        print_json(
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
