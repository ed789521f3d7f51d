"""Runs functions in a process of its own: a panic, an abort or a loop in tract ends that process.

One child is started at the first call and serves all later ones. It is replaced when it dies or
overruns its deadline. Functions must belong to importable modules, and arguments and results must
pickle. Nothing of the caller's script is imported in the child.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, TypeVar

from nnef_pulse.errors import DeadlineError, EngineEndedError, EngineError, EnginePanicError

if TYPE_CHECKING:
    from typing import TypeVarTuple, Unpack  # Python 3.11 and later

    _Arguments = TypeVarTuple("_Arguments")
_R = TypeVar("_R")

DEADLINE = 600.0
"""Seconds that one call may take when neither the caller nor the environment says otherwise."""
DEADLINE_VARIABLE = "NNEF_PULSE_DEADLINE"

# sys.path is passed on before any module of the package is imported: `-c` alone would put the
# working directory first, and a file there could stand in for one of ours.
_START = "import sys; sys.path[:] = sys.argv[1:]; from nnef_pulse.engine.worker import main; main()"
_PANIC = re.compile(r"panicked at ([^\n]*):\n([^\n]*)")
# The last part of what the child wrote to stderr; a panic's message stands at its end.
_STDERR_BYTES = 65536

inside_worker = False
"""True in the child: calls nested in a call then run in place."""


def run_isolated(
    function: Callable[[Unpack[_Arguments]], _R],
    *args: Unpack[_Arguments],
    deadline: float = DEADLINE,
) -> _R:
    """Call `function` in the child and give its result, or raise what it raised.

    Args:
        function: of an importable module.
        *args: its arguments.
        deadline: in seconds; `NNEF_PULSE_DEADLINE`, where set, replaces it.

    Raises:
        EnginePanicError: tract panicked.
        EngineEndedError: the child ended otherwise: an abort, a stack overflow, no memory left.
        DeadlineError: the call overran its deadline.
    """
    if inside_worker:
        return function(*args)
    call = pickle.dumps((function, args), protocol=5)
    with _lock:
        succeeded, result = _worker().call(call, _seconds(deadline))
    if not succeeded:
        raise result
    returned: _R = result
    return returned


def start() -> None:
    """Start the child ahead of its first call, without waiting for it."""
    if not inside_worker:
        with _lock:
            _worker()


class _Worker:
    """The child and its pipes."""

    def __init__(self) -> None:
        # A file takes any amount of output without anybody reading it meanwhile.
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # lives with the child
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
        )
        self.owner = os.getpid()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def call(self, call: bytes, deadline: float) -> tuple[bool, Any]:
        """Send a pickled call and wait for its answer; whatever interrupts it ends the child."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        overran = threading.Event()

        def end() -> None:
            overran.set()
            process.kill()

        self._stderr.seek(0)
        self._stderr.truncate()
        timer = threading.Timer(deadline, end)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(pickle.dumps((deadline, sys.path, len(call))))
            process.stdin.write(call)
            process.stdin.flush()
            answer: tuple[bool, Any] = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.close()
            raise self._reason(overran.is_set(), deadline) from error
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        return answer

    def close(self) -> None:
        """End the child and wait until it has ended."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # Closing flushes what a dead child no longer reads.
                with contextlib.suppress(OSError):
                    pipe.close()

    def _reason(self, overran: bool, deadline: float) -> EngineError:
        if overran:
            return DeadlineError(
                f"tract did not finish within {deadline:g} seconds; "
                f"{DEADLINE_VARIABLE}=SECONDS allows more"
            )
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _STDERR_BYTES))
        output = self._stderr.read().decode("utf-8", "replace")
        panic = _PANIC.search(output)
        if panic is not None:
            return EnginePanicError(
                f"tract panicked: {panic[2].strip()}", (panic[2].strip(), panic[1])
            )
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        code = self._process.returncode
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        said = f": {lines[-1]}" if lines else ""
        return EngineEndedError(f"the process running tract ended ({ended}){said}", tuple(lines))


_lock = threading.Lock()
_current: _Worker | None = None


def _worker() -> _Worker:
    global _current
    # After a fork the pipes belong to the parent.
    if _current is None or _current.owner != os.getpid() or not _current.alive:
        _current = _Worker()
    return _current


def _seconds(deadline: float) -> float:
    try:
        given = float(os.environ.get(DEADLINE_VARIABLE, ""))
    except ValueError:
        return deadline
    return given if given > 0 else deadline


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


@atexit.register
def _close() -> None:
    if _current is not None and _current.owner == os.getpid():
        _current.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
