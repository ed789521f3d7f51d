"""Segments against the silero-vad package, on random probability tracks."""

import importlib.util
import json
from pathlib import Path

import pytest

from nnef_pulse.errors import UsageError
from nnef_pulse.run import SegmenterRules, speech_segments

TRACKS = Path(__file__).parents[2] / "web/segmenter/silero_tracks.py"


def tracks():
    spec = importlib.util.spec_from_file_location("silero_tracks", TRACKS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_segments_equal_the_silero_package():
    for case in tracks().cases(2000, 7):
        rules = SegmenterRules.of_manifest(case["options"])
        found = speech_segments(
            case["probabilities"],
            sample_rate=case["sampleRate"],
            length=case["length"],
            rules=rules,
        )
        assert [[*each] for each in found] == case["segments"], json.dumps({**case, "found": found})


@pytest.mark.parametrize(
    ("rule", "value"),
    [("threshold", 2), ("neg_threshold", -1), ("min_speech_ms", -1), ("max_speech_ms", 0)],
)
def test_a_rule_out_of_range_is_refused(rule, value):
    with pytest.raises(UsageError, match=rule):
        SegmenterRules(**{rule: value})


def test_an_unknown_rule_is_refused():
    with pytest.raises(UsageError, match="unknown rule treshold"):
        SegmenterRules.of_manifest({}, treshold=0.4)
