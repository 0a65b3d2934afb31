"""Reads a program for the official SDK and finds, line by line, what will differ with keybearer in its place.

Strategy: one walk over the syntax tree. Local names are followed to the SDK's (`import anthropic as a`), and what they name is looked
for in `keybearer.compat` itself. Nothing of the program is imported or run.

Limits: what a program hands about in variables is not followed, but for clients (`self.client = Anthropic()`), so a finding may be
missing; what is found is so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Final

from keybearer.migrate.imports import COMPAT, SDK, imported, is_sdk
from keybearer.migrate.names import client_accepts, has_method, is_client, lacks
from keybearer.migrate.table import ENDED, HTTPX, KINDS, LIKE, PATCHES, SAMPLING, TEXTS, Difference

__all__ = ["differences"]

_RESOURCES: Final = frozenset({"messages", "beta", "models", "files", "completions", "batches"})
_PYDANTIC: Final = frozenset({"BaseModel", "types"})


def differences(tree: ast.Module) -> list[Difference]:
    """Return what will differ, by line; nothing for a program that does not import the SDK.

    Args:
        tree: The program, parsed.
    """
    program = _Program(tree)
    if not program.uses_sdk:
        return []
    found = {finding for node in ast.walk(tree) for rule in RULES for finding in rule(program, node)}
    return sorted(found, key=lambda finding: (finding.line, list(KINDS).index(finding.kind), finding.what))


class _Program:
    """What the names of a program stand for.

    Attributes:
        names: Each local name that stands for something of the SDK or of httpx, with its dotted name.
        clients: The expressions that a client was assigned to, as text.
        inner: The attributes' own values, by identity: a chain is looked at once, whole.
        uses_sdk: Whether the SDK is imported at all.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.names: dict[str, str] = {}
        self.clients: set[str] = set()
        self.inner: set[int] = set()
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.names[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                self.names.update((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)
            elif isinstance(node, ast.Attribute):
                self.inner.add(id(node.value))
        self.uses_sdk = any(is_sdk(name) for name in self.names.values())
        for node in nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign) and self._makes_client(node.value):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                self.clients.update(ast.unparse(target) for target in targets)

    def _makes_client(self, node: ast.expr | None) -> bool:
        return isinstance(node, ast.Call) and is_client(self.dotted(node.func))

    def dotted(self, node: ast.AST | None) -> str:
        """Return the dotted name that an expression stands for; empty for what is imported from nowhere."""
        chain = _chain(node)
        root = self.names.get(chain[0]) if chain else None
        return ".".join([root, *chain[1:]]) if root else ""


def _chain(node: ast.AST | None) -> list[str]:
    """Return the names of `a.b.c`; a call or an index at its root is an empty name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if node is not None:
        names.append(node.id if isinstance(node, ast.Name) else "")
    return names[::-1]


def _imports(_: _Program, node: ast.AST) -> Iterator[Difference]:
    if isinstance(node, ast.ImportFrom) and node.level == 0 and is_sdk(node.module):
        module = node.module or SDK
        new = f"{COMPAT}{module.removeprefix(SDK)}"
        yield Difference(node.lineno, "import", f"from {module} import ...", f"It becomes `from {new} import ...`.")
        for alias in node.names:
            yield from _lacking(alias.lineno, module if alias.name == "*" else f"{module}.{alias.name}")
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if is_sdk(alias.name):
                new = f"import {imported(alias)}" + (f" as {alias.asname}" if alias.asname else "")
                yield Difference(alias.lineno, "import", f"import {alias.name}", f"It becomes `{new}`.")
                yield from _lacking(alias.lineno, alias.name)


def _attributes(program: _Program, node: ast.AST) -> Iterator[Difference]:
    if isinstance(node, ast.Attribute) and id(node) not in program.inner:
        name = program.dotted(node)
        if is_sdk(name) and _chain(node)[0] != "":
            yield from _lacking(node.lineno, name)


def _lacking(line: int, name: str) -> Iterator[Difference]:
    why = "" if name == SDK else lacks(name)
    if why:
        todo = why if why.startswith("keybearer") else why[0].upper() + why[1:]
        yield Difference(line, "hand", name, todo.rstrip(".") + ".")


def _packages(_: _Program, node: ast.AST) -> Iterator[Difference]:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    for package, (kind, todo) in PATCHES.items():
        if any(module == package or module.startswith(package + ".") for module in modules):
            yield Difference(node.lineno, kind, package, todo)  # type: ignore[attr-defined] # an import has a line


def _client_arguments(program: _Program, node: ast.AST) -> Iterator[Difference]:
    if not (isinstance(node, ast.Call) and is_client(program.dotted(node.func))):
        return
    accepted, refused = client_accepts()
    for keyword in node.keywords:
        given = not (isinstance(keyword.value, ast.Constant) and keyword.value.value in {None, False})
        if keyword.arg in refused and given:
            yield Difference(keyword.value.lineno, "hand", f"{keyword.arg}=", refused[keyword.arg])
        elif keyword.arg and keyword.arg not in accepted and keyword.arg not in refused:
            yield Difference(
                keyword.value.lineno, "hand", f"{keyword.arg}=", "A client of keybearer has no such argument."
            )


def _calls(_: _Program, node: ast.AST) -> Iterator[Difference]:
    if not isinstance(node, ast.Call):
        return
    chain = _chain(node.func)
    asks = chain[-1:] in (["create"], ["stream"], ["parse"]) and "messages" in chain
    for keyword in node.keywords if asks else ():
        if keyword.arg in SAMPLING:
            todo = "The call is sent under version 2023-06-01 of the API, with one line in the log."
            yield Difference(keyword.value.lineno, "note", f"{keyword.arg}=", todo)
    first = node.args[0] if node.args else None
    if chain and isinstance(first, ast.Constant) and isinstance(first.value, str) and is_sdk(first.value):
        name = next((each for each in reversed(chain) if each in TEXTS), "")
        if name:
            yield Difference(
                node.lineno, "note" if name == "getLogger" else "hand", f'{name}("{first.value}")', TEXTS[name]
            )


def _chains(program: _Program, node: ast.AST) -> Iterator[Difference]:
    if not isinstance(node, ast.Attribute) or id(node) in program.inner:
        return
    chain = _chain(node)
    at = next((index for index, name in enumerate(chain) if index and name in _RESOURCES), None)
    if at is None or is_sdk(program.dotted(node)):
        return
    method = ".".join(chain[at:])
    for ended, todo in ENDED.items():
        if f".{ended}." in f".{method}.":
            yield Difference(node.lineno, "hand", method, todo)
    for end in range(at + 2, len(chain) + 1):
        if not has_method(".".join(chain[at:end])):
            yield Difference(
                node.lineno, "hand", ".".join(chain[at:end]), f"keybearer's clients have no such method. {LIKE}"
            )
            return


def _private(program: _Program, node: ast.AST) -> Iterator[Difference]:
    private = isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
    if isinstance(node, ast.Attribute) and private and ast.unparse(node.value) in program.clients:
        yield Difference(node.lineno, "hand", f"{ast.unparse(node)}", "It is private to the SDK's client.")


def _subclasses(program: _Program, node: ast.AST) -> Iterator[Difference]:
    for base in node.bases if isinstance(node, ast.ClassDef) else ():
        name = program.dotted(base)
        if is_sdk(name) and set(name.split(".")[1:2]) & _PYDANTIC and not name.endswith("Param"):
            todo = f"The SDK's types are pydantic models, and keybearer's are not. {LIKE}"
            yield Difference(base.lineno, "sdk", f"a subclass of {name}", todo)


def _exceptions(program: _Program, node: ast.AST) -> Iterator[Difference]:
    if isinstance(node, ast.ExceptHandler) and node.type is not None:
        for each in node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]:
            module, _, name = program.dotted(each).rpartition(".")
            if module in {"httpx", "httpx2"} and name in HTTPX:
                todo = f"keybearer has no httpx below it: a call raises {HTTPX[name]}."
                yield Difference(each.lineno, "hand", f"except {module}.{name}", todo)


Rule = Callable[[_Program, ast.AST], Iterator[Difference]]

RULES: Final[tuple[Rule, ...]] = (
    _imports,
    _attributes,
    _packages,
    _client_arguments,
    _calls,
    _chains,
    _private,
    _subclasses,
    _exceptions,
)
"""Each gives the findings of one node."""
