"""`verify` finds what is wrong with a bundle: a flipped bit anywhere, a claim that is false."""

import hashlib
import json
import random
import shutil

import pytest

from nnef_pulse.bundle.verify import verify
from nnef_pulse.errors import BundleError, VerificationError


@pytest.fixture
def copy(convolutions, tmp_path):
    return shutil.copytree(convolutions, tmp_path / convolutions.name)


def changed(bundle, change):
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def proof(manifest, claim):
    return next(it for it in manifest["verified"] if it["claim"] == claim)


def one_run(**sizes):
    return {"sizes": [sizes], "variations": ["example"]}


def test_a_good_bundle_holds(copy):
    assert verify(copy) > 5


def test_silero_holds(silero):
    assert verify(silero) > 5


@pytest.mark.parametrize(
    ("bundle", "files"),
    [
        ("convolutions", {"model.nnef.tgz", "pulse-S4.nnef.tgz", "reference.safetensors"}),
        ("silero", {"LICENSE", "model.nnef.tgz", "pulse-T1.nnef.tgz", "reference.safetensors"}),
    ],
)
def test_a_flipped_bit_in_any_file_is_found(request, tmp_path, bundle, files):
    made = request.getfixturevalue(bundle)
    copy = shutil.copytree(made, tmp_path / made.name)
    assert {it.name for it in copy.iterdir()} == {"manifest.json", *files}
    rng = random.Random(1)
    for name in files:
        good = (copy / name).read_bytes()
        for _ in range(20):
            bad = bytearray(good)
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
            (copy / name).write_bytes(bad)
            with pytest.raises(VerificationError, match=name):
                verify(copy)
        (copy / name).write_bytes(good)


def test_a_flipped_bit_in_the_manifest_is_found_or_changes_no_claim(copy):
    path = copy / "manifest.json"
    good = path.read_bytes()
    told = ("title", "source", "licence", "quality", "engine", "defaults", "audio")
    rng = random.Random(2)
    for _ in range(40):
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        path.write_bytes(bad)
        try:
            verify(copy)
        except (VerificationError, BundleError):
            continue
        left, right = json.loads(good), json.loads(bad)
        for key in told:
            left.pop(key, None), right.pop(key, None)
        for manifest in (left, right):
            for it in manifest["verified"]:
                # A larger error than was found, or proofs against others, the files cannot deny.
                it.pop("largestError"), it.pop("tolerance"), it.pop("against"), it.pop("tail", 0)
            manifest["verified"] = [it for it in manifest["verified"] if it["again"]]
        assert left == right


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it["pulses"][0].update(delay=3), "delay: the manifest says 3, the files 4"),
        (lambda it: it["pulses"][0].update(warmUp=1), "warmUp"),
        (lambda it: it["pulses"][0].update(outputAxes=[1]), "outputAxes"),
        (lambda it: it["pulses"][0].update(pulse=8), "pulse"),
        (lambda it: it["inputs"][0].update(fact="B,S,9,f32"), "inputs"),
        (lambda it: it["outputs"][0].update(name="result"), "outputs"),
        (lambda it: it.update(symbols=["S"]), "symbols"),
        (lambda it: it.update(asserts=["B >= 1"]), "asserts"),
        (lambda it: it.update(modes={"one": ["S==1"]}), "modes"),
        (lambda it: it.update(id="other"), "id"),
        (lambda it: it.update(files=it["files"][:-1]), "not in the manifest"),
        (lambda it: it.update(verified=it["verified"][:1]), "claims nothing"),
        (lambda it: proof(it, "pulsed").update(comparedLength=9999), "comparedLength"),
        (lambda it: proof(it, "pulsed").update(sizes=[{"B": 1, "S": 40}]), "variations"),
        (lambda it: proof(it, "pulsed").update(one_run(B=1, S=40)), "comparedLength"),
        (lambda it: proof(it, "pulsed").update(one_run(A=1, S=40)), "no size"),
        (lambda it: proof(it, "whole").update(comparedLength=1), "comparedLength"),
        (lambda it: proof(it, "whole").update(largestError=1.0), "over its limit"),
        (lambda it: proof(it, "pulsed").pop("tail"), "tail"),
    ],
)
def test_a_false_claim_is_found(copy, change, said):
    changed(copy, change)
    with pytest.raises(VerificationError, match=said):
        verify(copy)


def test_a_stream_that_is_not_the_whole_is_found(copy, tmp_path):
    from models import SameConvolutions, export

    other = export(SameConvolutions(), tmp_path / "other", pulses={"S": 8}).path
    name = "pulse-S4.nnef.tgz"
    data = (other / "pulse-S8.nnef.tgz").read_bytes()
    (copy / name).write_bytes(data)

    def adopt(manifest):
        entry = next(it for it in manifest["files"] if it["path"] == name)
        entry.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())

    changed(copy, adopt)
    with pytest.raises(VerificationError, match="pulse"):
        verify(copy)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", '{"schema": 2}'])
def test_a_manifest_that_is_none_is_refused(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(BundleError):
        verify(copy)
