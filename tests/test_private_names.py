"""No private name of another library, anywhere in the source: a minor release of one must not break this one.

How far a name's owner can be known without running the code: an import says it; so does an attribute of an imported module, or of what
it returns. On `self` a private name must be one that this library defines, on any other object one that
the same file defines, which is how Python's classes use them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "keybearer"

ALLOWED: dict[tuple[str, str], str] = {
    ("simulator/engine/pattern.py", "re._parser"): (
        "The simulator makes texts that match a schema's pattern, and for that it walks the expression's parse tree. "
        "Python parses expressions in no public way, and sre_parse, which was one, is deprecated for this. "
        "It is the standard library's, the simulator is for tests, and its own tests name it when it changes."
    ),
}
"""File and name: why. There is none of a third party's, and there must not be."""

PUBLIC = {"_asdict", "_exit", "_replace", "_fields", "_make", "_field_defaults", "_request_id"}
"""Documented methods of named tuples, `os._exit`, and the official SDK's request id, which its README calls public: the underscore
only keeps them from colliding with fields."""

OURS = {
    "_set": "keyring.py calls the journal that its own base class keeps, in stores/file.py",
    "_settings": "bulk/parameters.py makes a request as the job's client would, whose defaults are there",
}
"""Private names of this library that one file uses of another's class."""


def is_private(name: str) -> bool:
    """Return whether a name is private: one that begins with an underscore, and is no dunder."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__")) and name != "_"


@cache
def parsed(text: str) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(text)


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    """Return all that a syntax tree has."""
    return list(ast.walk(tree))


@cache
def defined(tree: ast.AST) -> set[str]:
    """Return the private names that a file defines: functions, classes, variables, attributes of self, slots."""
    found: set[str] = set()
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and root(node) in {"self", "cls"}:
            found.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)  # a slot, or a name that is set by force_setattr
    return found


def root(node: ast.AST) -> str:
    """Return the name that an expression begins with; an empty string when it begins with none."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript | ast.Await | ast.Starred):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def foreign_names(tree: ast.AST) -> dict[str, str]:
    """Return the names that a file's imports bind to what is not this library's, and what each stands for."""
    names: dict[str, str] = {}
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name.partition(".")[0] != "keybearer":
                    names[each.asname or each.name.partition(".")[0]] = each.name
        elif isinstance(node, ast.ImportFrom) and (node.module or "keybearer").partition(".")[0] != "keybearer":
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Give each import of a private module or name that is not this library's."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            whole = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            whole = [f"{node.module}.{each.name}" for each in node.names]
        else:
            continue
        for name in whole:
            parts = name.split(".")
            if parts[0] != "keybearer" and any(map(is_private, parts)):
                yield node.lineno, name


def attributes(tree: ast.AST, inherited: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Give each private attribute that is not this file's, nor of `self` and inherited."""
    foreign, own = foreign_names(tree), defined(tree)
    for node in nodes(tree):
        if isinstance(node, ast.Attribute):
            name, where = node.attr, root(node)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"getattr", "setattr", "hasattr", "delattr"}
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
        ):
            name, where = str(node.args[1].value), root(node.args[0])
            own = own - {name}  # the string itself is no definition
        else:
            continue
        if not is_private(name) or name in PUBLIC:
            continue
        known = name in own or name in OURS or (where in {"self", "cls"} and name in inherited)
        if where in foreign or not known:
            yield node.lineno, f"{foreign.get(where, where or '...')}.{name}"


def findings(text: str, inherited: frozenset[str] = frozenset()) -> list[tuple[int, str]]:
    """Return the line and name of each use of a private name of somebody else's.

    Args:
        text: A file's source.
        inherited: The private names that this library's other files define.
    """
    tree = parsed(text)
    return sorted({*imports(tree), *attributes(tree, inherited)})


def test_no_private_name_of_another_library_is_used() -> None:
    """All of src/keybearer, with an empty allow-list for libraries and one entry for the standard library."""
    files = {path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}
    inherited = frozenset().union(*(defined(parsed(text)) for text in files.values()))
    found = {(file, name): line for file, text in sorted(files.items()) for line, name in findings(text, inherited)}
    wrong = [f"{file}:{line}: {name}" for (file, name), line in found.items() if (file, name) not in ALLOWED]
    assert wrong == [], "private names of another library: find a public way\n" + "\n".join(wrong)
    assert set(ALLOWED) <= set(found), "an entry of ALLOWED that nothing needs any more: take it out"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import asyncio._private", "asyncio._private"),
        ("from re import _parser", "re._parser"),
        ("from httpcore2._backends import auto", "httpcore2._backends.auto"),
        ("import ssl\nssl._create_unverified_context()", "ssl._create_unverified_context"),
        ("import aiohttp as a\na.connector._DeprecationWaiter", "aiohttp._DeprecationWaiter"),
        ("import httpx2\nhttpx2.Client()._transport", "httpx2._transport"),
        ("def f(client):\n    client._transport._pool", "client._pool"),
        ("def f(pool):\n    getattr(pool, '_connections')", "pool._connections"),
        (
            "from http import client\nclass C(client.HTTPConnection):\n    def f(self):\n        self._tunnel()",
            "self._tunnel",
        ),
        ("import ssl\nclass C:\n    def f(self):\n        self._sslobj = ssl.x._sslobj", "ssl._sslobj"),
    ],
)
def test_it_can_fail(text: str, name: str) -> None:
    """Each way to reach a private name of somebody else's is found."""
    assert name in [found for _, found in findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "from keybearer._version import __version__",
        "from __future__ import annotations",
        "class C:\n    def __init__(self):\n        self._x = 1\n    def f(self, other):\n        return self._x + other._x",
        "class C:\n    __slots__ = ('_x',)\n    def f(self):\n        return self._x",
        "def f(row):\n    return row._replace(a=1)",
        "for _ in ():\n    pass",
    ],
)
def test_one_s_own_are_no_finding(text: str) -> None:
    """A class's private names within its file, named tuples' methods and this library's modules are fine."""
    assert findings(text) == []
