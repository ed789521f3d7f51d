"""`site`: a folder for any static host, of the built pages and of bundles."""

import json
import shutil

import pytest

from nnef_pulse.cli import app as cli
from nnef_pulse.cli import site_pages

STREAM = "<nnef-stream"


@pytest.fixture(autouse=True)
def pages(tmp_path, monkeypatch):
    """What the wheel carries, as the build leaves it."""
    folder = tmp_path / "packed"
    for path in (site_pages.INSPECTOR, site_pages.STREAM):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text('<body data-bundle="../bundles/silero-vad/">')
    (folder / site_pages.INDEX).write_text("<main><!-- bundles --></main>")
    (folder / site_pages.WORKER).write_text("// Keeps the pages.\n")
    (folder / "assets").mkdir()
    (folder / "assets" / "engine.wasm").write_bytes(b"\0asm")
    monkeypatch.setattr(site_pages, "_PACKED", folder)
    return folder


@pytest.fixture
def changed(convolutions, tmp_path):
    """Makes a bundle of another id, with changes to its manifest."""

    def make(name, **changes):
        bundle = shutil.copytree(convolutions, tmp_path / "made" / name)
        manifest = json.loads((bundle / "manifest.json").read_text())
        (bundle / "manifest.json").write_text(json.dumps({**manifest, "id": name, **changes}))
        return bundle

    return make


def written(out, *bundles):
    assert cli.run(["site", *map(str, bundles), "-o", str(out)]) == 0
    return out


def refused(capsys, code, *arguments):
    assert cli.run(["site", *map(str, arguments)]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("nnef-pulse: ")
    assert said.err.count("\n") == 1
    return said.err


def test_every_bundle_is_copied_and_listed_and_those_with_sound_are_live(
    tmp_path, convolutions, changed
):
    spoken = changed("spoken", audio={"sampleRate": 16000, "samplesPerPulse": 512, "frontEnd": "-"})
    out = written(tmp_path / "site", convolutions, spoken)
    listed = json.loads((out / "bundles/index.json").read_text())
    assert [(it["id"], it["kind"], it["state"]) for it in listed] == [
        ("convolutions", "model", "ready"),
        ("spoken", "sound", "ready"),
    ]
    for bundle in (convolutions, spoken):
        for it in bundle.iterdir():
            assert (out / "bundles" / bundle.name / it.name).read_bytes() == it.read_bytes()
    index = (out / "index.html").read_text()
    assert index.count(STREAM) == 1
    assert f'{STREAM} bundle="bundles/spoken/">' in index
    assert index.count('href="inspect/?bundle=../bundles/') == 2
    assert "../bundles/convolutions/" in (out / site_pages.INSPECTOR).read_text()
    assert "../bundles/spoken/" in (out / site_pages.STREAM).read_text()
    assert (out / "assets/engine.wasm").read_bytes() == b"\0asm"


def test_what_a_manifest_says_is_text_and_no_markup(tmp_path, changed):
    bundle = changed("marked", title="<script src=x></script>\"'&")
    index = (written(tmp_path / "site", bundle) / "index.html").read_text()
    assert "<script" not in index
    assert "&lt;script src=x&gt;" in index


def test_another_bundle_gives_another_service_worker_and_the_same_one_the_same(
    tmp_path, convolutions, changed
):
    worker = [
        (written(tmp_path / name, bundle) / "sw.js").read_text()
        for name, bundle in (
            ("a", convolutions),
            ("b", convolutions),
            ("c", changed("other")),
        )
    ]
    assert worker[0] == worker[1] != worker[2]
    assert all(it.endswith("// Keeps the pages.\n") for it in worker)


def test_a_site_is_replaced_and_nothing_else_is(tmp_path, capsys, convolutions, changed):
    out = written(tmp_path / "site", convolutions)
    written(out, changed("other"))
    assert [it.name for it in sorted((out / "bundles").iterdir())] == ["index.json", "other"]
    (out / "notes.txt").write_text("mine")
    capsys.readouterr()
    assert "notes.txt" in refused(capsys, 2, convolutions, "-o", out)
    assert (out / "notes.txt").read_text() == "mine"
    for name in ("index.html", "index.json"):
        own = tmp_path / f"own-{name}"
        own.mkdir()
        (own / name).write_text("mine")
        assert name in refused(capsys, 2, convolutions, "-o", own)
        assert [it.name for it in own.iterdir()] == [name]
    inside = written(tmp_path / "around", convolutions) / "bundles" / "convolutions"
    capsys.readouterr()
    assert "is inside" in refused(capsys, 2, inside, "-o", tmp_path / "around")
    assert (inside / "manifest.json").is_file()


def test_misuse_is_one_line_and_leaves_nothing(tmp_path, capsys, convolutions, changed):
    out = tmp_path / "out" / "site"
    other = shutil.copytree(convolutions, tmp_path / "twice" / "convolutions")
    assert "is no bundle" in refused(capsys, 2, tmp_path, "-o", out)
    assert "rename one" in refused(capsys, 2, convolutions, other, "-o", out)
    broken = changed("broken")
    (broken / "model.nnef.tgz").write_bytes(b"cut")
    assert "model.nnef.tgz" in refused(capsys, 1, broken, "-o", out)
    taken = tmp_path / "taken"
    taken.write_text("")
    assert "is a file" in refused(capsys, 2, convolutions, "-o", taken)
    assert "cannot be written" in refused(capsys, 2, convolutions, "-o", taken / "site")
    assert not out.parent.exists()


def test_an_installation_without_pages_says_how_to_get_them(
    tmp_path, capsys, monkeypatch, convolutions
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(site_pages, "_PACKED", tmp_path / "none")
    monkeypatch.setattr(site_pages, "__file__", str(tmp_path / "site-packages" / "pages.py"))
    assert "npm run pack" in refused(capsys, 2, convolutions, "-o", tmp_path / "out")
