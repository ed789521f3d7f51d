"""The process that runs tract: whatever ends it is one typed error, and the next call works."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from conftest import ROOT
from nnef_pulse.engine import process
from nnef_pulse.engine.process import DEADLINE_VARIABLE, run_isolated
from nnef_pulse.errors import DeadlineError, EngineEndedError, EngineError, StrideError
from nnef_pulse.nnef import NnefSyntaxError
from nnef_pulse.nnef.text import parse


def raise_stride():
    raise StrideError("no multiple", (4, 8))


def raise_unpicklable():
    error = ValueError("outer")
    error.handle = threading.Lock()
    raise error


def nested():
    return os.getpid(), run_isolated(os.getpid)


def chatter():
    os.write(1, b"from native code\n")
    print("from Python")
    return sys.stdin.read()


def recurse(depth=0):
    return recurse(depth + 1)


def test_one_child_serves_all_calls():
    assert run_isolated(os.getpid) == run_isolated(os.getpid) != os.getpid()


@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ((os.abort,), EngineEndedError, "engine-ended"),
        ((os._exit, 0), EngineEndedError, "engine-ended"),
        ((os.kill, 0, signal.SIGSEGV), EngineEndedError, "engine-ended"),
        ((time.sleep, 60), DeadlineError, "engine-deadline"),
    ],
)
def test_a_child_that_ends_is_replaced(arguments, error, code):
    function, *rest = arguments
    if function is os.kill:
        rest[0] = run_isolated(os.getpid)
    started = time.monotonic()
    with pytest.raises(error) as raised:
        run_isolated(function, *rest, deadline=2)
    assert raised.value.code == code
    assert time.monotonic() - started < 20
    assert run_isolated(abs, -1) == 1


def test_a_child_that_died_between_calls_is_replaced():
    child = run_isolated(os.getpid)
    os.kill(child, signal.SIGKILL)
    time.sleep(0.2)
    assert run_isolated(os.getpid) != child


def test_an_error_keeps_its_type_and_fields():
    with pytest.raises(StrideError) as raised:
        run_isolated(raise_stride)
    assert raised.value.possible == (4, 8)
    with pytest.raises(NnefSyntaxError) as syntax:
        run_isolated(parse, "x")
    assert (syntax.value.line, syntax.value.column) == (1, 1)
    with pytest.raises(EngineError, match="outer"):
        run_isolated(raise_unpicklable)
    with pytest.raises(RecursionError):
        run_isolated(recurse)


def test_an_argument_that_does_not_pickle_leaves_the_child_alone():
    child = run_isolated(os.getpid)
    with pytest.raises((TypeError, AttributeError)):
        run_isolated(id, threading.Lock())
    assert run_isolated(os.getpid) == child


def test_a_nested_call_runs_in_place():
    outer, inner = run_isolated(nested)
    assert outer == inner != os.getpid()


def test_large_arrays_go_both_ways():
    array = np.arange(5_000_000, dtype=np.float32)
    assert np.array_equal(run_isolated(np.negative, array), -array)


def test_output_and_input_of_a_call_stay_apart(capfd):
    assert run_isolated(chatter) == ""
    assert capfd.readouterr() == ("", "")


def test_calls_of_several_threads_take_turns():
    results = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: run_isolated(abs, -n)}))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: n for n in range(8)}


def test_the_environment_sets_the_deadline(monkeypatch):
    monkeypatch.setenv(DEADLINE_VARIABLE, "1")
    with pytest.raises(DeadlineError, match="1 second"):
        run_isolated(time.sleep, 60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_has_a_child_of_its_own():
    child = run_isolated(os.getpid)
    reads, writes = os.pipe()
    if os.fork() == 0:
        os.write(writes, str(run_isolated(os.getpid)).encode())
        process._close()
        os._exit(0)
    os.wait()
    assert int(os.read(reads, 20)) != child
    assert run_isolated(os.getpid) == child


SCRIPT = """
import os, sys, time
from nnef_pulse.engine.process import run_isolated
print(run_isolated(os.getpid), flush=True)
{rest}
"""


def script(rest, **options):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(rest=rest)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "exporter")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def ended(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("rest", ["", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_the_child_ends_with_its_parent(rest):
    parent = script(rest)
    child = int(parent.stdout.readline())
    parent.communicate(timeout=30)
    assert ended(child)


def test_ctrl_c_ends_a_call_and_its_child():
    parent = script("run_isolated(time.sleep, 60)", start_new_session=True)
    child = int(parent.stdout.readline())
    time.sleep(0.5)
    os.killpg(parent.pid, signal.SIGINT)
    _, errors = parent.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert ended(child)
