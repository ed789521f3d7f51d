"""A package that is not installed is one line that says how to get it."""

import subprocess
import sys

import pytest

CASES = [
    ("numpy", "from nnef_pulse import export_bundle", "cli"),
    ("jsonschema", "from nnef_pulse import Bundle", "cli"),
    ("tract", "import nnef_pulse.engine.native", "cli"),
    ("torch", "import nnef_pulse; nnef_pulse.export_bundle(None, {}, 'out', axes={})", "export"),
    ("scipy", "from nnef_pulse.run.sound import read_wav; read_wav('a.wav')", "sound"),
    ("sklearn", "from nnef_pulse.recipes import find; find('digits-vit').spec({})", "recipes"),
]


@pytest.mark.parametrize(("package", "code", "extra"), CASES)
def test_from_python(package, code, extra):
    blocked = f"import sys; sys.modules[{package!r}] = None; {code}"
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("nnef_pulse.errors.MissingExtraError: ")
    assert f"{package} is not installed: pip install 'nnef-pulse[{extra}]'" in last


@pytest.mark.parametrize("verb", [["dump", "x"], ["diff", "x", "y"], ["verify", "x"]])
def test_from_the_command(verb):
    blocked = (
        "import sys; sys.modules['tract'] = None; from nnef_pulse.cli.app import run; "
        f"sys.exit(run({verb!r}))"
    )
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "nnef-pulse: tract is not installed: pip install 'nnef-pulse[cli]'\n"


def test_verbs_that_read_load_no_torch():
    code = (
        "import sys; from nnef_pulse.cli.app import run; import nnef_pulse.bundle.verify, "
        "nnef_pulse.bundle.dump, nnef_pulse.bundle.compare; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
