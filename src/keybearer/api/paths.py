"""Ids in paths: what may stand there, and how it is written.

Contract: whatever an id holds, the path that is asked for is the one that the method is of. Proxies differ in what they decode before
they resolve a path, so an id that would lead away after any number of decodings is refused, and not only quoted.
"""

from __future__ import annotations

import re
from types import UnionType
from typing import Final
from urllib.parse import quote, unquote

from keybearer.errors import UsageError
from keybearer.errors.sanitize import sanitize

__all__ = ["UnusableIDError", "path_to", "segment"]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SLASHES: Final = re.compile(r"[/\\]")
_DECODINGS: Final = 5
"""How often an id is decoded to see where it leads; more than that no chain of proxies does."""


class UnusableIDError(UsageError, ValueError):
    """An id that cannot stand in a path: a ValueError too, as programs for the official SDK expect."""


def path_to(template: str, **ids: str) -> str:
    """Return a path with the ids in their places.

    Args:
        template: Such as `/v1/files/{file_id}/content`.
        **ids: The ids by name.

    Raises:
        TypeError: One is not text.
        UnusableIDError: One is empty, or would lead to another path.
    """
    return template.format(**{name: segment(name, value) for name, value in ids.items()})


def segment(name: str, value: object, *, where: str = "", safe: str = "", kinds: type | UnionType = str) -> str:
    """Return an id as it stands in a path.

    Args:
        name: Its name.
        value: The id.
        where: What an error begins with.
        safe: The characters that are not quoted.
        kinds: What it may be.

    Raises:
        TypeError: It is not text.
        UnusableIDError: It is empty, or would lead to another path.
    """
    if isinstance(value, bool) or not isinstance(value, kinds):
        its_id = " Give its .id." if hasattr(value, "id") else ""
        raise TypeError(f"{where}{name} takes the id as text; it is of type {type(value).__name__}.{its_id}")
    text = str(value)
    if not text.strip():
        raise UnusableIDError(f"{where}Expected a non-empty value for `{name}` but received {text!r}.")
    if problem := _problem(text):
        raise UnusableIDError(f"{where}{name} {problem}.")
    return quote(text, safe=safe)


def _problem(text: str) -> str | None:
    """Return why a text cannot be an id, as the end of a sentence that begins with its name."""
    shown = sanitize(repr(text), 60)
    if _CONTROL.search(text):
        return f"is {shown}, which has a character that no id has"
    for _ in range(_DECODINGS):
        if any(each.partition(";")[0].strip() in {"", ".", ".."} for each in _SLASHES.split(text)):
            return f"is {shown}, with which the path would lead elsewhere"
        text, before = unquote(text), text
        if text == before:
            return None
    return f"is {shown}, which is encoded too often to be an id"
