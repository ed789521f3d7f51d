"""Exports random modules and compares what was exported with PyTorch.

    python -m random_modules --seeds 0:2000        (in tests/python)

prints each seed that ended in anything but a comparison that holds or a true refusal, then counts
by cause. Ends with 1 where a stream is not PyTorch's, or a seed ended unexpectedly.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from random_modules.check import FAULTS, Result, check


def results(seeds: range) -> Iterator[Result]:
    """Check each seed in a process of its own kind: an abort ends that process alone."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, context)
    for seed in seeds:
        try:
            yield pool.submit(check, seed).result()
        except BrokenProcessPool:
            pool = ProcessPoolExecutor(1, context)
            yield Result(seed, "abort")
    pool.shutdown()


def main() -> int:
    """Run the seeds asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0:2000", help="first:last, or one")
    parser.add_argument("--all", action="store_true", help="print true refusals too")
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition(":")
    seeds = range(int(first), int(last or int(first) + 1))
    causes: Counter[str] = Counter()
    for result in results(seeds):
        causes[result.cause] += 1
        if asked.all or result.cause in (*FAULTS, "no cause"):
            names = ", ".join(result.names)
            print(result.seed, result.cause, names, result.said, sep=" | ", flush=True)
    print(f"{len(seeds)} modules, {100 * causes['checked'] / len(seeds):.0f} % checked")
    for cause, count in causes.most_common():
        print(f"{count:6} {cause}")
    return 1 if any(causes[it] for it in FAULTS) else 0


if __name__ == "__main__":
    sys.exit(main())
