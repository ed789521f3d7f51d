"""Times Silero's pulse in native tract, through its Python package.

    python native.py FOLDER

FOLDER holds `ours.nnef.tgz` and `sound.wav`. Prints `{"median": µs, "version": tract's}`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
import wave
from importlib.metadata import version
from pathlib import Path

import numpy as np
import tract

_PULSE, _WARM_UP, _TIMED = 512, 2000, 4000


def main(folder: Path) -> None:
    """Print the median time of a pulse, in µs; the conversions of Python's side are in it."""
    with wave.open(str(folder / "sound.wav")) as sound:
        items = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    samples = items.astype(np.float32) / 32768
    pulses = [samples[at : at + _PULSE][None] for at in range(0, len(samples) - _PULSE, _PULSE)]
    nnef = tract.nnef().with_tract_extra().with_tract_transformers().with_pulse()
    state = nnef.load(folder / "ours.nnef.tgz").into_runnable().spawn_state()
    times = []
    for k in range(_WARM_UP + _TIMED):
        began = time.perf_counter()
        state.run([pulses[k % len(pulses)]])
        if k >= _WARM_UP:
            times.append((time.perf_counter() - began) * 1e6)
    print(json.dumps({"median": statistics.median(times), "version": version("tract")}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
