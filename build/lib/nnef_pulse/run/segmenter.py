"""Turns probabilities into segments of speech by silero's rules.

The rules are those of `get_speech_timestamps_from_probs` in the silero-vad package 6.2.3, exact to
the sample: a hard cut at the maximum skips its own frame, a cut at a silence forgets the silence in
progress, and the minimum length does not apply to parts made by a cut.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from nnef_pulse.errors import UsageError


@dataclass(frozen=True)
class SegmenterRules:
    """When speech begins and ends. Times are milliseconds."""

    threshold: float = 0.5
    """A frame at or above it opens a segment."""
    neg_threshold: float | None = None
    """A frame below it begins a silence; by default `threshold - 0.15`, at least 0.01."""
    min_speech_ms: float = 250
    """Segments must be longer than this, padding excluded."""
    max_speech_ms: float = math.inf
    """Longer segments are cut."""
    min_silence_ms: float = 100
    """A silence this long ends a segment."""
    speech_pad_ms: float = 30
    """Added to each side of a segment, at most up to the middle of a gap."""
    min_silence_at_max_speech_ms: float = 98
    """A silence longer than this is a place to cut a segment that reaches the maximum."""
    use_max_possible_silence_at_max_speech: bool = True
    """Cut at the longest such silence rather than at the last one."""

    def __post_init__(self) -> None:
        for name in ("threshold", "neg_threshold"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise UsageError(f"{name} must be a number from 0 to 1, not {value}")
        for name in (
            "min_speech_ms",
            "min_silence_ms",
            "speech_pad_ms",
            "min_silence_at_max_speech_ms",
        ):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise UsageError(f"{name} must be a number of milliseconds, 0 or more, not {value}")
        if not self.max_speech_ms > 0:
            raise UsageError(f"max_speech_ms must be above 0, not {self.max_speech_ms}")

    @classmethod
    def of_manifest(cls, defaults: Mapping[str, Any], **changes: Any) -> SegmenterRules:
        """The `defaults` of a manifest, with `changes` laid over them.

        Raises:
            UsageError: a change is no rule, or its value is out of range.
        """
        names = {_camel(field.name): field.name for field in fields(cls)}
        unknown = set(changes) - set(names.values())
        if unknown:
            raise UsageError(
                f"unknown rule {sorted(unknown)[0]}: the rules are {', '.join(names.values())}"
            )
        given = {names[name]: value for name, value in defaults.items() if name in names}
        return cls(**{**given, **changes})


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def speech_segments(
    probabilities: Sequence[float],
    *,
    sample_rate: int,
    frame_samples: int | None = None,
    length: int | None = None,
    rules: SegmenterRules = SegmenterRules(),
) -> list[tuple[int, int]]:
    """Segments of speech, start and end in samples.

    Args:
        probabilities: one per frame, from the first frame of the sound.
        sample_rate: in Hz.
        frame_samples: samples per probability; 256 at 8 kHz, else 512.
        length: samples of the sound; by default every frame is complete.
        rules: when speech begins and ends.
    """
    frame = frame_samples or (256 if sample_rate == 8000 else 512)
    total = len(probabilities) * frame if length is None else length
    cores = _cores(probabilities, sample_rate, frame, total, rules)
    return _padded(cores, sample_rate * rules.speech_pad_ms / 1000, total)


def _cores(
    probabilities: Sequence[float], rate: int, frame: int, total: int, rules: SegmenterRules
) -> list[tuple[int, int]]:
    """Segments before padding. Limits are not rounded: the reference compares unrounded doubles."""
    on = rules.threshold
    off = max(on - 0.15, 0.01) if rules.neg_threshold is None else rules.neg_threshold
    shortest = rate * rules.min_speech_ms / 1000
    # The same order of operations as the reference, which takes the maximum in seconds.
    pad = rate * rules.speech_pad_ms / 1000
    longest = rate * (rules.max_speech_ms / 1000) - frame - 2 * pad
    closing = rate * rules.min_silence_ms / 1000
    cuttable = rate * rules.min_silence_at_max_speech_ms / 1000

    found: list[tuple[int, int]] = []
    start = silence = last_silence = resumed = -1
    cuts: list[tuple[int, int]] = []  # silences inside the open segment: length, start

    for index, p in enumerate(probabilities):
        now = index * frame
        if p >= on and silence >= 0:
            if now - silence > cuttable:
                cuts.append((now - silence, silence))
            silence = -1
            if resumed < last_silence:
                resumed = now
        if p >= on and start < 0:
            start = now
            continue
        if start >= 0 and now - start > longest:
            if rules.use_max_possible_silence_at_max_speech and cuts:
                size, cut = max(cuts, key=lambda each: each[0])
                found.append((start, cut))
                start = cut + size
            elif last_silence >= 0:
                found.append((start, last_silence))
                start = resumed if resumed >= last_silence else -1
            else:
                found.append((start, now))
                start = -1
            silence = last_silence = resumed = -1
            cuts = []
        if p < off and start >= 0:
            silence = now if silence < 0 else silence
            if not rules.use_max_possible_silence_at_max_speech and now - silence > cuttable:
                last_silence = silence
            if now - silence >= closing:
                if silence - start > shortest:
                    found.append((start, silence))
                start = silence = last_silence = resumed = -1
                cuts = []
    if start >= 0 and total - start > shortest:
        found.append((start, total))
    return found


def _padded(cores: Sequence[tuple[int, int]], pad: float, total: int) -> list[tuple[int, int]]:
    """Adds the padding, which two neighbours nearer than twice of it share."""
    starts = [float(start) for start, _ in cores]
    ends = [float(end) for _, end in cores]
    for index, (start, end) in enumerate(cores):
        if index == 0:
            starts[0] = int(max(0, start - pad))
        if index + 1 == len(cores):
            ends[index] = int(min(total, end + pad))
            continue
        gap = cores[index + 1][0] - end
        if gap < 2 * pad:
            ends[index] = end + gap // 2
            starts[index + 1] = int(max(0, cores[index + 1][0] - gap // 2))
        else:
            ends[index] = int(min(total, end + pad))
            starts[index + 1] = int(max(0, cores[index + 1][0] - pad))
    return [(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
