"""NeMo archives: weights that do not fit, code, links and odd files are refused by name."""

from __future__ import annotations

import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import yaml

from frontends.nemo_archives import CONFIG, State, packed, state_of
from nnef_pulse.bundle.model_file import export_file
from nnef_pulse.cli import app as cli
from nnef_pulse.errors import SourceError, UnsupportedError, UsageError
from nnef_pulse.frontends import nemo

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda it: it.pop("encoder.encoder.1.mconv.0.conv.weight"),
            "no encoder.encoder.1.mconv.0",
        ),
        (lambda it: it.pop("decoder.layer0.bias"), "no decoder.layer0.bias"),
        (lambda it: it.update({"encoder.extra": torch.ones(1)}), "encoder.extra"),
        (
            lambda it: it.update({"encoder.encoder.4.mconv.0.conv.weight": torch.ones(2, 2, 1)}),
            "2, 2",
        ),
        (lambda it: it.update({"preprocessor.featurizer.window": torch.ones(3)}), "window"),
    ],
)
def test_weights_that_do_not_fit_are_named(
    tmp_path: Path, change: Callable[[State], object], named: str
) -> None:
    state = state_of(CONFIG)
    change(state)
    with pytest.raises(UnsupportedError, match=named):
        nemo.frame_vad(packed(tmp_path / "it.nemo", CONFIG, state))


class _Touches:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_code_in_an_archive_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    assert not mark.exists()
    bad = {"decoder.layer0.weight": _Touches(mark)}
    with pytest.raises(SourceError, match="more than tensors, and nothing in it is run"):
        nemo.frame_vad(packed(tmp_path / "weights.nemo", CONFIG, bad))
    path = tmp_path / "config.nemo"
    packed(path, CONFIG, state_of(CONFIG))
    with tarfile.open(path, "w") as tar:
        for name, data in {
            "model_config.yaml": f"a: !!python/object/apply:os.mkdir ['{mark}']".encode(),
            "model_weights.ckpt": pickle.dumps(_Touches(mark)),
        }.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with pytest.raises(SourceError, match="no plain YAML"):
        nemo.frame_vad(path)
    assert not mark.exists()


def test_nothing_outside_the_archive_is_read_or_written(tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text(yaml.safe_dump(CONFIG))
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        path = tmp_path / "link.nemo"
        with tarfile.open(path, "w") as tar:
            info = tarfile.TarInfo("model_config.yaml")
            info.type, info.linkname = kind, str(secret)
            tar.addfile(info)
        with pytest.raises(SourceError, match="no plain file"):
            nemo.frame_vad(path)
    packed(tmp_path / "climb.nemo", CONFIG, state_of(CONFIG), prefix="../")
    with pytest.raises(SourceError, match=r"holds no model_config\.yaml"):
        nemo.frame_vad(tmp_path / "climb.nemo")
    assert sorted(it.name for it in tmp_path.iterdir()) == [
        "climb.nemo",
        "link.nemo",
        "secret.yaml",
    ]


def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    whole = packed(tmp_path / "whole.nemo", CONFIG, state_of(CONFIG)).read_bytes()
    for content in (b"", b"no tar at all", whole[:2000]):
        path = tmp_path / "cut.nemo"
        path.write_bytes(content)
        with pytest.raises(SourceError, match=r"cut\.nemo"):
            nemo.frame_vad(path)
        assert cli.run(["export", str(path), "-o", str(tmp_path / "out")]) == 2
    with pytest.raises(SourceError, match=r"gone\.nemo"):
        nemo.frame_vad(tmp_path / "gone.nemo")
    for config, state in (([1], {}), (CONFIG, [torch.ones(1)]), (CONFIG, {"a": 1})):
        with pytest.raises(SourceError, match="no table"):
            nemo.frame_vad(packed(tmp_path / "odd.nemo", config, state))


def test_axes_modes_and_options_are_its_own(tmp_path: Path) -> None:
    path = packed(tmp_path / "it.nemo", CONFIG, state_of(CONFIG))
    with pytest.raises(UsageError, match="its own axes"):
        export_file(path, tmp_path / "out", axes={"samples": {1: "T"}})
    with pytest.raises(UsageError, match="no option 'rate'"):
        export_file(path, tmp_path / "out", settings={"rate": "8000"})
    with pytest.raises(SourceError, match=r"ends in \.onnx or \.nemo"):
        export_file(tmp_path / "it.pt", tmp_path / "out")
