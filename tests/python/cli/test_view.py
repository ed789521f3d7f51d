"""`view`: the built inspector with one bundle open, to this machine alone."""

import contextlib
import shutil
import socket
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from nnef_pulse.cli import app as cli
from nnef_pulse.cli import site_pages
from nnef_pulse.cli import view_server as view


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder with a built site, as `npm start` leaves one, to call the command in."""
    inspect = tmp_path / "here" / "dist" / "inspect"
    inspect.mkdir(parents=True)
    (inspect / "index.html").write_text("<head><title>inspector</title></head>")
    (tmp_path / "here" / "dist" / "engine.wasm").write_bytes(b"\0asm")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here" / "dist"


@pytest.fixture
def bundle(convolutions, tmp_path):
    """A bundle to change."""
    return shutil.copytree(convolutions, tmp_path / convolutions.name)


@pytest.fixture
def address(site, bundle):
    """Where it is being viewed."""
    told, ready = [], threading.Event()

    def said(url):
        told.append(url)
        ready.set()

    thread = threading.Thread(target=view.serve, args=(bundle, 0, said), daemon=True)
    thread.start()
    assert ready.wait(10)
    return told[0]


def got(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read(), answer.headers


def at(address, path):
    return urlsplit(address)._replace(path=path, query="").geturl()


def status(url):
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(url) as answer:
        return answer.status
    return 404


def test_the_page_opens_the_bundle_and_asks_whether_it_changed(address, bundle):
    query = urlsplit(address).query
    assert query == "bundle=/bundles/convolutions/"
    page, _ = got(address)
    assert b"inspector" in page
    script, headers = got(at(address, "/viewed-reload.js"))
    assert b'src="/viewed-reload.js"' in page
    assert b"/viewed-changed" in script
    assert headers["Content-Type"] == "text/javascript"
    for it in bundle.iterdir():
        data, headers = got(at(address, f"/bundles/convolutions/{it.name}"))
        assert data == it.read_bytes()
        assert headers["Cache-Control"] == "no-cache"
    assert got(at(address, "/engine.wasm"))[1]["Content-Type"] == "application/wasm"


def test_a_change_of_any_file_is_told(address, bundle):
    changed = at(address, "/viewed-changed")
    before = got(changed)[0]
    assert before
    assert got(changed)[0] == before
    for it in sorted(bundle.iterdir()):
        data = it.read_bytes()
        it.write_bytes(data + b" ")
        after = got(changed)[0]
        it.write_bytes(data)
        assert after not in (b"", before)
    bundle.rename(bundle.with_name("aside"))
    assert got(changed)[0] == b""


@pytest.mark.parametrize(
    "path",
    ["/bundles/", "/bundles/..", "/bundles/../", "/bundles/%2e%2e/", "/bundles/none", "/..", "/"],
)
def test_nothing_else_is_served_and_no_folder_is_listed(address, path):
    assert status(at(address, path)) == 404


def refused(capsys, *arguments):
    code = cli.run(["view", *map(str, arguments)])
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.startswith("nnef-pulse: ")
    assert said.err.count("\n") == 1
    return said.err


def test_misuse_is_one_line_and_exit_code_2(capsys, site, convolutions):
    assert "is no bundle" in refused(capsys, "no-such-folder")
    assert "is no bundle" in refused(capsys, site)
    assert "65535" in refused(capsys, convolutions, "--port", "65536")
    assert "--port" in refused(capsys, convolutions, "--port", "http")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port}" in refused(capsys, convolutions, "--port", port)


def test_without_a_built_site_the_remedy_is_said(capsys, tmp_path, monkeypatch, convolutions):
    # As installed from a wheel: nothing above the package or this folder is a clone.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(site_pages, "__file__", str(tmp_path / "site-packages" / "pages.py"))
    assert "npm start" in refused(capsys, convolutions)
