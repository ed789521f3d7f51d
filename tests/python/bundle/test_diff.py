"""A diff shows what pulsing did, and nothing that is only the engine's rewriting."""

import pytest
import torch

from models import SameConvolutions, export
from nnef_pulse import nnef
from nnef_pulse.bundle.compare import compare
from nnef_pulse.bundle.export import export_bundle
from nnef_pulse.cli import text as printed
from nnef_pulse.engine.model import Model
from nnef_pulse.nnef import difference
from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.dimensions import same_size
from nnef_pulse.recipes.custom_deepspeech import CustomDeepSpeech

PROPERTIES = ["pulse.delay", "pulse.input_axes", "pulse.output_axes", "pulse.streaming_symbol"]


@pytest.fixture(scope="module")
def deepspeech(tmp_path_factory):
    """The recipe's architecture under random weights: training takes minutes."""
    torch.manual_seed(0)
    bundle = export_bundle(
        CustomDeepSpeech(hidden=16),
        {"melbank": torch.randn(2, 60, 64)},
        tmp_path_factory.mktemp("bundles") / "deepspeech",
        axes={"melbank": {0: "B", 1: "S"}},
        pulses={"S": 8},
        outputs=["output"],
    )
    return [Model(bundle.bytes_of(it)) for it in ("model.nnef.tgz", "pulse-S8.nnef.tgz")]


def test_deepspeech_gains_three_delays_and_nothing_of_the_engine_s_own(deepspeech):
    whole, pulsed = deepspeech
    assert whole.outputs[0].fact == "B,-3+(S+3)/4,40,f32"
    found = compare(whole, pulsed)
    assert [(it.before, it.after.op) for it in found.operations] == [
        (None, "tract_pulse_delay")
    ] * 3
    assert [(it.before, it.after) for it in found.extensions] == [
        (None, "tract_registry tract_pulse")
    ]
    assert [(it.name, it.before) for it in found.properties] == [(it, None) for it in PROPERTIES]
    assert found.tensors == ()
    skips = [it for it in found.facts if it.name.endswith(".skip")]
    assert [(it.before, it.after) for it in skips] == [(0, 3)]
    facts = [it for it in found.facts if it not in skips]
    assert {"melbank", "output"} < {it.name for it in facts}
    for it in facts:
        assert "S" in it.before
        assert "S" not in it.after
    lines = list(printed.difference(found))
    assert "  ~ melbank: B,S,64,f32 -> B,8,64,f32" in lines
    assert "  ~ output: B,-3+(S+3)/4,40,f32 -> B,2,40,f32" in lines


def test_either_way_round_it_is_one_difference(deepspeech):
    whole, pulsed = deepspeech
    there, back = compare(whole, pulsed), compare(pulsed, whole)
    assert {it.name for it in there.facts} == {it.name for it in back.facts}
    assert [it.before.op for it in back.operations] == ["tract_pulse_delay"] * 3


def test_a_model_rewritten_by_the_engine_is_the_same_model(deepspeech):
    whole, _ = deepspeech
    assert not compare(whole, whole.rewritten())


def test_a_size_the_engine_spells_in_another_way_is_no_difference(deepspeech):
    archive = Archive.from_bytes(deepspeech[0].rewritten().archive)
    usual, unusual = "((S + 3) / 4)", "((1 + ((S + 1) / 2)) / 2)"
    text = archive.text.replace(unusual, usual)
    assert text.count(usual) > 5

    def format_sizes(size):
        return archive.with_text(text.replace(usual, size)).to_bytes()

    assert not compare(Model(format_sizes(usual)), Model(format_sizes(unusual)))
    # Texts alone differ, and what the engine would not load is another size.
    texts = [nnef.load(format_sizes(size)) for size in (usual, unusual, "((S + 2) / 4)")]
    assert difference(*texts[:2]).operations
    found = difference(texts[0], texts[2], same_size=same_size)
    assert {it.after.op for it in found.operations} == {"reshape"}


def test_other_weights_are_other_tensors(tmp_path):
    models = []
    for n, scale in enumerate((1, 2)):
        model = SameConvolutions()
        torch.nn.init.constant_(model.first.weight, scale)
        path = export(model, tmp_path / str(n)).path
        models.append(Model((path / "model.nnef.tgz").read_bytes()))
    found = compare(*models)
    assert "first.weight" in {it.name for it in found.tensors}
    assert [found.operations, found.facts, found.properties, found.extensions] == [()] * 4
