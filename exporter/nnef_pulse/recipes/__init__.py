"""Recipes: models this package knows how to build, train where needed, and export.

This module knows them by name alone; a recipe's own module is imported when it is made.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnef_pulse.errors import SourceError, UsageError
from nnef_pulse.extras import missing_extra

if TYPE_CHECKING:
    import torch

    from nnef_pulse.prove.comparison import Peer


@dataclass(frozen=True)
class Recipe:
    """A recipe as `nnef-pulse recipes` lists it."""

    name: str
    title: str
    kind: str
    """What a page can do with it: vad, sound, strip, image, text."""
    module: str
    options: Mapping[str, str] = field(default_factory=dict)
    """`--with` keys and what they mean, default first."""
    on_site: bool = True
    """Whether the site is built with its bundle: no page shows the others."""

    def spec(self, options: Mapping[str, str]) -> ExportSpec:
        """Build the model, training it if need be.

        Raises:
            UsageError: an option is unknown or has a value it cannot have.
            MissingExtraError: a package of the `recipes` extra is not installed.
        """
        unknown = sorted(set(options) - set(self.options))
        if unknown:
            known = ", ".join(self.options) or "none"
            raise UsageError(f"{self.name} has no option {unknown[0]!r}; it has: {known}")
        try:
            module = importlib.import_module(f"nnef_pulse.recipes.{self.module}")
        except ModuleNotFoundError as error:
            raise missing_extra(error) from error
        spec: ExportSpec = module.spec(options)
        return spec


@dataclass(frozen=True)
class ExportSpec:
    """What a recipe hands to `export_bundle`, argument by argument."""

    model: torch.nn.Module
    inputs: Mapping[str, torch.Tensor]
    axes: Mapping[str, Mapping[int, str]]
    asserts: Sequence[str] = ()
    modes: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    pulses: Mapping[str, int | Sequence[int]] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[str] = ()
    peers: Sequence[Peer] = ()
    held_out: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """Data the weights never saw, items along the first axis: by input's name, and `expected`."""


RECIPES = (
    Recipe(
        "silero-vad",
        "Silero VAD: is somebody speaking?",
        "vad",
        "silero_vad",
        {"rate": "16000 or 8000, the sample rate in Hz"},
    ),
    Recipe(
        "marblenet-vad",
        "MarbleNet VAD, taught by Silero: it looks ahead, so it is late",
        "vad",
        "marblenet_vad",
    ),
    Recipe(
        "deepfilternet3",
        "DeepFilterNet3: speech without the noise around it",
        "sound",
        "deepfilternet3",
        on_site=False,
    ),
    Recipe(
        "custom-deepspeech",
        "CustomDeepSpeech: events in a mel strip",
        "strip",
        "custom_deepspeech",
    ),
    Recipe(
        "vit",
        "ViT-B/16: a batch of images",
        "image",
        "vit",
        {"weights": "a file with torchvision's state dict; untrained without"},
        on_site=False,
    ),
    Recipe("digits-vit", "Digits ViT: which digit is it?", "image", "digits_vit"),
    Recipe(
        "albert",
        "ALBERT: two symbols flow to the output",
        "text",
        "albert",
        {"weights": "a folder or a hub's name; small and untrained without"},
    ),
    Recipe(
        "kv-cache-lm",
        "A transformer that adds, with its cache outside",
        "text",
        "kv_cache_lm",
    ),
)


def find(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        SourceError: there is none.
    """
    for recipe in RECIPES:
        if recipe.name == name:
            return recipe
    known = ", ".join(recipe.name for recipe in RECIPES)
    raise SourceError(f"{name!r} is no recipe; the recipes are: {known}")
