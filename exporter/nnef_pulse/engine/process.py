"""Runs a function in a process of its own: when tract panics, that process dies and not ours.

Only functions of importable modules can be run so, with arguments and results that pickle. The
child is `python -m nnef_pulse.engine.process`; nothing of the caller's script is imported in it.
"""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from nnef_pulse.errors import EngineError

_P = ParamSpec("_P")
_R = TypeVar("_R")

_PANIC = re.compile(r"panicked at ([^\n]*):\n([^\n]*)")


def run_isolated(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call `function` in another process and give its result, or raise what it raised.

    Raises:
        EngineError: the process died; the message is tract's panic.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-m", "nnef_pulse.engine.process"],
        input=pickle.dumps((function, args, kwargs)),
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0 or not done.stdout:
        raise _died(done.stderr.decode("utf-8", "replace"), done.returncode)
    fine, result = pickle.loads(done.stdout)
    if not fine:
        raise result
    returned: _R = result
    return returned


def _died(said: str, code: int) -> EngineError:
    panic = _PANIC.search(said)
    if panic is None:
        last = said.strip().splitlines()[-1:] or [f"exit code {code}"]
        return EngineError(f"the process running tract ended: {last[0]}")
    return EngineError(f"tract panicked: {panic[2].strip()}", (panic[2].strip(), panic[1]))


def _main() -> None:
    function, args, kwargs = pickle.loads(sys.stdin.buffer.read())
    # What libraries print must not mix with the answer.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        result = (True, function(*args, **kwargs))
    except Exception as error:
        error.__traceback__ = None
        error.__cause__ = None
        result = (False, error)
    with answer:
        answer.write(pickle.dumps(result))


if __name__ == "__main__":
    _main()
