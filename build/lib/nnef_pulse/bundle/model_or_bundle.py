"""What a MODEL or BUNDLE argument names: an archive, and the bundle around it if there is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnef_pulse.bundle import files as bundles
from nnef_pulse.bundle.files import Bundle
from nnef_pulse.engine.model import Model, zeros_like
from nnef_pulse.errors import BundleError
from nnef_pulse.frontends.axes import DynamicAxes, check_axes, split_multiple
from nnef_pulse.nnef import Graph
from nnef_pulse.prove.min_sizes import asserts_for, min_sizes
from nnef_pulse.prove.sample_inputs import Inputs

# What an example without a reference is sized by: short, and not a size that hides a broadcast.
_SMALL = 3


@dataclass(frozen=True)
class ModelOrBundle:
    """A loaded model and what is known of it."""

    model: Model
    graph: Graph
    bundle: Bundle | None


def read(path: Path) -> ModelOrBundle:
    """Read a `.nnef.tgz` or a bundle's whole model.

    Raises:
        BundleError: there is nothing to read there.
        NnefError, EngineError: the archive is not one tract and the reader understand.
    """
    bundle = Bundle.read(path) if path.is_dir() else None
    try:
        data = bundle.bytes_of(bundles.MODEL) if bundle else path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from error
    model = Model(data)
    return ModelOrBundle(model, model.text.graph, bundle)


def example_of(it: ModelOrBundle) -> tuple[DynamicAxes, Inputs]:
    """Open dimensions and inputs to run the model with: the bundle's reference, or zeros.

    Zeros stand for "nothing is known": `InputSampler` makes noise of floats that are all alike.
    """
    axes = {
        port.name: {
            axis: dim
            for axis, dim in enumerate(port.dims)
            if not dim.isdigit() and split_multiple(dim)[1] in it.graph.symbols
        }
        for port in it.model.inputs
    }
    if it.bundle:
        stored = it.bundle.reference()
        inputs: Inputs = {port.name: stored[port.name] for port in it.model.inputs}
        shapes = {name: array.shape for name, array in inputs.items()}
        return check_axes(shapes, axes, it.graph.asserts, it.graph.modes), inputs
    loose = DynamicAxes(
        axes, {split_multiple(dim)[1]: _SMALL for named in axes.values() for dim in named.values()}
    )
    least = min_sizes(it.model, loose)
    sizes = {symbol: max(_SMALL, size) for symbol, size in least.items()}
    bounded = DynamicAxes(axes, sizes).with_asserts([*it.graph.asserts])
    bounded = bounded.with_asserts(asserts_for(least, bounded))
    return bounded, {port.name: zeros_like(port, sizes) for port in it.model.inputs}
