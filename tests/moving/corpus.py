"""The programs that are run: the official SDK's own examples and snippets, modules of packages that call it, and programs of ours.

A snippet is made a program by what its page says stands before it: a client, and for a snippet that awaits a coroutine around it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Program", "examples", "own", "packages", "snippets", "type_imports"]

HERE: Final = Path(__file__).parent

PAGES: Final = ("README.md", "helpers.md", "tools.md", "MIGRATION.md", "browser-toolset.md", "computer-toolset.md")
"""The SDK's pages that have snippets; `api.md` has names of types alone."""

_BLOCK: Final = re.compile(r"^```(?:py|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)

PRELUDE: Final = """\
import asyncio, base64, json, os
from typing import *
import anthropic
from anthropic import {names}
client = {client}()
messages = [{{"role": "user", "content": "Say hello"}}]
"""

STREAMED: Final = """\
async with client.messages.stream(max_tokens=64, messages=messages, model="claude-sonnet-5-5") as stream:
"""
"""What stands around a snippet that reads a `stream`."""

EVENTS: Final = STREAMED + "    async for event in stream:\n"

HELPERS: Final = ("beta_tool", "beta_async_tool")
"""Names that a page takes as imported."""

TOOL: Final = """\
@beta_tool
def sum(left: int, right: int) -> str:
    '''Adds two integers together.'''
    return str(left + right)
get_weather = sum
"""


class Program(NamedTuple):
    """A program of the corpus.

    Attributes:
        name: How the table calls it.
        kind: Its group in the table.
        text: Its source.
        files: A folder whose files it reads from its own folder; None when there are none.
        package: The package whose modules have their imports changed instead of this program's own; None for a whole program.
    """

    name: str
    kind: str
    text: str
    files: Path | None = None
    package: str | None = None


def examples(sdk: Path) -> Iterator[Program]:
    """Yield the SDK's examples."""
    folder = sdk / "examples"
    for path in sorted(folder.rglob("*.py")):
        name = f"examples/{path.relative_to(folder).as_posix()}"
        yield Program(name, "the SDK's examples", path.read_text("utf-8"), folder)


def snippets(sdk: Path) -> Iterator[Program]:
    """Yield the snippets of the SDK's pages, each made a program."""
    for page in PAGES:
        text = (sdk / page).read_text("utf-8")
        for found in _BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield Program(f"{page}:{line}", "the SDK's snippets", whole(found[1]))


def whole(snippet: str) -> str:
    """Return a snippet as a program."""
    body = textwrap.dedent(snippet)
    if "client = " in body and not re.search(r"^\s*(async (for|with)|.*\bawait )", body, re.MULTILINE):
        return body
    waits = bool(re.search(r"\b(await|async)\b", body))
    client = "AsyncAnthropic" if waits else "Anthropic"
    if re.search(r"\bevent\.", body) and "stream" not in body:
        body, client, waits = EVENTS + textwrap.indent(body, " " * 8), "AsyncAnthropic", True
    elif re.search(r"\bin stream\b", body) and "as stream" not in body:
        body, client, waits = STREAMED + textwrap.indent(body, " " * 4), "AsyncAnthropic", True
    if re.search(r"\b(sum|get_weather)\b", body) and "def sum" not in body:
        body = TOOL + body
    if waits:
        imports = re.findall(r"^(?:from|import) .*$", body, re.MULTILINE)
        inner = textwrap.indent(re.sub(r"^(?:from|import) .*$\n?", "", body, flags=re.MULTILINE), "    ")
        body = "\n".join(imports) + f"\nasync def main():\n{inner}\nasyncio.run(main())\n"
    helpers = [name for name in HELPERS if re.search(rf"\b{name}\b", body)]
    return PRELUDE.format(client=client, names=", ".join([client, *helpers])) + body


def own() -> Iterator[Program]:
    """Yield our own programs: one a way in which public programs call the SDK."""
    for path in sorted((HERE / "programs").glob("*.py")):
        yield Program(path.stem, "programs of ours", path.read_text("utf-8"))


def packages() -> Iterator[Program]:
    """Yield a program for each package: it asks the package for an answer, and the package's modules are what is changed."""
    for path in sorted((HERE / "packages").glob("*.py")):
        text = path.read_text("utf-8")
        document = ast.get_docstring(ast.parse(text)) or ""
        package = document.partition(":")[0]
        yield Program(path.stem, "packages", text, package=package)


def type_imports(sdk: Path) -> Iterator[tuple[str, str]]:
    """Yield each module and name that `api.md` imports."""
    for found in _BLOCK.finditer((sdk / "api.md").read_text("utf-8")):
        for node in ast.parse(found[1]).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from ((node.module, alias.name) for alias in node.names)
