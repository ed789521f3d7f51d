"""Prints what installed distributions say of their terms, as JSON.

python installed.py [NAME ...]      all there are without a name
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from pathlib import Path

TERMS = re.compile(r"(licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)


def told(found: importlib.metadata.Distribution) -> dict[str, object]:
    """Name, version, the terms in whatever words, and the texts that came with it."""
    about = found.metadata
    groups = (it.split(" :: ") for it in about.get_all("Classifier", []))
    texts = [it for it in found.files or [] if "-info/" in str(it) and TERMS.search(str(it))]
    return {
        "name": found.name,
        "version": found.version,
        "home": about.get("Home-page") or "",
        "words": [
            *about.get_all("License-Expression", []),
            *about.get_all("License", []),
            *(it[-1] for it in groups if it[0] == "License"),
        ],
        "texts": [
            Path(str(found.locate_file(it))).read_text("utf-8") for it in sorted(texts, key=str)
        ],
    }


if __name__ == "__main__":
    distributions = importlib.metadata.distributions
    wanted = [importlib.metadata.distribution(it) for it in sys.argv[1:]]
    print(json.dumps([told(it) for it in wanted or distributions()]))
