import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


# What a file of tests imports or takes that exports, trains or runs a model.
MODELS = re.compile(
    r"^(import|from) (torch|onnx|conftest|models|random_modules|prove)\b"
    r"|\b(silero|convolutions)\b",
    re.MULTILINE,
)


def pytest_addoption(parser):
    parser.addoption("--unit", action="store_true", help="leave out the files that need a model")


def pytest_ignore_collect(collection_path, config):
    """Decide before a file is imported: torch alone takes seconds."""
    if config.getoption("unit") and collection_path.suffix == ".py":
        is_demo = "demos" in collection_path.parts[-2:-1]
        return True if is_demo or MODELS.search(collection_path.read_text()) else None
    return None


def command(*arguments, cwd=None, env=None):
    """Run the command line in a process of its own, as a user would."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "exporter"), **(env or {})}
    return subprocess.run(
        [sys.executable, "-m", "nnef_pulse", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


@pytest.fixture(scope="session")
def silero(tmp_path_factory):
    """A silero-vad bundle, exported once."""
    out = tmp_path_factory.mktemp("bundles") / "silero-vad"
    done = command("export", "silero-vad", "-o", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def convolutions(tmp_path_factory):
    """A small streaming bundle with two symbols and a tail."""
    from models import SameConvolutions, export

    return export(SameConvolutions(), tmp_path_factory.mktemp("small") / "convolutions").path


@pytest.fixture(scope="module")
def one_thread():
    """torch on one thread: networks this small are slower on several."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
