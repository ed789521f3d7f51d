"""The smallest sizes a model can take: below them some dimension inside would be nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nnef_pulse.engine.model import Model
from nnef_pulse.engine.process import run_isolated
from nnef_pulse.engine.taps import facts
from nnef_pulse.errors import ExpressionError, FrozenDimError
from nnef_pulse.frontends.axes import DynamicAxes
from nnef_pulse.frontends.source import Source
from nnef_pulse.nnef.dimensions import Expression
from nnef_pulse.prove.sample_inputs import Inputs, InputSampler

# Far above any receptive field; also where other symbols stand while one is searched.
_FAR = 1 << 24


def min_sizes(whole: Model, dims: DynamicAxes) -> dict[str, int]:
    """For each symbol the least size at which every dimension is positive.

    A dimension that is a bare symbol says nothing: an empty cache (P=0) is a size like another
    when the asserts or modes speak of it.
    """
    return least_of(_dimensions(whole), dims)


def least_of(dimensions: Iterable[Expression], dims: DynamicAxes) -> dict[str, int]:
    """The same for dimensions at hand."""
    speaking = [it for it in dimensions if it.symbols and it.text not in dims.example]
    spoken = {
        symbol
        for rule in (*dims.asserts, *(r for mode in (dims.modes or {}).values() for r in mode))
        for symbol in rule.symbols
    }
    least = {}
    for symbol in dims.symbols:
        others = dict.fromkeys(dims.symbols, _FAR)
        about = [it for it in speaking if symbol in it.symbols and it.symbols <= others.keys()]
        start = 0 if symbol in spoken else 1
        size = _first(about, symbol, others, start)
        while size < dims.example[symbol] and not dims.allows({**dims.example, symbol: size}):
            size += 1
        least[symbol] = size
    return least


def asserts_for(least: dict[str, int], dims: DynamicAxes) -> list[str]:
    """`S >= 13` for each least size that the model's own asserts do not imply."""
    return [
        f"{symbol} >= {size}"
        for symbol, size in least.items()
        if size > 0 and any(dims.allows({**dims.example, symbol: n}) for n in range(size))
    ]


def least_of_source(source: Source, least: dict[str, int]) -> dict[str, int]:
    """The same sizes, raised where the model's own framework refuses them.

    Reflecting pads and statistics need more than one frame. Each symbol is searched alone between
    its least size and the example's, which runs, in as many runs as that range has bits.
    """
    draw = InputSampler(source.example, source.dims.axes)
    raised = dict(least)
    for symbol, size in least.items():
        low, high = size, source.dims.example[symbol]
        others = {**source.dims.example}
        if low >= high or _source_runs(source, draw({**others, symbol: low})):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if _source_runs(source, draw({**others, symbol: middle})):
                high = middle
            else:
                low = middle
        raised[symbol] = high
    return raised


def _source_runs(source: Source, inputs: Inputs) -> bool:
    try:
        source.run(inputs)
    except Exception:  # whatever the author's code raises
        return False
    return True


def _first(about: Sequence[Expression], symbol: str, others: dict[str, int], start: int) -> int:
    """The least good size: convolutions and strides make sizes grow with their input."""

    def is_good(size: int) -> bool:
        return all(it.at({**others, symbol: size}) > 0 for it in about)

    if is_good(start):
        return start
    low, high = start, start + 1
    while not is_good(high):
        low, high = high, 2 * high
        if high > _FAR:
            raise FrozenDimError(
                f"no {symbol} below {_FAR} leaves every dimension positive: "
                f"{', '.join(sorted({it.text for it in about}))}"
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_good(middle) else (middle, high)
    return high


def _dimensions(whole: Model) -> list[Expression]:
    """Of every wire: a convolution inside may want more frames than the output shows."""
    found = {dim for dims in run_isolated(facts, whole).values() for dim in dims}
    readable = []
    for dim in sorted(found):
        try:
            readable.append(Expression.parse(dim))
        except ExpressionError:
            # tract also prints dimensions that compare; those are never what runs out.
            continue
    return readable
