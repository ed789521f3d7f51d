"""Serves the built pages with one bundle, and reloads them when the bundle changes."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from nnef_pulse.bundle.files import Bundle
from nnef_pulse.cli.site_pages import INDEX, INSPECTOR, VIEWER, find_pages, rendered
from nnef_pulse.errors import NnefPulseError, SourceError

_BUNDLES, _CHANGED, _SCRIPT = "/bundles/", "/viewed-changed", "/viewed-reload.js"
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
        SourceError: there are no built pages, or the port is taken.
    """
    opened = Bundle.read(bundle)
    pages = find_pages(["dist", VIEWER], "npm start")
    handler = functools.partial(_Handler, pages=pages, bundle=opened)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise SourceError(
            f"port {port} cannot be served on: {error.strerror}; --port 0 takes any free one"
        ) from error
    name = quote(str(opened.manifest["id"]))
    with server:
        address = f"http://127.0.0.1:{server.server_port}"
        ready(f"{address}/inspect/?bundle={_BUNDLES}{name}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


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

    def __init__(self, *args: object, pages: Path, bundle: Bundle) -> None:
        self._opened = bundle
        self._bundle = bundle.path.resolve()
        self._own = f"{_BUNDLES}{bundle.manifest['id']}/"
        super().__init__(*args, directory=os.fspath(pages))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with the pages' files, the bundle's, or what reloads the page."""
        path = urlsplit(self.path).path
        file = path[1:] + (INDEX if path.endswith("/") else "")
        if path == _SCRIPT:
            self._answer(_RELOAD, "text/javascript")
        elif path == _CHANGED:
            self._answer(self._stamp().encode(), "text/plain")
        elif page := self._rendered().get(file):
            if file in (INDEX, INSPECTOR):
                page = page.replace(b"</head>", _TAG, 1)
            self._answer(page, self.guess_type(file))
        elif path.startswith(self._own) and not Path(self.translate_path(path)).is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        """Where a URL's file is: a bundle's file by its bare name, else the pages'."""
        url = unquote(urlsplit(path).path)
        if url.startswith(self._own):
            return os.fspath(self._bundle / Path(url).name)
        return super().translate_path(path)

    def _rendered(self) -> dict[str, bytes]:
        """The pages for the bundle as it is now, or as it was while it is being replaced."""
        try:
            shown = Bundle.read(self._bundle)
        except NnefPulseError:
            shown = self._opened
        return rendered(Path(self.directory), [shown])

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
