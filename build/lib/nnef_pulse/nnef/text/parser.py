"""NNEF text to a syntax tree, with errors that say where and what was expected."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files

from lark import Lark, UnexpectedInput, UnexpectedToken

from nnef_pulse.nnef.errors import NnefSyntaxError
from nnef_pulse.nnef.text.builder import Parsed, builder
from nnef_pulse.nnef.text.tree import Document

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")


# Reading, describing, cutting and writing a model all parse the same few texts.
@lru_cache(maxsize=16)
def parse(text: str) -> Document:
    """Read a graph.nnef.

    Raises:
        NnefSyntaxError: the text is not NNEF.
    """
    try:
        parsed: Parsed = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _located(error, text) from None
    return _with_sources(parsed, text)


def _with_sources(parsed: Parsed, text: str) -> Document:
    at, line, counted = parsed.head_end, 1, 0
    blocks = []
    named = (*parsed.document.fragments.values(), parsed.document.graph)
    for block, body in zip(named, parsed.bodies, strict=True):
        if isinstance(body, int):
            blocks.append(replace(block, opening=text[at:body]))
            at = body
            continue
        opening, at = text[at : body.opened], body.opened
        assignments = []
        for assignment, end in body.assignments:
            blank = _BLANK.match(text, at)
            start = blank.end() if blank else at
            line, counted = line + text.count("\n", counted, start), start
            assignments.append(replace(assignment, line=line, source=text[at:end]))
            at = end
        closing, at = text[at : body.closed], body.closed
        blocks.append(replace(block, body=tuple(assignments), opening=opening, closing=closing))
    *fragments, graph = blocks
    return replace(
        parsed.document,
        fragments={block.name: block for block in fragments},
        graph=graph,
        head=text[: parsed.head_end],
        tail=text[at:],
    )


@cache
def _parser() -> Lark:
    grammar = files("nnef_pulse.nnef.text").joinpath("grammar.lark").read_text()
    return Lark(grammar, start="document", parser="lalr", transformer=builder())


_SPOKEN = {
    "NAME": "a name",
    "QUOTED_NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string",
    "TYPE": "a type",
    "GENERIC": "a type in <>",
    "EXTENSION": "an extension",
    "TRUE": "true",
    "FALSE": "false",
    "COMPARE": "a comparison",
    "LOGICAL": "&& or ||",
    "$END": "the end",
}


def _located(error: UnexpectedInput, text: str) -> NnefSyntaxError:
    line, column = error.line, error.column
    wanted = getattr(error, "accepts", None) or getattr(error, "expected", None)
    wanted = wanted or getattr(error, "allowed", None) or ()
    if (isinstance(error, UnexpectedToken) and error.token.type == "$END") or line < 1:
        lines = text.split("\n")
        line, column, found = len(lines), len(lines[-1]) + 1, "the end"
    elif isinstance(error, UnexpectedToken):
        found = repr(str(error.token)[:40])
    else:
        found = repr(text[error.pos_in_stream or 0 :][:1])
    spoken = {_SPOKEN.get(it) or _terminal(it) for it in wanted}
    return NnefSyntaxError(line, column, found, tuple(sorted(spoken)))


def _terminal(name: str) -> str:
    pattern = next((it.pattern.value for it in _parser().terminals if it.name == name), name)
    return repr(pattern)
