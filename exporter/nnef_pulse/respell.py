"""Spells a model in the words the engine is quick at; what it computes stays the same.

tract 0.23 takes any constant power but 2 and 1/2 through a scalar `powf`, one value at a time, and
knows the tanh form of GELU as one operator, which it does not find again in the formula.
"""

from __future__ import annotations

import re

from nnef_pulse.archive import Archive

_POWER = re.compile(r"^([ \t]*)(\w+) = pow\((\w+), ([\w.]+)\);$", re.MULTILINE)
# What torch_to_nnef puts around a number until its type and rank fit.
_FITTED = re.compile(
    r"^[ \t]*(\w+) = (?:unsqueeze|tract_core_cast)\(([\w.]+), [^;\n]*\);\n", re.MULTILINE
)
_TANH_GELU = re.compile(r"(fragment gelu_fast_approx\s*\([^{]*\{)[^}]*\}")
_ONE_OPERATOR = r"\1\n    y = tract_core_gelu_approx(x, fast_impl = false);\n}"


def respelt(archive: Archive) -> Archive:
    """Third and fourth powers as products, GELU by tanh as one operator."""
    text, gelus = _TANH_GELU.subn(_ONE_OPERATOR, _powers(archive.graph))
    respelt = archive.with_graph(text)
    return respelt.with_extensions(["tract_registry tract_core"]) if gelus else respelt


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
