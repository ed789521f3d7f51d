"""The child of `engine.process`: reads calls from its standard input and answers them."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import signal
import sys
import traceback

from nnef_pulse.engine import process
from nnef_pulse.errors import EngineError

# The parent ends a child that overruns; this many seconds later it ends by itself, should the
# parent be gone.
_GRACE = 5.0


def main() -> None:
    """Answer calls until standard input ends."""
    # Ctrl-C reaches the whole process group; the parent decides what it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_resources()
    process.inside_worker = True
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What libraries read or print must not mix with calls and answers.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    while True:
        try:
            deadline, sys.path[:], size = pickle.load(calls)
        except EOFError:
            return
        # A watchdog without the interpreter's lock: it works while native code loops.
        faulthandler.dump_traceback_later(deadline + _GRACE, exit=True)
        answer = _answered(calls.read(size))
        answers.write(answer)
        answers.flush()
        faulthandler.cancel_dump_traceback_later()


def _answered(call: bytes) -> bytes:
    try:
        function, args = pickle.loads(call)
        return pickle.dumps((True, function(*args)), protocol=5)
    except Exception as error:
        return _pickled(error)


def _pickled(error: Exception) -> bytes:
    trace = traceback.format_exc()
    error.__traceback__ = error.__cause__ = error.__context__ = None
    if hasattr(error, "add_note"):  # Python 3.11 and later
        error.add_note(f"In the process running tract:\n{trace}")
    with contextlib.suppress(Exception):
        data = pickle.dumps((False, error))
        pickle.loads(data)
        return data
    return pickle.dumps((False, EngineError(f"{type(error).__name__}: {error}")))


def _limit_resources() -> None:
    """Make an allocation beyond the machine's memory fail at once, and leave no core files."""
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
