"""Spells a model in the words the engine is quick at; what it computes stays the same.

tract 0.23 takes any constant power but 2 and 1/2 through a scalar `powf`, one value at a time, and
knows the tanh form of GELU as one operator, which it does not find again in the formula.
"""

from __future__ import annotations

import re
from collections import Counter

from nnef_pulse.nnef.archive import Archive
from nnef_pulse.nnef.gelu import spelled_out_gelus

_POWER = re.compile(r"^([ \t]*)(\w+) = pow\((\w+), ([\w.]+)\);$", re.MULTILINE)
# What torch_to_nnef puts around a number until its type and rank fit.
_FITTED = re.compile(
    r"^[ \t]*(\w+) = (?:unsqueeze|tract_core_cast)\(([\w.]+), [^;\n]*\);\n", re.MULTILINE
)
_TANH_GELU = re.compile(r"(fragment gelu_fast_approx\s*\([^{]*\{)[^}]*\}")
_GELU = "tract_core_gelu_approx({}, fast_impl = false)"
_ONE_OPERATOR = rf"\1\n    y = {_GELU.format('x')};\n}}"
_ASSIGNMENT = re.compile(r"^[ \t]*(\w+) = (\w+)(?:<\w+>)?\([^;\n]*\);\n", re.MULTILINE)
_LABEL = re.compile(r"label = '([^']*)'")


def rewrite(archive: Archive) -> Archive:
    """Third and fourth powers as products, GELU by tanh as one operator."""
    text, gelus = _TANH_GELU.subn(_ONE_OPERATOR, _powers(archive.text))
    rewritten = archive.with_graph(text)
    spellings = spelled_out_gelus(rewritten) if "tanh(" in text else []
    for x, y in spellings:
        line = re.compile(rf"^([ \t]*){y} = [^;\n]*;$", re.MULTILINE)
        text = line.sub(rf"\g<1>{y} = {_GELU.format(x)};", text)
    if spellings:
        rewritten = _without_unread(rewritten, text)
    gelus += len(spellings)
    return rewritten.with_extensions(["tract_registry tract_core"]) if gelus else rewritten


def _without_unread(archive: Archive, text: str) -> Archive:
    """The archive under that text, less the assignments, and their tensors, that it left unread."""
    kept = _unread(archive.text)
    files = dict(archive.files)
    while unread := _unread(text) - kept:
        for it in _ASSIGNMENT.finditer(text):
            label = _LABEL.search(it[0])
            if it[1] in unread and it[2] == "variable" and label:
                del files[f"{label[1]}.dat"]
        text = _ASSIGNMENT.sub(lambda it: "" if it[1] in unread else it[0], text)
    return Archive(files).with_graph(text)


def _unread(text: str) -> set[str]:
    # A variable's label often is its name; that reads nothing.
    count = Counter(re.findall(r"\w+", re.sub("'[^']*'", "", text)))
    return {it[1] for it in _ASSIGNMENT.finditer(text) if count[it[1]] == 1}


def _powers(text: str) -> str:
    fitted = {it[1]: it[2] for it in _FITTED.finditer(text)}
    exponents: set[str] = set()

    def product(it: re.Match[str]) -> str:
        indent, out, base, number = it.groups()
        names = []
        while number in fitted:
            names.append(number)
            number = fitted[number]
        factor = {"3": base, "4": f"{out}_squared"}.get(number.removesuffix(".0"))
        if factor is None:
            return it[0]
        exponents.update(names)
        square = f"{out}_squared = mul({base}, {base});"
        return f"{indent}{square}\n{indent}{out} = mul({out}_squared, {factor});"

    text = _POWER.sub(product, text)
    while unread := {it for it in exponents if len(re.findall(rf"\b{it}\b", text)) == 1}:
        exponents -= unread
        text = _FITTED.sub(lambda it: "" if it[1] in unread else it[0], text)
    return text
