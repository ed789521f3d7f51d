"""Reads the command line's `INPUT:AXIS=SYM`, `NAME:EXPR`, `SYM=N` and `KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Iterable

from nnef_pulse.errors import AxisError, UsageError
from nnef_pulse.frontends.fixing import Value


def axes(given: Iterable[str]) -> dict[str, dict[int, str]]:
    """`INPUT:AXIS=SYM` to input name, axis, symbol. Input names may hold colons.

    Raises:
        UsageError, AxisError: an option is spelt otherwise, or names an axis twice.
    """
    result: dict[str, dict[int, str]] = {}
    for text in given:
        left, equals, symbol = text.rpartition("=")
        name, colon, axis = left.rpartition(":")
        if not (equals and colon and name and symbol and axis.lstrip("-").isdigit()):
            raise UsageError(f"--axis {text}: write INPUT:AXIS=SYMBOL, for example melbank:1=S")
        named = result.setdefault(name, {})
        if int(axis) in named:
            raise AxisError(f"axis {axis} of {name} is named twice")
        named[int(axis)] = symbol
    return result


def fixes(given: Iterable[str]) -> dict[str, Value | dict[int, int]]:
    """`INPUT:AXIS=N` and `INPUT=VALUE` to input name and sizes, or its value.

    Raises:
        UsageError, AxisError: an option is spelt otherwise, or fixes something twice.
    """
    result: dict[str, Value | dict[int, int]] = {}
    for text in given:
        left, equals, right = text.rpartition("=")
        name, colon, axis = left.rpartition(":")
        value = _number(right)
        is_size = bool(colon and axis.lstrip("-").isdigit())
        if not (equals and left) or value is None or (is_size and not isinstance(value, int)):
            raise UsageError(f"--fix {text}: write INPUT:AXIS=SIZE or INPUT=VALUE, as in sr=16000")
        name = name if is_size else left
        known = result.setdefault(name, {} if is_size else value)
        if not is_size:
            if known is not value:
                raise UsageError(f"--fix: {name} is fixed twice")
        elif not isinstance(known, dict) or int(axis) in known:
            raise AxisError(f"--fix: axis {axis} of {name} is fixed twice")
        else:
            known[int(axis)] = int(value)
    return result


def _number(text: str) -> Value | None:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def modes(given: Iterable[str]) -> dict[str, list[str]]:
    """`NAME:EXPR` to mode name and comparisons; a name given again adds a comparison.

    Raises:
        UsageError: an option is spelt otherwise.
    """
    result: dict[str, list[str]] = {}
    for text in given:
        name, colon, rule = text.partition(":")
        if not (colon and name.strip().isidentifier() and rule.strip()):
            raise UsageError(f"--mode {text}: write NAME:EXPRESSION, for example tg:S==1")
        result.setdefault(name.strip(), []).append(rule.strip())
    return result


def sizes(option: str, given: Iterable[str]) -> list[tuple[str, int]]:
    """`SYM=N` to pairs, N 0 or more.

    Raises:
        UsageError: an option is spelt otherwise.
    """
    result = []
    for text in given:
        symbol, equals, size = text.partition("=")
        if not (equals and symbol and size.isascii() and size.isdigit()):
            raise UsageError(f"{option} {text}: write SYMBOL=NUMBER, for example S=8".lstrip())
        result.append((symbol, int(size)))
    return result


def settings(option: str, given: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE` to a dict.

    Raises:
        UsageError: an option is spelt otherwise, or a key is given twice.
    """
    result: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not (equals and key):
            raise UsageError(f"{option} {text}: write KEY=VALUE, for example rate=8000")
        if key in result:
            raise UsageError(f"{option} {key} is given twice")
        result[key] = value
    return result
