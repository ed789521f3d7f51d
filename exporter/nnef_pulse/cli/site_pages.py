"""The built pages that the packed wheel carries, filled in with bundles to show."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from nnef_pulse.bundle.files import MANIFEST, Bundle
from nnef_pulse.bundle.verify import file_problems
from nnef_pulse.errors import BundleError, SourceError, UsageError, VerificationError

INDEX, INSPECTOR, STREAM = "index.html", "inspect/index.html", "embed/stream.html"
WORKER, LIST = "sw.js", "bundles/index.json"
VIEWER = ".build/viewer"

_PACKED = Path(__file__).resolve().parents[1] / "pages"
# What the build leaves in a page for the bundles' sections, and as the bundle it opens by itself.
_SECTIONS, _FIRST = "<!-- bundles -->", "../bundles/silero-vad/"


def find_pages(built: Iterable[str], command: str) -> Path:
    """The folder of the built pages: the wheel's, or the clone's that this runs in or from.

    Args:
        built: folders of a clone to look in.
        command: what makes them in a clone.

    Raises:
        SourceError: there are none.
    """
    here, own = Path.cwd(), Path(__file__).resolve()
    clones = (here, *here.parents, *own.parents)
    for folder in (_PACKED, *(clone / name for clone in clones for name in built)):
        if (folder / INSPECTOR).is_file():
            return folder
    raise SourceError(
        "this installation of nnef-pulse has no pages: install the wheel that `npm run pack` "
        f"makes in a clone of nnef-pulse, or run `{command}` in the clone, then this command there"
    )


def rendered(pages: Path, bundles: Sequence[Bundle]) -> dict[str, bytes]:
    """The files that depend on which bundles are shown, by path; absent pages are left out."""
    manifests = [it.manifest for it in bundles]
    live = next((it for it in manifests if _is_live(it)), manifests[0])
    index = json.dumps([_entry(it) for it in manifests], indent=2, ensure_ascii=False) + "\n"
    sections = "\n".join(_section(it) for it in manifests)
    # Other bytes make a browser install the service worker, and with it these pages, anew.
    digest = hashlib.sha256((index + sections).encode()).hexdigest()
    changes = {
        INDEX: (_SECTIONS, sections),
        INSPECTOR: (_FIRST, f"../bundles/{manifests[0]['id']}/"),
        STREAM: (_FIRST, f"../bundles/{live['id']}/"),
        WORKER: ("// ", f"// {digest}\n// "),
    }
    files = {
        path: (pages / path).read_text(encoding="utf-8").replace(old, new, 1).encode()
        for path, (old, new) in changes.items()
        if (pages / path).is_file()
    }
    return {**files, LIST: index.encode()}


def write_site(paths: Sequence[Path], out: Path) -> None:
    """Write a folder for any static host: the inspector, the bundles, and those with sound live.

    Raises:
        BundleError: a bundle cannot be read, or `out` cannot be written.
        VerificationError: a bundle's files are not those of its manifest.
        UsageError: two bundles have one id, or `out` holds what this command did not make.
        SourceError: this installation has no pages.
    """
    pages = find_pages([VIEWER], "npm run pack")
    bundles = [Bundle.read(path) for path in paths]
    out = out.absolute()
    _check_bundles(bundles, out)
    _check_target(out, {*(it.name for it in pages.iterdir()), "bundles"})
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as beside:
            folder = Path(beside, out.name)
            shutil.copytree(pages, folder)
            _fill(folder, pages, bundles)
            if out.exists():
                shutil.rmtree(out)
            folder.rename(out)
    except OSError as error:
        raise BundleError(f"{out} cannot be written: {error.strerror or error}") from error


def _fill(folder: Path, pages: Path, bundles: Sequence[Bundle]) -> None:
    for bundle in bundles:
        to = folder / "bundles" / bundle.manifest["id"]
        to.mkdir(parents=True)
        for name in (MANIFEST, *(it["path"] for it in bundle.manifest["files"])):
            (to / name).write_bytes(bundle.bytes_of(name))
    for path, data in rendered(pages, bundles).items():
        (folder / path).write_bytes(data)


def _check_bundles(bundles: Sequence[Bundle], out: Path) -> None:
    seen: dict[str, Path] = {}
    for bundle in bundles:
        name = bundle.manifest["id"]
        if name in seen:
            raise UsageError(f"{seen[name]} and {bundle.path} are both called {name}: rename one")
        seen[name] = bundle.path
        if bundle.path.resolve().is_relative_to(out.resolve()):
            raise UsageError(f"{bundle.path} is inside {out}, which is replaced: move it elsewhere")
        problem = next(file_problems(bundle), None)
        if problem:
            raise VerificationError(f"{bundle.path}: {problem}", (problem,))


def _check_target(out: Path, own: set[str]) -> None:
    if out.is_file():
        raise BundleError(f"{out} is a file: choose a folder")
    present = {it.name for it in out.iterdir()} if out.exists() else set()
    other = sorted(present - own) if {"sw.js", "bundles"} <= present else sorted(present)
    if other:
        raise UsageError(f"{out} holds {other[0]}, which is no part of a site: choose a new folder")


def _is_live(manifest: Any) -> bool:
    return "audio" in manifest and bool(manifest["pulses"])


def _entry(manifest: Any) -> dict[str, str]:
    kind = "vad" if "defaults" in manifest else "sound" if "audio" in manifest else "model"
    return {"id": manifest["id"], "title": manifest["title"], "kind": kind, "state": "ready"}


def _section(manifest: Any) -> str:
    name, title = manifest["id"], escape(manifest["title"])
    facts = [
        ", ".join(f"{it['name']} {it['fact']}" for it in manifest[side])
        for side in ("inputs", "outputs")
    ]
    licence = manifest["licence"]
    terms = ", ".join(str(licence[key]) for key in ("name", "holder") if key in licence)
    live = f'\n  <nnef-stream bundle="bundles/{name}/"></nnef-stream>' if _is_live(manifest) else ""
    return f"""<section>
  <h2>{title}</h2>
  <p>{escape(manifest["source"]["model"])}</p>
  <p class="small muted">Licence: {escape(terms)}</p>
  <p class="facts"><code>{escape(" → ".join(facts))}</code></p>{live}
  <a class="open" href="inspect/?bundle=../bundles/{name}/">Look inside {title}</a>
</section>"""
