"""Prints what installed distributions say of their terms, as JSON: python installed.py NAME ..."""

import importlib.metadata
import json
import re
import sys

TERMS = re.compile(r"-info/(.*/)?(licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)

found = []
for name in sys.argv[1:]:
    distribution = importlib.metadata.distribution(name)
    about = distribution.metadata
    texts = sorted((it for it in distribution.files or [] if TERMS.search(str(it))), key=str)
    found.append(
        {
            "name": distribution.name,
            "version": distribution.version,
            "home": about.get("Home-page", ""),
            "licence": about.get("License-Expression") or about.get("License", "none"),
            "texts": [it.read_text("utf-8") for it in texts],
        }
    )
print(json.dumps(found))
