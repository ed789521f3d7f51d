"""Trains a recipe's weights once per user and keeps them, keyed by all they were made from."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import safetensors
import safetensors.torch
import torch

from nnef_pulse.recipes.code_key import code_key

_log = logging.getLogger("nnef_pulse")


@dataclass(frozen=True)
class Trained:
    """Weights and how good they are on data they never saw."""

    state: dict[str, torch.Tensor]
    figure: float


def trained(name: str, train: Callable[[], Trained], *, packages: Iterable[str] = ()) -> Trained:
    """The cached weights of `name`, or those `train` makes now, seeded and on one thread.

    Args:
        name: of the recipe.
        train: trains and measures; all code it reaches, and torch's version, are the key.
        packages: distributions whose versions count too.
    """
    code = code_key([_address(train), _address(_seeded)])
    parts = [code, *(version(package) for package in ("torch", *packages))]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    path = _cache() / f"{name}-{key}.safetensors"
    if path.exists():
        with safetensors.safe_open(path, "pt") as file:
            state = {it: file.get_tensor(it) for it in file.keys()}  # noqa: SIM118  # no mapping
            return Trained(state, float(file.metadata()["figure"]))
    _log.info("training %s", name)
    result = _seeded(train)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        beside = Path(folder, path.name)
        safetensors.torch.save_file(
            {it: tensor.contiguous() for it, tensor in result.state.items()},
            beside,
            {"figure": repr(result.figure)},
        )
        beside.replace(path)
    return result


def fit(
    name: str,
    model: torch.nn.Module,
    loss: Callable[[int], torch.Tensor],
    *,
    steps: int,
    rate: float,
    decay: float = 0.01,
) -> None:
    """Train with AdamW under a one-cycle schedule (Smith and Topin, 2017, arXiv:1708.07120).

    Args:
        name: of the recipe, for progress.
        model: trained in place.
        loss: the loss of a fresh batch, given the step's number.
        steps: how many.
        rate: the schedule's highest learning rate.
        decay: of the weights.
    """
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=rate, weight_decay=decay, betas=(0.9, 0.98)
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for done in range(steps):
        optimizer.zero_grad()
        loss(done).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        step(name, done, steps)


def step(name: str, done: int, steps: int) -> None:
    """Log progress, at every fiftieth of the way."""
    if done % max(1, steps // 50) == 0:
        _log.info("training %s: %d of %d steps", name, done, steps)


def _address(function: Callable[..., object]) -> str:
    # A recipe that runs as a program is called `__main__`; its spec keeps the module's name.
    spec = sys.modules[function.__module__].__spec__
    return f"{spec.name if spec else function.__module__}:{function.__qualname__}"


def _seeded(train: Callable[[], Trained]) -> Trained:
    # Sums split over threads come out in another order: one thread, so that weights repeat.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return train()
    finally:
        torch.set_num_threads(threads)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "nnef-pulse", "weights")
