"""The imports of the official SDK in a program, and the same program with `keybearer.compat` in its place.

Strategy: `ast` says where an import stands, and only the bytes of the module's name are replaced, so that comments, line breaks and
quotes stay as they are. Nothing is imported or run.

    import anthropic                     ->  import keybearer.compat as anthropic
    import anthropic.types               ->  import keybearer.compat.types, keybearer.compat as anthropic
    import anthropic.types as t          ->  import keybearer.compat.types as t
    from anthropic.types import Message  ->  from keybearer.compat.types import Message

Limits: a name in a text (`importlib.import_module("anthropic")`, `mock.patch("anthropic.Anthropic")`) is not changed; `differences`
reports it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

__all__ = ["COMPAT", "SDK", "ImportEdit", "change", "edits", "imported", "is_sdk"]

SDK: Final = "anthropic"
COMPAT: Final = "keybearer.compat"

_FROM: Final = re.compile(rb"from[\s\\]+(anthropic)(?![\w])")


class ImportEdit(NamedTuple):
    """A piece of a program to replace.

    Attributes:
        start: Its first byte.
        end: The byte after its last.
        new: What stands there then.
        line: Its line, from 1.
    """

    start: int
    end: int
    new: bytes
    line: int


def is_sdk(module: str | None) -> bool:
    """Whether a module is the SDK or a part of it."""
    return module is not None and (module == SDK or module.startswith(SDK + "."))


def edits(source: bytes, tree: ast.Module) -> list[ImportEdit]:
    """Return what to replace so that the program imports keybearer, in the order of the text.

    Args:
        source: The program, in UTF-8.
        tree: The same, parsed.
    """
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return sorted(edit for node in ast.walk(tree) for edit in _edits_of(node, source, starts))


def _edits_of(node: ast.AST, source: bytes, starts: list[int]) -> Iterator[ImportEdit]:
    if isinstance(node, ast.ImportFrom) and node.level == 0 and is_sdk(node.module):
        found = _FROM.match(source, starts[node.lineno - 1] + node.col_offset)
        if found:
            yield ImportEdit(*found.span(1), COMPAT.encode(), node.lineno)
    if isinstance(node, ast.Import):
        for alias in node.names:
            if is_sdk(alias.name):
                start = starts[alias.lineno - 1] + alias.col_offset
                yield ImportEdit(start, start + len(alias.name), imported(alias).encode(), alias.lineno)


def imported(alias: ast.alias) -> str:
    """Return what stands for a module's name after `import`."""
    new = COMPAT + alias.name.removeprefix(SDK)
    if alias.asname:
        return new
    return f"{COMPAT} as {SDK}" if alias.name == SDK else f"{new}, {COMPAT} as {SDK}"


def change(source: bytes, found: list[ImportEdit]) -> bytes:
    """Return a program with edits made.

    Args:
        source: The program.
        found: Edits of it, in the order of the text.
    """
    pieces, at = [], 0
    for edit in found:
        pieces += [source[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*pieces, source[at:]])
