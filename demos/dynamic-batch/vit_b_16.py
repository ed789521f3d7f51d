"""Writes the archive of the tutorial's ViT-B/16 without its weights: only its text is shown.

python demos/dynamic-batch/vit_b_16.py OUT.nnef.tgz
"""

import sys
from pathlib import Path

from nnef_pulse.frontends import pytorch
from nnef_pulse.nnef.archive import Archive
from nnef_pulse.recipes.vit import spec

GRAPH = "graph.nnef"

asked = spec({})
source = pytorch.source(asked.model, asked.inputs, axes=asked.axes, outputs=asked.outputs)
out = Path(sys.argv[1])
out.parent.mkdir(parents=True, exist_ok=True)
out.write_bytes(Archive({GRAPH: source.archive.files[GRAPH]}).to_bytes())
