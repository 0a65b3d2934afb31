"""Docstrings in Google's style as Markdown."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

__all__ = ["markdown", "signature", "summary"]

_SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises|Example|Examples|Contract|Limits):$", re.MULTILINE)
_ITEM = re.compile(r"^([*\w][\w*.,` ]*): ?(.*)$")
_LISTS = {"Args", "Attributes", "Raises"}
_MODULE = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z_])")
WIDTH = 90
"""Up to this many characters a signature stands on one line."""


def summary(value: Any) -> str:
    """Return the first line of a docstring; empty where there is none of its own."""
    return (inspect.getdoc(value) or "").partition("\n")[0]


def _items(body: str) -> str:
    """Return the items of a section as a list; a line that is deeper goes on with the one before."""
    lines: list[str] = []
    for line in body.split("\n"):
        item = _ITEM.match(line)
        if item:
            lines.append(f"- `{item[1]}`: {item[2]}")
        elif line.strip():
            lines.append(f"  {line.strip()}")
    return "\n".join(lines)


def _text(body: str) -> str:
    """Return prose; what is indented is code."""
    parts = re.split(r"((?:^    .*\n?(?:^\n(?=    ))?)+)", body, flags=re.MULTILINE)
    return "".join(
        f"\n```text\n{textwrap.dedent(part).rstrip()}\n```\n" if part.startswith("    ") else part for part in parts
    )


def markdown(value: Any, linked: Callable[[str], str] = str) -> str:
    """Return an object's docstring as Markdown.

    Args:
        value: The object.
        linked: Makes links of the public names in prose.
    """
    text = inspect.getdoc(value) or ""
    first, *sections = _SECTION.split(text)
    out = [linked(_text(first).strip())]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        inside = textwrap.dedent(body.strip("\n"))
        if title.startswith("Example"):
            out.append(f"```{'pycon' if inside.startswith('>>>') else 'python'}\n{inside.strip()}\n```")
        elif title in _LISTS:
            out.append(f"**{title}**\n\n{linked(_items(inside))}")
        else:
            out.append(f"**{title}**\n\n{linked(inside.strip())}")
    return "\n\n".join(part for part in out if part)


def signature(name: str, value: Any) -> str:
    """Return how something is called, as a line, or a parameter a line; empty where it is not called."""
    function = getattr(value, "__func__", value)
    if isinstance(value, type) and issubclass(value, BaseException):
        return f"except {name}:"
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    parameters = [parameter for parameter in found.parameters.values() if parameter.name not in {"self", "cls"}]
    if [parameter.name for parameter in parameters] == ["args", "kwargs"]:
        return ""

    def shown(text: str) -> str:
        text = re.sub(r"<[^<>]*(?:<[^<>]*>)?[^<>]*>", "...", text.replace("'", ""))
        return _MODULE.sub("", text)

    parts, starred = [], False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
        starred |= parameter.kind in {parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL}
        parts.append(shown(str(parameter)))
    gives = found.return_annotation
    end = "" if gives is found.empty or isinstance(value, type) else f" -> {shown(inspect.formatannotation(gives))}"
    line = f"{name}({', '.join(parts)}){end}"
    return line if len(line) <= WIDTH else f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){end}"
