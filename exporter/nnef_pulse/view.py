"""Serves the built inspector with one bundle open, and reloads the page when the bundle changes."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from nnef_pulse.bundle import MANIFEST, Bundle
from nnef_pulse.errors import SourceError

_BUNDLE, _CHANGED, _SCRIPT = "/viewed/", "/viewed-changed", "/viewed-reload.js"
_TAG = f'<script type="module" src="{_SCRIPT}"></script></head>'.encode()
# The page's policy lets scripts and requests of its own origin through, and nothing else.
_RELOAD = f"""
const changed = async () => (await fetch("{_CHANGED}")).text();
const first = await changed();
setInterval(async () => {{
  if ((await changed()) !== first) location.reload();
}}, 1000);
""".encode()


def serve(bundle: Path, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        bundle: the bundle's folder.
        port: 0 for any free one.
        ready: told the page's address once it can be opened.

    Raises:
        BundleError: there is no bundle to show.
        SourceError: the site is not built, or the port is taken.
    """
    opened = Bundle.read(bundle)
    site = _site()
    handler = functools.partial(_Handler, site=site, bundle=bundle.resolve())
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise SourceError(f"port {port} cannot be served on: {error.strerror}") from error
    name = quote(str(opened.manifest["id"]))
    with server:
        address = f"http://127.0.0.1:{server.server_port}"
        ready(f"{address}/inspect/?bundle={_BUNDLE}{name}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def _site() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "dist" / "inspect" / "index.html").exists():
            return folder / "dist"
    raise SourceError(
        "no built site in dist/ here or above: run `npm start` in the repository once, then here"
    )


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: object, site: Path, bundle: Path) -> None:
        self._bundle = bundle
        super().__init__(*args, directory=os.fspath(site))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with the site's files, the bundle's, or what reloads the page."""
        path = urlsplit(self.path).path
        if path == _SCRIPT:
            self._answer(_RELOAD, "text/javascript")
        elif path == _CHANGED:
            self._answer(self._stamp().encode(), "text/plain")
        elif path == "/inspect/":
            page = Path(self.directory, "inspect", "index.html").read_bytes()
            self._answer(page.replace(b"</head>", _TAG, 1), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Where a URL's file is: a bundle's file by its bare name, else the site's."""
        url = unquote(urlsplit(path).path)
        if url.startswith(_BUNDLE):
            return os.fspath(self._bundle / Path(url).name)
        return super().translate_path(path)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Nothing: requests are not what the user asked about."""

    def _stamp(self) -> str:
        try:
            return str((self._bundle / MANIFEST).stat().st_mtime_ns)
        except OSError:
            return "being replaced"

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
