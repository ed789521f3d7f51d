"""The reader beside numpy, and what importing it costs: at the desk, not in a page."""

import contextlib
import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_reader import dat

from conftest import ROOT
from nnef_pulse import nnef
from nnef_pulse.nnef.tensors import read_tensor

DTYPES = ["f2", "f4", "f8", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "?"]


def dat_of(array):
    kind = {"f": 0, "u": 2, "i": 4, "b": 5}[array.dtype.kind]
    body = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return dat(array.shape, array.itemsize * 8, kind, body)


@given(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, max_dims=4))
    )
)
def test_tensors_read_back(array):
    tensor = read_tensor("it", dat_of(array))
    assert tensor.shape == array.shape
    assert tensor.dtype == array.dtype.name.replace("float", "f").replace("uint", "u").replace(
        "int", "i"
    )
    np.testing.assert_array_equal(np.array(tensor.values()), array.ravel().astype(array.dtype))


@given(st.binary(max_size=300), st.integers(0, 200))
def test_broken_tensors_are_refused(noise, at):
    data = bytearray(dat_of(np.arange(12, dtype=np.float32).reshape(3, 4)))
    data[at : at + len(noise)] = noise
    with contextlib.suppress(nnef.NnefError):
        read_tensor("it", bytes(data)).values()


def test_importing_the_reader_pulls_in_nothing_heavy():
    asked = (
        "import sys, logging, nnef_pulse.nnef;"
        "print([m for m in ('numpy', 'torch', 'tract', 'typer') if m in sys.modules],"
        "logging.getLogger().handlers)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT / "exporter")},
        check=True,
    )
    assert done.stdout.strip() == "[] []"
