"""The lines the walkthroughs put beside their steps are ones that run."""

import ast
import html
import inspect
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import tract

from conftest import command
from nnef_pulse import export_bundle
from nnef_pulse.cli import app as cli
from nnef_pulse.cli import sources

ROOT = Path(__file__).parents[3]
DEMOS = ROOT / "demos"
BUNDLES = ROOT / "dist" / "bundles"

# Options of tract's command line, version 0.23, that stand before and after its `dump`.
TRACT = {"--nnef-tract-core", "--nnef-tract-pulse", "--nnef-tract-transformers", "--pulse", "--set"}
TRACT_DUMP = {"--nnef", "--profile", "--allow-random-input", "--set"}

_SECTION = re.compile(r"<section\b([^>]*)>(.*?)</section>", re.DOTALL)
_LINE = re.compile(r"<dd>(.*?)</dd>", re.DOTALL)
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_NUMBER = re.compile(r'<nnef-number path="([^"]*)"></nnef-number>')


def _lines():
    """Every line beside a step: its walkthrough, the bundle it is about, and its text."""
    for each in json.loads((DEMOS / "walkthroughs.json").read_text()):
        sections = sorted((DEMOS / each["id"] / "sections").glob("*.html"))
        assert sections, each["id"]
        for attributes, section in _SECTION.findall("".join(it.read_text() for it in sections)):
            beside = re.search(r'data-beside="([^"]*)"', attributes)
            bundle = beside[1] if beside else each["bundle"]
            for entry in _LINE.findall(section):
                for code in _CODE.findall(entry):
                    yield pytest.param(bundle, code, id=f"{each['id']}: {_plain(code)[:60]}")


def _plain(code):
    return html.unescape(_NUMBER.sub(lambda it: it[1], code))


def _filled(bundle, code):
    """A line as a reader sees it, its numbers read from the bundle; what the page computes is 3."""
    manifest = json.loads((BUNDLES / bundle / "manifest.json").read_text())

    def value(match):
        source, _, where = match[1].partition(":")
        if source != "manifest":
            return "3"
        at = manifest
        for name in where.split("."):
            at = at[int(name)] if isinstance(at, list) else at[name]
        return str(at)

    return manifest, html.unescape(_NUMBER.sub(value, code))


def _beginning(word):
    return [it for it in _lines() if _plain(it.values[1]).startswith(word)]


@pytest.fixture
def desk(tmp_path, request):
    """A folder with the bundle's files, the bundle itself, and it again under the name `mine`."""
    bundle = request.getfixturevalue("bundle")
    if not (BUNDLES / bundle).exists():
        pytest.skip("the bundle is made by npm test")
    shutil.copytree(BUNDLES / bundle, tmp_path, dirs_exist_ok=True)
    shutil.copytree(BUNDLES / bundle, tmp_path / bundle)
    shutil.copytree(BUNDLES / bundle, tmp_path / "mine")
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text())
    (tmp_path / "mine" / "manifest.json").write_text(json.dumps({**manifest, "id": "mine"}))
    return tmp_path


@pytest.mark.parametrize(("bundle", "code"), _beginning("nnef-pulse "))
def test_a_line_of_ours_runs(bundle, code, desk, monkeypatch):
    manifest, line = _filled(bundle, code)
    name = manifest["inputs"][0]["name"]
    # What a line leaves to the reader.
    line = line.replace(f"{name}:…", f"{name}:0").replace("axis …=", f"axis {name}:1=")
    line = line.replace("export …", "export package.module:function -o mine")
    _, *arguments = shlex.split(line)
    if arguments[0] == "export":
        asked = []
        monkeypatch.setattr(sources, "export_source", lambda *given: asked.append(given))
        monkeypatch.chdir(desk)
        cli.run(arguments)
        assert [given[0] for given in asked] == [arguments[1]]
        return
    # A profile of an open size is refused, which is what its page is about.
    refused = "--profile" in arguments and bool(manifest["symbols"]) and "set" not in line
    refused = refused and not arguments[1].startswith("pulse-")
    done = command(*arguments, cwd=desk)
    expected = {"diff": {1}}.get(arguments[0], {2} if refused else {0})
    assert done.returncode in expected, done.stderr


@pytest.mark.parametrize(
    ("bundle", "code"), [*_beginning("model.transform"), *_beginning("export_bundle")]
)
def test_a_line_of_python_is_what_it_says(bundle, code, desk):
    # `, …` stands for more of the same, `…` alone for what the reader knows.
    _, line = _filled(bundle, code.replace(", …}", "}").replace("…", "..."))
    (statement,) = ast.parse(line).body
    assert isinstance(statement, ast.Expr)
    call = statement.value
    assert isinstance(call, ast.Call)
    if line.startswith("export_bundle"):
        named = {keyword.arg: ... for keyword in call.keywords}
        inspect.signature(export_bundle).bind_partial(*call.args, **named)
        return
    loader = tract.nnef().with_pulse().with_tract_extra().with_tract_transformers()
    model = loader.load(str(desk / "model.nnef.tgz"))
    before = str(model.input_fact(0))
    exec(line, {"model": model, "tract": tract})
    assert str(model.input_fact(0)) != before


@pytest.mark.parametrize(("bundle", "code"), _beginning("tract "))
def test_a_line_of_tract_has_its_options(bundle, code, desk):
    _, line = _filled(bundle, code)
    _, model, *rest = shlex.split(line)
    assert (desk / model).exists()
    at = rest.index("dump")
    assert {it for it in rest[:at] if it.startswith("-")} <= TRACT
    assert {it for it in rest[at + 1 :] if it.startswith("-")} <= TRACT_DUMP
