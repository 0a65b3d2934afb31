"""A value for each parameter of the official SDK's methods, made from its annotation."""

from __future__ import annotations

import ast
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from tools.syntax import defined, parsed
from tools.wheel import Parameter, Row

__all__ = ["arguments"]

PLAIN: Final[dict[str, Any]] = {
    "str": "a b/ü+&",
    "int": 7,
    "float": 0.5,
    "bool": True,
    "object": {"any": [1, None]},
    "datetime": datetime(2026, 10, 1, 12, 30, tzinfo=timezone(timedelta(hours=2))),
    "date": date(2026, 10, 2),
    "FileTypes": ("notes.txt", b"one\r\ntwo", "text/plain"),
}

NESTED: Final[dict[str, Any]] = {
    "type": "sample",
    "inner": {"list": [1, "two", {"deep": True}], "null": None, "text": "ü"},
}
"""What stands for a mapping that the SDK has a type for: its fields are passed through by both."""


def arguments(row: Row, *, only_required: bool) -> dict[str, Any]:
    """Return arguments for a method, by name.

    Args:
        row: The method.
        only_required: Leave out what may be left out.
    """
    given: dict[str, Any] = {}
    for parameter in row.parameters:
        if parameter.required or not only_required:
            given[parameter.name] = "wrkspc_1" if parameter.name in row.headers else _sample(row.module, parameter)
    if row.reply != "events" and row.name.rpartition(".")[0] in {"messages", "beta.messages"}:
        given.pop("stream", None)
        given.pop("output_format", None)
    return given


def _sample(module: Path, parameter: Parameter) -> Any:
    value = _value(module, parameter.annotation)
    return f"{parameter.name}:x y" if parameter.positional and value == PLAIN["str"] else value


def _value(module: Path, node: ast.expr) -> Any:
    match node:
        case ast.BinOp(left=left):  # X | Omit
            return _value(module, left)
        case ast.Subscript(value=outer, slice=inner):
            return _generic(module, ast.unparse(outer).rpartition(".")[2], inner)
        case ast.Name(id=name) if name in PLAIN:
            return PLAIN[name]
        case ast.Name(id=name):
            return _named(*defined(module, name))
        case _:  # `params_module.Name`: a mapping, or a union of some
            return NESTED


def _generic(module: Path, outer: str, inner: ast.expr) -> Any:
    first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
    if outer == "Literal":
        return ast.literal_eval(first)
    if outer in {"Union", "Optional"}:
        options = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        times = [each for each in options if ast.unparse(each) in {"datetime", "date"}]
        return _value(module, times[0] if times else first)
    if outer == "Dict":
        assert isinstance(inner, ast.Tuple)
        return {"a key": _value(module, inner.elts[1]), "b": _value(module, inner.elts[1])}
    if outer in {"List", "Iterable", "SequenceNotStr", "Sequence"}:
        return [_value(module, first), _value(module, first)]
    return NESTED


def _named(module: Path, name: str) -> Any:
    """Return a value for a name that a module of the SDK's types defines."""
    for node in parsed(module).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return _value(module, node.value)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return _value(module, node.value)
    return NESTED
