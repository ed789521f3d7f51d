"""`nnef-pulse run`: a bundle used natively on files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import typer

from nnef_pulse.bundle.files import Bundle
from nnef_pulse.errors import UsageError
from nnef_pulse.run import open_stream, process, segments
from nnef_pulse.run.sound import read_wav, write_wav


def run(bundle: Path, files: list[Path], out: Path | None, *, as_json: bool, as_csv: bool) -> None:
    """Run a bundle on files and print what it finds.

    Raises:
        UsageError: options that exclude each other, or a file that cannot be read.
        BundleError: it is no bundle, or has no pulsed form.
    """
    if as_json and as_csv:
        raise UsageError("give --json or --csv, not both")
    read = Bundle.read(bundle)
    if "audio" not in read.manifest:
        if as_csv:
            raise UsageError(f"--csv is for bundles that find speech, and {bundle} does not")
        _run_tensors(read, files, out, as_json=as_json)
        return
    if "output" in read.manifest["audio"]:
        if as_csv:
            raise UsageError(f"--csv is for bundles that find speech, and {bundle} makes sound")
        _run_sounds(read, files, out, as_json=as_json)
        return
    if out:
        raise UsageError(
            "-o is for tensors and made sound; the segments of sounds go to standard output"
        )
    found = [_speech(read, file) for file in files]
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif as_csv:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["file", "start", "end"])
        for each in found:
            writer.writerows([each["file"], *times] for times in _seconds(each))
        typer.echo(text.getvalue(), nl=False)
    else:
        for each in found:
            lines = [f"  {start} to {end} s" for start, end in _seconds(each)] or ["  no speech"]
            typer.echo("\n".join([each["file"], *lines]))


def _run_sounds(bundle: Bundle, files: list[Path], out: Path | None, *, as_json: bool) -> None:
    if out is None:
        raise UsageError(f"{bundle.path} makes sound: name a folder for it with -o")
    made = []
    for file in files:
        samples, rate = process(*read_wav(file), bundle=bundle)
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{file.stem}.wav"
        if target.resolve() == file.resolve():
            raise UsageError(f"{target} would replace the sound itself: name another folder")
        write_wav(target, samples, rate)
        made.append({"file": str(file), "made": str(target), "seconds": len(samples) / rate})
    if as_json:
        typer.echo(json.dumps(made, indent=2))
        return
    for each in made:
        typer.echo(f"{each['made']}: {each['seconds']:.3f} s")


def _speech(bundle: Bundle, file: Path) -> dict[str, Any]:
    samples, rate = read_wav(file)
    result = segments(samples, rate, bundle=bundle)
    return {
        "file": str(file),
        "sampleRate": result.sample_rate,
        "length": result.length,
        "segments": [{"start": start, "end": end} for start, end in result.segments],
        "frameSamples": result.frame_samples,
        "probabilities": [round(float(p), 6) for p in result.probabilities],
    }


def _seconds(found: dict[str, Any]) -> list[tuple[str, str]]:
    rate = found["sampleRate"]
    return [(f"{it['start'] / rate:.3f}", f"{it['end'] / rate:.3f}") for it in found["segments"]]


def _run_tensors(bundle: Bundle, files: list[Path], out: Path | None, *, as_json: bool) -> None:
    described: list[tuple[Path, dict[str, list[int]]]] = []
    for file in files:
        stream = open_stream(bundle)
        inputs = _tensors(file)
        names = {each.name for each in stream.inputs}
        known = {name: array for name, array in inputs.items() if name in names}
        if missing := ", ".join(sorted(names - set(known))):
            raise UsageError(f"{file} has no tensor called {missing}: name it as the input")
        results = stream.push(known) + stream.flush()
        outputs = {}
        for timing in stream.outputs:
            parts = [result.data for result in results if result.name == timing.name]
            if parts:
                joined = np.concatenate(parts, max(timing.axis, 0))
                outputs[timing.name] = np.ascontiguousarray(joined)
        if out:
            out.mkdir(parents=True, exist_ok=True)
            target = out / f"{file.stem}.safetensors"
            safetensors.numpy.save_file(outputs, target)
        described.append((file, {name: list(array.shape) for name, array in outputs.items()}))
    if as_json:
        plain = [{"file": str(file), "outputs": shapes} for file, shapes in described]
        typer.echo(json.dumps(plain, indent=2))
        return
    for file, shapes in described:
        for name, shape in shapes.items():
            typer.echo(f"{file}: {name} {'x'.join(map(str, shape))}")


def _tensors(file: Path) -> dict[str, Any]:
    try:
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as arrays:
                return dict(arrays)
        if file.suffix == ".safetensors":
            return dict(safetensors.numpy.load_file(file))
    except (OSError, ValueError, KeyError, safetensors.SafetensorError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    raise UsageError(f"{file} is neither .safetensors nor .npz")
