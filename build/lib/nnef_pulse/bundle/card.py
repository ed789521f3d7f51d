"""The card: what the files cannot say of a model, as a dict or as a TOML file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnef_pulse.errors import CardError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KEYS = ("title", "source", "licence", "quality", "audio", "defaults")


@dataclass(frozen=True)
class Card:
    """Manifest entries taken from a card, and the licence's text where it has one."""

    entries: Mapping[str, Any]
    licence_text: str | None


def read_card(path: Path) -> dict[str, Any]:
    """Read a TOML card; `licence.file` is relative to it and becomes `licence.text`.

    Raises:
        CardError: it cannot be read.
    """
    try:
        card = tomllib.loads(path.read_text())
        licence = card.get("licence")
        if isinstance(licence, dict) and "file" in licence:
            licence["text"] = (path.parent / licence.pop("file")).read_text()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CardError(f"{path} cannot be read as a card: {error}") from error
    return card


def checked(card: Mapping[str, Any], *, ident: str, described: str, framework: str) -> Card:
    """Fill a card's gaps and refuse what the contract does not know.

    Args:
        card: keys title, source {model, weights}, licence {name, holder, text}, quality, audio,
            defaults, as in bundle.schema.json.
        ident: the bundle's id, its title when the card gives none.
        described: what the model is when the card does not say.
        framework: what computed the reference tensors, with its version.

    Raises:
        CardError: an unknown key, or a value that is no table where one is needed.
    """
    unknown = sorted(set(card) - set(_KEYS))
    if unknown:
        raise CardError(f"the card has no key {unknown[0]!r}; it knows: {', '.join(_KEYS)}")
    licence = dict(_table(card, "licence"))
    text = licence.pop("text", None)
    source = {"model": described, "weights": "given by who exported it", **_table(card, "source")}
    entries: dict[str, Any] = {
        "title": card.get("title", ident),
        "source": {**source, "framework": framework},
        "licence": {"name": "unstated", **licence, **({"file": "LICENSE"} if text else {})},
    }
    entries |= {key: card[key] for key in ("quality", "audio", "defaults") if key in card}
    return Card(entries, text)


def _table(card: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = card.get(key, {})
    if not isinstance(value, Mapping):
        raise CardError(f"the card's {key} must be a table, not {type(value).__name__}")
    return value
