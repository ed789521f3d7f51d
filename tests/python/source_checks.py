"""Holds what a frontend made of a model to the model's own framework, without writing a bundle."""

import numpy as np

from nnef_pulse.engine.model import Model
from nnef_pulse.prove.sample_inputs import InputSampler

TOLERANCE = 1e-5


def check_whole(source, more=(0, 1, 3, 8)):
    """Every output equals the source's at the example's sizes and at sizes beyond."""
    model = Model(source.archive.to_bytes())
    ready = model.prepared()
    draw = InputSampler(source.example, source.dims.axes)
    for add in more if source.dims.symbols else (0,):
        sizes = {symbol: size + add for symbol, size in source.dims.example.items()}
        if not source.dims.allows(sizes):
            continue
        inputs = draw(sizes)
        want = source.run(inputs)
        got = ready.run([inputs[port.name] for port in model.inputs])
        assert [port.name for port in model.outputs] == list(want)
        for port, array in zip(model.outputs, got, strict=True):
            _check(array, want[port.name], f"{port.name} at {sizes}")
    return model


def check_stream(source, symbol, pulse, pulses=12):
    """Every output's stream equals the source's, its own delay taken off; gives the delays."""
    whole = Model(source.archive.to_bytes())
    model = whole.pulsed(symbol, pulse)
    delays = model.streaming.delay
    draw = InputSampler(source.example, source.dims.axes)
    inputs = draw({**source.dims.example, symbol: pulse * pulses})
    want = source.run(inputs)
    stream = model.prepared().stream()
    parts = []
    for n in range(pulses):
        frames = range(n * pulse, (n + 1) * pulse)
        parts.append(
            stream.run(
                [
                    inputs[port.name] if axis < 0 else inputs[port.name].take(frames, axis)
                    for port, axis in zip(model.inputs, model.streaming.input_axes, strict=True)
                ]
            )
        )
    for i, (port, axis) in enumerate(zip(whole.outputs, model.streaming.output_axes, strict=True)):
        joined = np.concatenate([part[i] for part in parts], axis)
        known = range(min(joined.shape[axis] - delays, want[port.name].shape[axis]))
        assert len(known) > 0
        late = joined.take(range(delays, delays + len(known)), axis)
        _check(late, want[port.name].take(known, axis), port.name)
    return delays


def _check(got, want, where):
    assert got.shape == want.shape, where
    assert got.dtype == want.dtype, where
    if want.dtype == bool:
        np.testing.assert_array_equal(got, want, where)
        return
    scale = max(float(np.abs(want.astype(np.float64)).max(initial=0)), 1e-30)
    np.testing.assert_allclose(got, want, rtol=0, atol=TOLERANCE * scale, err_msg=where)
