"""What the KV cache walkthrough shows of Python is what it does, on a desk too."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "demos" / "kv-cache"
BUNDLE = ROOT / "dist" / "bundles" / "kv-cache-lm"


@pytest.mark.skipif(not BUNDLE.exists(), reason="the bundle is made by npm test")
def test_the_cell_runs_on_a_desk(capsys):
    runpy.run_path(str(DEMO / "answer.py"), {"bundle": SimpleNamespace(path=BUNDLE)})
    lines = capsys.readouterr().out.splitlines()
    assert "27+45=072" in lines
    assert "logits compared with PyTorch" in lines[-1]
    assert float(lines[-1].rsplit(" ", 1)[1]) < 1e-4


def test_the_cell_and_the_page_know_the_recipe_s_tokens():
    recipe = pytest.importorskip("nnef_pulse.recipes.kv_cache_lm")
    line = f'VOCABULARY = "{recipe.VOCABULARY}"'
    assert line in (DEMO / "answer.py").read_text()
    assert line in (DEMO / "model" / "decoder.ts").read_text()
