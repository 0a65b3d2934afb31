"""The links of a page: found, judged by their syntax, and rewritten for the site.

A page is plain Markdown that a forge shows as it is, so its links are relative to the repository.
On the site, Markdown files of the repository's root are pages as well, and every other file outside `docs/` is offered as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["external_problem", "outside", "rewritten", "targets", "titled"]

_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_FENCE = re.compile(r"^( *)(`{3,}).*?^\1\2`*$", re.MULTILINE | re.DOTALL)


def _prose(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to what is outside of code blocks."""
    parts, last = [], 0
    for block in _FENCE.finditer(text):
        parts += [change(text[last : block.start()]), block.group()]
        last = block.end()
    return "".join([*parts, change(text[last:])])


def targets(text: str) -> list[str]:
    """Return the targets of a page's links and pictures, in their order, those in code blocks left out."""
    found: list[str] = []

    def note(part: str) -> str:
        found.extend(match[2] for match in _LINK.finditer(part))
        return part

    _prose(text, note)
    return found


def external_problem(target: str) -> str | None:
    """Say what is wrong with the syntax of an address, or None; nothing is fetched."""
    parts = urlsplit(target)
    if parts.scheme not in {"https", "http", "mailto"}:
        return f"{target}: not a link to the web"
    if parts.scheme != "mailto" and "." not in (parts.hostname or "") and parts.hostname != "localhost":
        return f"{target}: no host"
    return None


def outside(target: str, page: Path, root: Path) -> Path | None:
    """Return the file outside `docs/` that a relative link leads to, relative to the repository; else None."""
    path = target.partition("#")[0]
    if not path or "://" in target:
        return None
    file = (page.parent / path).resolve()
    return None if file.is_relative_to(root / "docs") else file.relative_to(root)


def titled(text: str, page: Path) -> str:
    """Return a page whose links that show a file's name show the title of its page instead."""

    def change(match: re.Match[str]) -> str:
        file = page.parent / match[2].partition("#")[0]
        if match[1] != match[2].partition("#")[0].rpartition("/")[2] and match[1] != match[2]:
            return match[0]
        title = re.match(r"# (.+)", file.read_text("utf-8")) if file.is_file() else None
        return f"[{title[1]}]({match[2]})" if title else match[0]

    return _prose(text, lambda part: re.sub(r"\[([\w./-]+\.md)\]\(([^)\s]+)\)", change, part))


def rewritten(text: str, page: Path, root: Path, place: Callable[[Path], str]) -> str:
    """Return a page whose links to files outside `docs/` lead to where `place` says the site has them."""

    def change(match: re.Match[str]) -> str:
        file = outside(match[2], page, root)
        if file is None:
            return match[0]
        anchor = match[2].partition("#")[2]
        return match[1] + place(file) + (f"#{anchor}" if anchor else "") + match[3]

    return _prose(text, lambda part: _LINK.sub(change, part))
