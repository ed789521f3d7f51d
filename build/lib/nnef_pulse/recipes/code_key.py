"""Hashes of the code a result is made by, so that a comment or a docstring remakes nothing.

A key covers every definition of this package that is reached from its starting points. Comments,
docstrings, formatting, the texts of raised errors and the module that holds a definition are left
out. Other packages count by name alone: a lock holds their versions.

Standard library only: set-up runs this file before any package is installed.

    python code_key.py '{"KEY": ["export_bundle", "script.py"]}'
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import symtable
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_MODULE_NAME = re.compile(rf"{_ROOT.name}(\.\w+)+")

Target = tuple[str, str | None]
"""A module and a name in it; no name stands for the whole module."""


def code_key(starts: Iterable[str]) -> str:
    """The key, in hex, of all that is reached from `starts`.

    Args:
        starts: each `package.module:name`, `package.module`, the path of a script, or a bare name
            that one module of this package defines.

    Raises:
        LookupError: there is no such module or definition, or the bare name has several.
    """
    waiting = [_start(start) for start in starts]
    seen: set[Target] = set()
    texts: set[str] = set()
    while waiting:
        target = waiting.pop()
        if target not in seen:
            seen.add(target)
            found, reached = _covered(*target)
            texts.update(found)
            waiting += reached
    for folder in {path.parent for module, _ in seen if (path := _find(module))}:
        texts.update(_data_files(folder))
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()


def _start(text: str) -> Target:
    module, _, name = text.partition(":")
    if name and name not in _read(module).definitions:
        raise LookupError(f"{module} has no definition {name}")
    if name or "." in module:
        return module, name or None
    modules = [it for it in _all_modules() if module in _read(it).definitions]
    if len(modules) != 1:
        raise LookupError(f"{module} is defined in {len(modules)} modules: {modules}")
    return modules[0], module


def _all_modules() -> Iterator[str]:
    for path in sorted(_ROOT.rglob("*.py")):
        parts = path.relative_to(_ROOT.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@dataclass(frozen=True)
class _Module:
    name: str
    is_package: bool
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)
    """What an import runs besides definitions."""
    imports: dict[str, Target] = field(default_factory=dict)


@cache
def _read(name: str) -> _Module:
    path = _find(name) or Path(name)
    if not path.is_file():
        raise LookupError(f"there is no module {name}")
    module = _Module(name, path.name == "__init__.py")
    for statement in ast.parse(path.read_bytes(), str(path)).body:
        defined = _defined(statement)
        for it in defined:
            module.definitions.setdefault(it, []).append(statement)
        if not defined and not _is_left_out(statement):
            module.imports.update(_imports(statement, module))
            if not isinstance(statement, (ast.Import, ast.ImportFrom)):
                module.effects.append(statement)
    return module


def _find(module: str) -> Path | None:
    if module.split(".")[0] != _ROOT.name:
        return None
    base = _ROOT.parent.joinpath(*module.split("."))
    candidates = (base / "__init__.py", base.with_suffix(".py"))
    return next((path for path in candidates if path.is_file()), None)


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        names = [it for target in statement.targets for it in ast.walk(target)]
        return [it.id for it in names if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def _is_left_out(statement: ast.stmt) -> bool:
    """Whether no result depends on it: a string that is not used, or code for other occasions."""
    if isinstance(statement, ast.If):
        return ast.unparse(statement.test) in ("TYPE_CHECKING", "__name__ == '__main__'")
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _imports(node: ast.AST, module: _Module) -> dict[str, Target]:
    """What import statements anywhere in a node bind."""
    bound: dict[str, Target] = {}
    for it in ast.walk(node):
        if isinstance(it, ast.Import):
            for alias in it.names:
                top = alias.name.split(".")[0]
                bound[alias.asname or top] = (alias.name if alias.asname else top, None)
        elif isinstance(it, ast.ImportFrom):
            source = it.module or ""
            if it.level:
                above = module.name.split(".")
                above = above[: len(above) - it.level + module.is_package]
                source = ".".join([*above, *filter(None, [it.module])])
            for alias in it.names:
                bound[alias.asname or alias.name] = _target(source, alias.name)
    return bound


def _target(module: str, name: str) -> Target:
    if _find(f"{module}.{name}"):
        return f"{module}.{name}", None
    return module, None if name == "*" else name


@cache
def _covered(name: str, definition: str | None) -> tuple[list[str], list[Target]]:
    """What a target adds to a key, and the targets it uses itself."""
    if not _find(name) and not name.endswith(".py"):
        return [f"{name}.{definition}"], []
    module = _read(name)
    if definition is None:
        return [], [(name, ""), *((name, it) for it in module.definitions)]
    nodes = module.effects if definition == "" else module.definitions.get(definition)
    if nodes is None:
        # Re-exported, or made by the module's own `__getattr__`.
        return [], [module.imports.get(definition, (name, None))]
    texts: list[str] = []
    reached: list[Target] = [(name, "")]
    for node in nodes:
        reached += _used(node, module)
        texts.append(_text(node))
    return texts, reached


def _used(node: ast.stmt, module: _Module) -> Iterator[Target]:
    inner = _imports(node, module)
    imports = {**module.imports, **inner}
    yield from inner.values()
    names = _free_names(symtable.symtable(ast.unparse(node), module.name, "exec"), top=True)
    seen_through: set[ast.AST] = set()
    for it in ast.walk(node):
        attribute = None
        if isinstance(it, ast.Attribute) and isinstance(it.value, ast.Name):
            seen_through.add(it.value)
            attribute, it = it.attr, it.value
        elif it in seen_through:
            continue
        if isinstance(it, ast.Constant):
            if isinstance(it.value, str) and _MODULE_NAME.fullmatch(it.value) and _find(it.value):
                yield it.value, None  # run by name, as in `python -m`
        elif isinstance(it, ast.Name) and it.id in module.definitions and it.id in names:
            yield module.name, it.id
        elif isinstance(it, ast.Name) and it.id in imports:
            source, imported = imports[it.id]
            yield (source, imported) if imported or not attribute else _target(source, attribute)


def _free_names(table: symtable.SymbolTable, *, top: bool) -> set[str]:
    """The names of the module's scope that a scope and those inside it refer to."""
    own = {it.get_name() for it in table.get_symbols() if top or it.is_global()}
    return own.union(*(_free_names(child, top=False) for child in table.get_children()))


def _text(node: ast.stmt) -> str:
    copy = ast.parse(ast.unparse(node))
    for it in ast.walk(copy):
        if isinstance(it, ast.Raise):
            for inside in ast.walk(it):
                if isinstance(inside, ast.Constant) and isinstance(inside.value, str):
                    inside.value = ""
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(it, block, None)
            if isinstance(statements, list):
                setattr(it, block, [each for each in statements if not _is_silent(each)])
    return ast.dump(copy)


def _is_silent(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Import, ast.ImportFrom)) or _is_left_out(statement)


@cache
def _data_files(folder: Path) -> list[str]:
    paths = [it for it in folder.iterdir() if it.is_file() and it.suffix not in (".py", ".pyc")]
    return [f"{it.name} {hashlib.sha256(it.read_bytes()).hexdigest()}" for it in paths]


if __name__ == "__main__":
    asked: dict[str, list[str]] = json.loads(sys.argv[1])
    print(json.dumps({name: code_key(starts) for name, starts in asked.items()}))
