"""Makes the wheels Python in the page is given: the project's own, and the one it needs.

    python wheels.py FOLDER [PAGES]

With PAGES it makes the project's own alone, carrying these built pages: the one to install. The
other packages are put together again from what is installed here, so that nothing is fetched.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("lark",)
SOURCES = ("pyproject.toml", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "exporter")
PAGE = ROOT / "web/src/inspector/python/page"
# Zip files know no earlier moment; a time of the build would change the bytes.
NO_TIME = (1980, 1, 1, 0, 0, 0)


def own(folder: Path, pages: Path | None = None) -> str:
    """The project's wheel, built away from the tree, which the back end would litter."""
    from setuptools import build_meta

    os.environ["SOURCE_DATE_EPOCH"] = "315532800"
    with tempfile.TemporaryDirectory() as build:
        for name in SOURCES:
            source, to = ROOT / name, Path(build, name)
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
                shutil.copytree(source, to, ignore=ignored)
            else:
                shutil.copy(source, to)
        if pages:
            shutil.copytree(pages, Path(build, "exporter/nnef_pulse/pages"))
        here = Path.cwd()
        os.chdir(build)
        try:
            return str(build_meta.build_wheel(str(folder)))
        finally:
            os.chdir(here)


def packed(path: Path, files: dict[str, bytes]) -> str:
    """Writes a zip whose bytes depend on its contents alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), files[name], zipfile.ZIP_DEFLATED)
    return path.name


def installed(folder: Path, package: str) -> str:
    """A pure Python package that is installed here, as a wheel again."""
    found = importlib.metadata.distribution(package)
    files = {
        str(it): Path(str(found.locate_file(it))).read_bytes()
        for it in found.files or []
        if not str(it).startswith("..") and "__pycache__" not in str(it)
    }
    return packed(folder / f"{package}-{found.version}-py3-none-any.whl", files)


def page(folder: Path) -> str:
    """What runs in the page only: the names a cell has at hand, and `tract` over its engine."""
    files = {
        str(it.relative_to(PAGE)): it.read_bytes()
        for it in PAGE.rglob("*.py")
        if "__pycache__" not in it.parts
    }
    return packed(folder / "nnef_page-0-py3-none-any.whl", files)


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    stdout = os.dup(1)
    # The back end reports on standard output, which is for the names.
    os.dup2(2, 1)
    if sys.argv[2:]:
        names = [own(target, Path(sys.argv[2]).resolve())]
    else:
        names = [own(target), *(installed(target, it) for it in NEEDED), page(target)]
    os.dup2(stdout, 1)
    print("\n".join(names))
