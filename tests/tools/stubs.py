"""Write the stub of the resources that have no types by hand: their names and parameters, for editors and type checkers.

Strategy: a parameter's annotation is the SDK's own, followed through its aliases down to literals, texts, numbers, lists and mappings.
What the SDK has a class for is a mapping here.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Final

from keybearer.client.resources.tree import TYPED
from tools.syntax import defined, parsed
from tools.wheel import Parameter, Row

__all__ = ["ROOTS", "stub"]

ROOTS: Final = ("beta", "organization", "user_profiles")
"""What the client serves from the table."""

HEAD: Final = '''\
"""Generated from the official SDK's sources by `make methods`: do not edit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack

{imports}
from keybearer.client.resources.raw import RawMethods
from keybearer.shell.downloads import AsyncDownload, AsyncRows, Download, Rows
from keybearer.shell.event_streams import AsyncEventStream, EventStream
from keybearer.shell.pages import AsyncPages, Page
from keybearer.shell.uploads import FileLike
from keybearer.types.record import Record
from keybearer.types.requests import ModelName, ResourceOptions
'''

SYNC: Final = {
    "object": "Record",
    "page": "Page[Record]",
    "json_lines": "Rows[Record]",
    "events": "EventStream",
    "binary": "Download",
}
ASYNC: Final = {
    "object": "Record",
    "page": "AsyncPages[Record]",
    "json_lines": "AsyncRows[Record]",
    "events": "AsyncEventStream",
    "binary": "AsyncDownload",
}

PLAIN: Final = {"str", "int", "float", "bool", "datetime", "date", "None"}
ALIASES: Final = {"object": "Any", "FileTypes": "FileLike", "ModelParam": "ModelName", "type": "Any"}
LISTS: Final = {"List": "Sequence", "Sequence": "Sequence", "SequenceNotStr": "Sequence", "Iterable": "Iterable"}
MAPPING: Final = "Mapping[str, Any]"


def stub(rows: list[Row]) -> str:
    """Return `src/keybearer/client/resources/generated.pyi`."""
    served = [row for row in rows if row.name.partition(".")[0] in ROOTS and not _typed(row.name)]
    resources: dict[str, list[Row]] = defaultdict(list)
    below: dict[str, set[str]] = defaultdict(set)
    for row in served:
        resource = row.name.rpartition(".")[0]
        resources[resource].append(row)
        while resource not in ROOTS:
            parent, _, name = resource.rpartition(".")
            below[parent].add(name)
            resource = parent
    for name in TYPED:
        parent, _, child = name.rpartition(".")
        if parent:
            below[parent].add(child)
    hand = sorted({TYPED[name] for name in TYPED})
    modules = [f"from keybearer.client.resources.{name} import Async{_camel(name)}, {_camel(name)}" for name in hand]
    parts = [HEAD.format(imports="\n".join(modules))]
    for prefix in ("", "Async"):
        parts += [_class(name, prefix, below[name], resources[name]) for name in sorted({*resources, *below})]
    return "\n".join(parts)


def _typed(name: str) -> bool:
    return any(name.startswith(f"{each}.") for each in TYPED)


def _camel(dotted: str) -> str:
    return "".join(word.title() for word in dotted.replace(".", "_").split("_"))


def _class(name: str, prefix: str, below: set[str], rows: list[Row]) -> str:
    lines = [f"class {prefix}{_camel(name)}:", "    @property", "    def with_raw_response(self) -> RawMethods: ..."]
    for child in sorted(below):
        dotted = f"{name}.{child}"
        lines.append(f"    {child}: {prefix}{_camel(TYPED.get(dotted, dotted))}")
    lines += [f"    {_method(row, prefix)}" for row in rows]
    return "\n".join(lines) + "\n"


def _method(row: Row, prefix: str) -> str:
    ordered = sorted(row.parameters, key=lambda each: not each.positional)
    given = ["self", *(_parameter(row, each) for each in ordered if each.positional)]
    keywords = [_parameter(row, each) for each in ordered if not each.positional]
    given += ["*", *keywords] if keywords else []
    reply = (ASYNC if prefix else SYNC)[row.reply]
    word = "async def" if prefix and row.reply != "page" else "def"
    name = row.name.rpartition(".")[2]
    return f"{word} {name}({', '.join(given)}, **options: Unpack[ResourceOptions]) -> {reply}: ..."


def _parameter(row: Row, parameter: Parameter) -> str:
    kinds = list(dict.fromkeys(_kinds(row.module, parameter.annotation)))
    if "Any" in kinds:
        kinds = ["Any"]
    if "ModelName" in kinds:
        kinds = [each for each in kinds if each != "str"]  # any text is one
    if "None" in kinds:
        kinds = [*(each for each in kinds if each != "None"), "None"]
    return f"{parameter.name}: {' | '.join(kinds)}" + ("" if parameter.required else " = ...")


def _kinds(module: Path, node: ast.expr) -> list[str]:
    """Return the types that an annotation stands for."""
    match node:
        case ast.BinOp(left=left, right=right):
            return [*_kinds(module, left), *_kinds(module, right)]
        case ast.Constant(value=None):
            return ["None"]
        case ast.Constant(value=str(text)):  # a name in quotes
            return _kinds(module, ast.parse(text, mode="eval").body)
        case ast.Name(id="Omit"):
            return []
        case ast.Name(id=name) if name in ALIASES:
            return [ALIASES[name]]
        case ast.Name(id=name) if name in PLAIN:
            return [name]
        case ast.Name(id=name):
            return _named(*defined(module, name))
        case ast.Attribute(value=ast.Name(id=inner), attr=name):
            return _named(defined(module, inner)[0], name)
        case ast.Subscript(value=outer, slice=inner):
            return _generic(module, ast.unparse(outer).rpartition(".")[2], inner)
        case _:
            return ["Any"]


def _generic(module: Path, outer: str, inner: ast.expr) -> list[str]:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if outer == "Literal" and any("claude-" in ast.unparse(each) for each in parts):
        return ["ModelName"]
    if outer == "Literal":
        return [f"Literal[{', '.join(ast.unparse(each) for each in parts)}]".replace("'", '"')]
    if outer in {"Union", "Optional", "Annotated", "Required"}:
        chosen = parts[:1] if outer in {"Annotated", "Required"} else parts
        return [kind for each in chosen for kind in _kinds(module, each)] + ["None"] * (outer == "Optional")
    if outer in LISTS:
        return [f"{LISTS[outer]}[{_joined(module, parts[0])}]"]
    return [f"Mapping[{_joined(module, parts[0])}, {_joined(module, parts[1])}]"] if outer == "Dict" else ["Any"]


def _joined(module: Path, node: ast.expr) -> str:
    kinds = list(dict.fromkeys(_kinds(module, node)))
    return "Any" if "Any" in kinds else " | ".join(kinds)


def _named(module: Path, name: str) -> list[str]:
    """Return the types that a name of the SDK's stands for: an alias's, or a mapping for a class."""
    for node in parsed(module).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return _kinds(module, node.value)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return _kinds(module, node.value)
        if isinstance(node, ast.ClassDef) and node.name == name:
            return [MAPPING]
    return ["Any"]
