"""A bundle used natively: its model as a stream, and the speech in a sound."""

from nnef_pulse.run.segmenter import SegmenterRules, speech_segments
from nnef_pulse.run.segments import SpeechResult, segments
from nnef_pulse.run.sound_stream import process
from nnef_pulse.run.stream import BundleStream, StreamInput, StreamResult, open_stream

__all__ = [
    "BundleStream",
    "SegmenterRules",
    "SpeechResult",
    "StreamInput",
    "StreamResult",
    "open_stream",
    "process",
    "segments",
    "speech_segments",
]
