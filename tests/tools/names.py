"""Write what the official SDK has under each name of its types, and the stubs of the packages that programs import them from."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from keybearer.compat.types.own import own
from tools.syntax import parsed

__all__ = ["STUBBED", "name_table", "type_stub"]

STUBBED: Final = ("types", "types.beta", "types.messages", "types.beta.messages")

ANY_OF: Final = {"models": "Record", "dicts": "dict[str, Any]", "texts": "str", "others": "Any"}
"""The kind of a name to its type in a stub."""


@cache
def _definitions(types: Path) -> dict[str, ast.stmt]:
    """Return what defines each name, of all modules of the SDK's types."""
    found: dict[str, ast.stmt] = {}
    for file in sorted(types.rglob("*.py")):
        for node in parsed(file).body:
            if (name := _defined(node)) is not None:
                found.setdefault(name, node)
    return found


def _defined(node: ast.stmt) -> str | None:
    """Return the public name that a statement defines."""
    target: ast.expr | None = None
    if isinstance(node, ast.ClassDef):
        return None if node.name.startswith("_") else node.name
    if isinstance(node, ast.AnnAssign):
        target = node.target
    elif isinstance(node, ast.Assign):
        target = node.targets[0]
    return target.id if isinstance(target, ast.Name) and not target.id.startswith("_") else None


def _kind(name: str, types: Path, seen: frozenset[str] = frozenset()) -> str:
    node = _definitions(types).get(name)
    if node is None or name in seen:
        return "others"
    if isinstance(node, ast.ClassDef):
        bases = [ast.unparse(base).partition("[")[0] for base in node.bases]
        if any(base.endswith("Error") for base in bases):
            return "errors"
        if "TypedDict" in bases:
            return "dicts"
        if "BaseModel" in bases:
            return "models"
        return _kind(bases[0], types, seen | {name}) if bases else "others"
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    kinds = set() if value is None else set(_parts(value, types, seen | {name}))
    return kinds.pop() if len(kinds) == 1 else "others"


def _parts(value: ast.expr, types: Path, seen: frozenset[str]) -> Iterator[str]:
    """Return the kinds of what an alias is made of."""
    if isinstance(value, ast.Subscript):
        outer = ast.unparse(value.value)
        inner = value.slice.elts if isinstance(value.slice, ast.Tuple) else [value.slice]
        if outer == "Literal":
            text = all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in inner)
            yield "texts" if text else "others"
        elif outer in {"Union", "Optional"}:
            for each in inner:
                yield from _parts(each, types, seen)
        else:
            yield from _parts(inner[0], types, seen) if outer == "Annotated" else ["others"]
    elif isinstance(value, ast.Name):
        yield "texts" if value.id == "str" else _kind(value.id, types, seen)
    else:
        yield "others"


def _constants(node: ast.stmt | None) -> list[str] | None:
    """Return the texts of a constant that is a tuple of them; None for anything else."""
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if not isinstance(value, ast.Tuple):
        return None
    return [str(each.value) for each in value.elts if isinstance(each, ast.Constant)]


def _tag(node: ast.stmt) -> str | None:
    """Return the one value that a model's `type` field may have."""
    for each in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "type":
            value = each.annotation
            if isinstance(value, ast.Subscript) and ast.unparse(value.value) == "Literal":
                constant = value.slice
                return str(constant.value) if isinstance(constant, ast.Constant) else None
    return None


def _error(node: ast.stmt) -> tuple[str, str]:
    """Return the base of an error class, and the error code that it is for."""
    assert isinstance(node, ast.ClassDef)
    code = next(
        ast.literal_eval(each.annotation.slice)
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and ast.unparse(each.target) == "error_code"
        and isinstance(each.annotation, ast.Subscript)
    )
    return ast.unparse(node.bases[0]), str(code)


def _exports(package: Path) -> list[str]:
    exported = {
        each.asname or each.name
        for node in ast.walk(parsed(package / "__init__.py"))
        if isinstance(node, ast.ImportFrom) and node.level
        for each in node.names
    }
    return sorted(exported)


def name_table(wheel: Path) -> str:
    """Return `names.json`; see `keybearer.compat.types.lookup`.

    Args:
        wheel: The folder of the SDK.
    """
    types = wheel / "types"
    modules: dict[str, list[str]] = {}
    exports: dict[str, list[str]] = {}
    for package in sorted(each.parent for each in types.rglob("__init__.py")):
        dotted = ".".join(package.relative_to(wheel).parts)
        modules[dotted] = sorted(each.stem for each in package.glob("*.py") if each.stem != "__init__")
        exports[dotted] = _exports(package)
    kinds: dict[str, list[str]] = {kind: [] for kind in ("models", "dicts", "texts", "errors", "others")}
    known = set(_definitions(types)) | {name for names in exports.values() for name in names}
    for name in sorted(known):
        kinds[_kind(name, types)].append(name)
    models = {name: _tag(_definitions(types)[name]) for name in kinds.pop("models")}
    values = {name: each for name in kinds["others"] if (each := _constants(_definitions(types).get(name))) is not None}
    kinds["others"] = [name for name in kinds["others"] if name not in values]
    errors = {name: _error(_definitions(types)[name]) for name in kinds.pop("errors")}
    shown = {dotted: exports[dotted] for dotted in STUBBED}
    table = {"modules": modules, "exports": shown, "models": models, "values": values, "errors": errors, **kinds}
    rows = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in table.items()]
    return "{" + ",\n".join(rows) + "}\n"


def type_stub(wheel: Path, dotted: str) -> str:
    """Return the stub of a package of types.

    Args:
        wheel: The folder of the SDK.
        dotted: Its name below `anthropic`, such as `types.beta`.
    """
    types = wheel / "types"
    imports: dict[str, set[str]] = {}
    aliases, classes = [], []
    for name in _exports(wheel.joinpath(*dotted.split("."))):
        if (found := own(name)) is not None:
            module, (ours, _, tag) = found[0], found[1].partition("#")
            if not tag:
                imports.setdefault(module, set()).add(f"{ours} as {name}")
                continue
            imports.setdefault(module, set()).add(f"{ours} as _{ours}")
            aliases.append(f"{name}: TypeAlias = _{ours}")
        elif _constants(_definitions(types).get(name)) is not None:
            aliases.append(f"{name}: tuple[str, ...]")
        elif (kind := _kind(name, types)) == "errors":
            base, code = _error(_definitions(types)[name])
            imports.setdefault("keybearer.compat._exceptions", set()).add(f"{base} as _{base}")
            classes.append(f'class {name}(_{base}):\n    """The error code `{code}`."""\n')
        elif kind in ANY_OF:
            aliases.append(f"{name}: TypeAlias = {ANY_OF[kind]}")
    lines = ['"""Generated from the official SDK\'s sources by `make methods`: do not edit."""', ""]
    lines += ["from typing import Any, TypeAlias", ""]
    imports.setdefault("keybearer.types.record", set()).add("Record as _Record")
    for module, given in sorted(imports.items()):
        lines += [f"from {module} import {each}" for each in sorted(given)]
    exported = (
        {alias.partition(":")[0] for alias in aliases}
        | {each.split("(")[0].split()[1] for each in classes}
        | {each.partition(" as ")[2] for given in imports.values() for each in given}
    )
    lines += ["", "__all__ = ["]
    lines += [f'    "{name}",' for name in sorted(exported) if not name.startswith("_")] + ["]"]
    lines += ["", *(alias.replace("= Record", "= _Record") for alias in aliases), "", *classes]
    return "\n".join(lines) + "\n"
