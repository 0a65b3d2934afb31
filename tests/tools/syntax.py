"""The official SDK's resources as a tree of classes, read from its sources by their syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["Problem", "defined", "methods_of", "parsed"]


class Problem(Exception):  # noqa: N818 - what it is; the script reports it
    """A form that this script does not know."""


@cache
def parsed(module: Path) -> ast.Module:
    """Return a module's syntax."""
    return ast.parse(module.read_text(encoding="utf-8"))


def methods_of(module: Path, name: str, dotted: str) -> Iterator[tuple[str, Path, ast.FunctionDef]]:
    """Walk a class and the resources that its cached properties give."""
    found = next((node for node in parsed(module).body if isinstance(node, ast.ClassDef) and node.name == name), None)
    if found is None:
        raise Problem(f"no class {name} in {module.name}")
    for function in found.body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith(("_", "with_")):
            continue
        marks = {ast.unparse(each) for each in function.decorator_list}
        if "cached_property" in marks and isinstance(function.returns, ast.Name):
            inner = f"{dotted}.{function.name}".lstrip(".")
            yield from methods_of(*defined(module, function.returns.id), inner)
        elif dotted and not marks & {"overload", "property", "cached_property", "override"}:
            yield dotted, module, function


def defined(module: Path, name: str) -> tuple[Path, str]:
    """Return the module that defines a name which another has, and the name there; follows imports."""
    for level, place_name, inner_name in _imported(module).get(name, ()):
        place = module.parents[level - 1].joinpath(*place_name.split("."))
        inner = place / f"{inner_name}.py"
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.exists():
                if file.name == "__init__.py" and not _has(file, inner_name) and inner.exists():
                    return inner, ""  # a module
                return defined(file, inner_name)
    return module, name


@cache
def _imported(module: Path) -> dict[str, list[tuple[int, str, str]]]:
    """Return what the relative imports of a module bind: the level, the module and the name there."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.ImportFrom) and node.level:
            for each in node.names:
                found.setdefault(each.asname or each.name, []).append((node.level, node.module or "", each.name))
    return found


def _has(module: Path, name: str) -> bool:
    for node in parsed(module).body:
        if isinstance(node, ast.ImportFrom) and any((each.asname or each.name) == name for each in node.names):
            return True
        if isinstance(node, ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, ast.AnnAssign | ast.Assign) and ast.unparse(node).startswith(name):
            return True
    return False
