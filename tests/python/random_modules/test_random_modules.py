"""Random modules: what is exported streams as PyTorch computes, and nothing ends unexpectedly."""

import pytest

from random_modules.check import FAULTS, check

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("seeds", [range(at, at + 10) for at in range(0, 50, 10)])
def test_what_is_exported_is_what_pytorch_computes(seeds):
    results = [check(seed) for seed in seeds]
    assert [it for it in results if it.cause in FAULTS] == []
    assert sum(it.cause == "checked" for it in results) >= 2
