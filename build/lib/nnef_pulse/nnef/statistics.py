"""What a graph and its tensors amount to."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.graph import Graph
from nnef_pulse.nnef.tensors import Tensor


@dataclass(frozen=True)
class TensorStatistics:
    """Over all finite values of a tensor; `broken` counts NaN and infinity."""

    count: int
    least: float
    greatest: float
    mean: float
    deviation: float
    zeros: int
    broken: int


@dataclass(frozen=True)
class ArchiveStatistics:
    """Over an archive: operations by operator, parameters, and bytes of tensors."""

    operators: dict[str, int]
    parameters: int
    bytes: int


def of_tensor(tensor: Tensor) -> TensorStatistics:
    """Statistics of a numeric tensor.

    Raises:
        NnefFormatError: its values are not decoded.
    """
    values = [float(it) for it in tensor.values()] if tensor.dtype != "string" else []
    finite = [it for it in values if math.isfinite(it)]
    if not finite:
        return TensorStatistics(len(values), math.nan, math.nan, math.nan, math.nan, 0, len(values))
    # Powers of two scale without rounding: the largest numbers' squares would be none.
    _, exponent = math.frexp(max(map(abs, finite)))
    scaled = [math.ldexp(it, -exponent) for it in finite]
    mean = math.fsum(scaled) / len(scaled)
    variance = math.fsum((it - mean) ** 2 for it in scaled) / len(scaled)
    return TensorStatistics(
        count=len(values),
        least=min(finite),
        greatest=max(finite),
        mean=math.ldexp(mean, exponent),
        deviation=math.ldexp(math.sqrt(variance), exponent),
        zeros=finite.count(0.0),
        broken=len(values) - len(finite),
    )


def of_archive(archive: Archive) -> ArchiveStatistics:
    """Statistics of a whole archive.

    Raises:
        NnefError: its graph or a tensor cannot be read.
    """
    tensors = list(archive.tensors.values())
    return ArchiveStatistics(
        operators=operators(archive.graph),
        parameters=sum(it.count for it in tensors),
        bytes=sum(len(it.data) for it in tensors),
    )


def operators(graph: Graph) -> dict[str, int]:
    """Operator to how often it occurs, most frequent first."""
    return dict(Counter(it.op for it in graph.operations).most_common())
