"""The reference: `docs/reference/*.md` has an example under the names that it shows; here each name gets its signature and docstring.

Strategy: a section's heading is a list of public names. The files are plain Markdown; on the site each name becomes a section of its
own, and the example follows them.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, is_typeddict

from website.docstrings import markdown, signature, summary
from website.names import public_names

__all__ = ["Example", "examples", "labels", "page"]

_SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CALLED = (types.FunctionType, classmethod, staticmethod, property)


class Example(NamedTuple):
    """A section of a page.

    Attributes:
        names: What it shows.
        body: The section's text.
        programs: Its programs.
    """

    names: list[str]
    body: str
    programs: list[str]


def examples(text: str) -> list[Example]:
    """Return the sections of a page of the reference."""
    return [
        Example(match[1].split(", "), match[2].strip(), _CODE.findall(match[2])) for match in _SECTION.finditer(text)
    ]


def labels(names: Iterable[str]) -> dict[str, str]:
    """Return the anchor of each name; two that differ in their letters' case have two."""
    found: dict[str, str] = {}
    for name in names:
        label = "api-" + re.sub(r"[._]+", "-", name).strip("-").lower()
        found[name] = label if label not in found.values() else f"{label}-2"
    return found


def _linker(own: str, anchors: dict[str, str]) -> Callable[[str], str]:
    """Return what makes links of the public names in backticks, but for a section's own name."""

    def linked(text: str) -> str:
        def link(match: re.Match[str]) -> str:
            name = match[1].removeprefix("keybearer.")
            return f"[`{match[1]}`](#{anchors[name]})" if name in anchors and name != own else match[0]

        text = re.sub(r"\]\((?=[a-z-]+\.md)", "](../", text)  # a docstring's links are those of `docs/`
        return re.sub(r"(?<!\[)`([A-Z][\w.]*|keybearer\.[\w.]+|client\.[\w.]+)`", link, text)

    return linked


def _fields(value: Any) -> str:
    """Return the keys of a TypedDict, whose docstring has their meanings."""
    keys = ", ".join(f"`{name}`" for name in sorted(value.__required_keys__ | value.__optional_keys__))
    return f"**Keys**\n\n{keys}"


def _methods(value: type, linked: Callable[[str], str]) -> str:
    """Return the table of a class's own methods and properties."""
    rows = []
    for name in sorted(dir(value)):
        member = inspect.getattr_static(value, name)
        if name.startswith("_") or not isinstance(member, _CALLED) or not summary(member):
            continue
        kind = name if isinstance(member, property) else f"{name}()"
        rows.append(f"| `{kind}` | {linked(summary(member)).replace('|', chr(92) + '|')} |")
    return "\n".join(["| method | |", "|---|---|", *rows]) if rows else ""


def _entry(name: str, value: Any, anchors: dict[str, str]) -> str:
    """Return what is said of one name."""
    linked = _linker(name, anchors)
    parts = [f"({anchors[name]})=\n## {name.replace('__version__', '`__version__`')}"]
    shown = signature(name, value)
    if shown and not is_typeddict(value):
        parts.append(f"```python\n{shown}\n```")
    if isinstance(value, type | types.FunctionType | types.ModuleType | classmethod | property) or callable(value):
        parts.append(markdown(value, linked))
    elif not isinstance(value, str):
        inner = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])", "", str(value))
        parts.append(f"`{inner}`")
    if is_typeddict(value):
        parts.append(_fields(value))
    elif isinstance(value, type) and not name.startswith("client."):
        parts.append(_methods(value, linked))
    return "\n\n".join(part for part in parts if part)


def page(file: Path) -> str:
    """Return a page of the reference as the site has it."""
    names = public_names()
    anchors = labels(names)
    text = file.read_text("utf-8")
    parts = [text[: text.index("\n## ")].strip()]
    for example in examples(text):
        parts += [_entry(name, names[name], anchors) for name in example.names]
        shown = ", ".join(f"`{name}`" for name in example.names)
        parts.append(
            f"**Example** of {shown}\n\n{example.body}" if len(example.names) < 4 else f"**Example**\n\n{example.body}"
        )
    return "\n\n".join(parts) + "\n"
