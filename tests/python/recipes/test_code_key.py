"""What changes a key is what code does, not how it is written or where it lies."""

import shutil
import subprocess
import sys

import pytest

from nnef_pulse.recipes import code_key

FILES = {
    "__init__.py": "",
    "recipes/__init__.py": "",
    "recipes/model.py": '''"""A model."""
from pkg.layers import convolution
from pkg import tables
import json


def train(steps: int) -> int:
    """Trains."""
    # slowly
    if steps < LEAST:
        raise ValueError(f"too few: {steps}")
    return convolution(tables.SIZES, steps)


def card():
    return json.dumps({"title": "a model"})


LEAST = 3
''',
    "layers.py": "def convolution(sizes, count):\n    return sum(sizes) + count\n\n\nOTHER = 1\n",
    "tables.py": "SIZES = [1, 2]\nUNUSED = 3\n",
    "sizes.csv": "1,2\n",
}


@pytest.fixture
def key(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script = tmp_path / "pkg" / "recipes" / "code_key.py"
    shutil.copy(code_key.__file__, script)

    def compute(start="pkg.recipes.model:train"):
        request = f'{{"it": ["{start}"]}}'
        done = subprocess.run(
            [sys.executable, str(script), request], capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else done.stderr.splitlines()[-1]

    return compute


def edit(tmp_path, name, old, new):
    path = tmp_path / "pkg" / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recipes/model.py", '"""A model."""', '"""Another text."""'),
        ("recipes/model.py", '    """Trains."""\n', ""),
        ("recipes/model.py", "# slowly", "# quickly"),
        ("recipes/model.py", "too few: ", "not enough: "),
        ("recipes/model.py", "tables.SIZES, steps", "tables.SIZES,\n        steps,\n    "),
        ("recipes/model.py", '"a model"', '"its card is not what trains it"'),
        ("recipes/model.py", "import json", "import json as json"),
        ("layers.py", "OTHER = 1", "OTHER = 2"),
        ("tables.py", "UNUSED = 3", "UNUSED = 4"),
    ],
)
def test_a_key_stays(tmp_path, key, name, old, new):
    before = key()
    edit(tmp_path, name, old, new)
    assert key() == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recipes/model.py", "steps < LEAST", "steps <= LEAST"),
        ("recipes/model.py", "LEAST = 3", "LEAST = 4"),
        ("recipes/model.py", "ValueError", "TypeError"),
        ("layers.py", "+ count", "- count"),
        ("layers.py", "def convolution", "import json\njson.x = 1\n\ndef convolution"),
        ("tables.py", "SIZES = [1, 2]", "SIZES = [1, 3]"),
        ("sizes.csv", "1", "3"),
    ],
)
def test_a_key_changes(tmp_path, key, name, old, new):
    before = key()
    edit(tmp_path, name, old, new)
    assert key() != before


def test_a_definition_may_move_to_another_module(tmp_path, key):
    before = key()
    (tmp_path / "pkg" / "rooms").mkdir()
    (tmp_path / "pkg" / "rooms" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "layers.py").rename(tmp_path / "pkg" / "rooms" / "layers.py")
    edit(tmp_path, "recipes/model.py", "pkg.layers", "pkg.rooms.layers")
    assert key() == before


def test_a_bare_name_is_looked_for_and_what_is_missing_is_named(key):
    assert key("train") == key("pkg.recipes.model:train")
    assert "nothing is defined in 0 modules" in key("nothing")
    assert "pkg.layers has no definition other" in key("pkg.layers:other")


def test_a_recipe_is_trained_by_code_of_its_own_alone():
    seen, waiting = set(), [("nnef_pulse.recipes.digits_vit", "_train")]
    while waiting:
        target = waiting.pop()
        if target not in seen:
            seen.add(target)
            waiting += code_key._covered(*target)[1]
    own = {module for module, _ in seen if module.startswith("nnef_pulse")}
    assert own == {"nnef_pulse.recipes.digits_vit", "nnef_pulse.recipes.training"}
    assert ("nnef_pulse.recipes.digits_vit", "spec") not in seen
