"""Recipes that take weights: another seed's are taken, other files are refused by what is wrong."""

import json
import shutil

import pytest
import torch
from torchvision.models import VisionTransformer
from transformers import AlbertConfig, AlbertModel, BertConfig, BertModel

from nnef_pulse import recipes
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.errors import UsageError
from nnef_pulse.recipes import vit


@pytest.fixture(autouse=True)
def _small_vit(monkeypatch):
    """ViT-B/16 at a size a test can afford; what is checked is how its weights are read."""
    monkeypatch.setattr(vit, "vit_b_16", small)


def small():
    return VisionTransformer(
        image_size=224,
        patch_size=112,
        num_layers=1,
        num_heads=1,
        hidden_dim=8,
        mlp_dim=8,
        num_classes=3,
    )


def spec(name, weights):
    return recipes.find(name).spec({"weights": str(weights)})


def exported(it, out):
    return export_bundle(
        it.model,
        it.inputs,
        out,
        axes=it.axes,
        asserts=it.asserts,
        card=it.card,
        outputs=it.outputs,
    )


def test_a_vit_is_exported_with_weights_given(tmp_path):
    torch.manual_seed(7)
    other = small()
    torch.nn.init.normal_(other.heads.head.weight)
    torch.save(other.state_dict(), tmp_path / "weights.pt")
    it = spec("vit", tmp_path / "weights.pt")
    bundle = exported(it, tmp_path / "vit")
    manifest = bundle.manifest
    assert (manifest["title"], "quality" in manifest) == ("ViT-B/16", False)
    assert manifest["outputs"][0]["fact"] == "B,3,f32"
    want = other.eval()(it.inputs["input"])
    torch.testing.assert_close(torch.from_numpy(bundle.reference()["output"]), want)
    assert str(tmp_path) not in json.dumps(dict(manifest))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda _: None, "No such file"),
        (lambda path: path.mkdir(), "directory"),
        (lambda path: path.write_bytes(b""), "torch cannot read it"),
        (lambda path: path.write_text("no weights"), "torch cannot read it"),
        (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(99)), "torch cannot read it"),
        (lambda path: torch.save(small(), path), "torch cannot read it"),
        (lambda path: torch.save(torch.zeros(3), path), "it holds Tensor"),
        (lambda path: torch.save({}, path), "it has no tensor class_token"),
        (lambda path: torch.save(changed("class_token", None), path), "no tensor class_token"),
        (lambda path: torch.save(changed("heads.head.bias", torch.zeros(4)), path), r"\[4\]"),
        (lambda path: torch.save(changed("more", torch.zeros(1)), path), "it has more"),
    ],
)
def test_a_file_that_is_no_vit_is_refused(tmp_path, make, said):
    path = tmp_path / "weights.pt"
    make(path)
    with pytest.raises(UsageError, match=said) as caught:
        spec("vit", path)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def changed(name, value):
    return {**small().state_dict(), name: value}


SIZES = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}


def test_an_albert_is_exported_with_weights_given(tmp_path):
    torch.manual_seed(7)
    config = AlbertConfig(embedding_size=8, attn_implementation="eager", **SIZES)
    assert config.hidden_act == "gelu_new"
    other = AlbertModel(config).eval()
    other.save_pretrained(tmp_path / "weights")
    it = spec("albert", tmp_path / "weights")
    bundle = exported(it, tmp_path / "albert")
    assert bundle.manifest["outputs"][0]["fact"] == "B,S,16,f32"
    assert "S <= 512" in bundle.manifest["asserts"]
    want = other(**it.inputs).last_hidden_state
    found = torch.from_numpy(bundle.reference()["output"])
    torch.testing.assert_close(found, want, atol=1e-5, rtol=0)
    # A folder's path stays with its owner.
    assert str(tmp_path) not in json.dumps(dict(bundle.manifest))


def saved(folder, model):
    model.save_pretrained(folder)
    return folder


def cut(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    return folder


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_text("no folder"),
        lambda path: saved(path, BertModel(BertConfig(**SIZES))),
        lambda path: cut(saved(path, AlbertModel(AlbertConfig(embedding_size=8, **SIZES)))),
        lambda path: (
            saved(path, AlbertModel(AlbertConfig(embedding_size=8, **SIZES))) / "model.safetensors"
        ).unlink(),
        lambda path: (
            saved(path, AlbertModel(AlbertConfig(embedding_size=8, **SIZES))) / "config.json"
        ).write_text("{"),
    ],
    ids=["empty", "a file", "bert", "cut", "no weights", "no config"],
)
def test_a_folder_that_is_no_albert_is_refused(tmp_path, make):
    path = tmp_path / "weights"
    make(path)
    with pytest.raises(UsageError, match="no ALBERT can be read there") as caught:
        spec("albert", path)
    assert caught.value.exit_code == 2
    shutil.rmtree(path, ignore_errors=True)
