"""Serves the built inspector with one bundle open, and reloads the page when the bundle changes."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from nnef_pulse.bundle.files import Bundle
from nnef_pulse.errors import SourceError

_INSPECTOR = Path("inspect", "index.html")
_BUNDLE, _CHANGED, _SCRIPT = "/viewed/", "/viewed-changed", "/viewed-reload.js"
_TAG = f'<script type="module" src="{_SCRIPT}"></script></head>'.encode()
# The page's policy lets scripts and requests of its own origin through, and nothing else. While
# the bundle is being replaced, or the server is gone, there is nothing to reload.
_RELOAD = f"""
const stamp = () => fetch("{_CHANGED}").then((answer) => answer.text(), () => "");
let shown = await stamp();
setInterval(async () => {{
  const now = await stamp();
  if (now === "" || now === shown) return;
  if (shown !== "") location.reload();
  shown = now;
}}, 1000);
""".encode()


def serve(bundle: Path, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted, to this machine alone.

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
        raise SourceError(
            f"port {port} cannot be served on: {error.strerror}; --port 0 takes any free one"
        ) from error
    name = quote(str(opened.manifest["id"]))
    with server:
        address = f"http://127.0.0.1:{server.server_port}"
        ready(f"{address}/inspect/?bundle={_BUNDLE}{name}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def _site() -> Path:
    # Where the command is called, or the clone that it runs from.
    here, own = Path.cwd(), Path(__file__).resolve()
    for folder in (here, *here.parents, *own.parents):
        if (folder / "dist" / _INSPECTOR).is_file():
            return folder / "dist"
    raise SourceError(
        "the inspector is not here: no built site in dist/ of this folder or one above it; "
        "run `npm start` in a clone of nnef-pulse once, then this command there"
    )


class _Handler(SimpleHTTPRequestHandler):
    # A system's own table may say otherwise; a browser refuses modules and wasm of another type.
    extensions_map = {  # noqa: RUF012  # the base's own
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".css": "text/css",
        ".json": "application/json",
        ".wasm": "application/wasm",
        ".svg": "image/svg+xml",
        ".tgz": "application/octet-stream",
    }

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
            page = Path(self.directory, _INSPECTOR).read_bytes()
            self._answer(page.replace(b"</head>", _TAG, 1), "text/html; charset=utf-8")
        elif path.startswith(_BUNDLE) and not Path(self.translate_path(path)).is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Where a URL's file is: a bundle's file by its bare name, else the site's."""
        url = unquote(urlsplit(path).path)
        if url.startswith(_BUNDLE):
            return os.fspath(self._bundle / Path(url).name)
        return super().translate_path(path)

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """Refuse: what else lies beside a file is nobody's business."""
        del path
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Have every file asked for anew: a bundle that changed must not be shown as it was."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Nothing: requests are not what the user asked about."""

    def _stamp(self) -> str:
        """What changes when any file of the bundle does; empty while it is being replaced."""
        try:
            files = sorted(self._bundle.iterdir())
            stamps = [(it.name, it.stat().st_mtime_ns, it.stat().st_size) for it in files]
        except OSError:
            return ""
        return str(hash(tuple(stamps)))

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
