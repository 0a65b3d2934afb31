"""JSON objects that hold a login, read so that no other value in them can cost the tokens.

Strategy: an object is read strictly and whole. If that fails, it is read member by member: a scan without recursion finds the ends of
each member, and each is read on its own. So a lone surrogate, a NaN, 5,000 digits or 1,000 levels in one member never cost another.
Changes are made among the members' own texts, so everything else stays as it was.

Contract: an object without its end is not an object: a reply or a file that was cut short is refused. Nothing here raises because of a
text's content. Written text holds no NUL, can be read back by the same rules, and stays under `MAX_FILE`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from keybearer.types.secret import Secret

__all__ = ["MAX_FILE", "Document", "changed", "inner_object", "member_names", "parse_object"]

MAX_FILE: Final = 1 << 20
"""The most bytes of a file that holds a secret."""

_UNREADABLE: Final = (ValueError, msgspec.MsgspecError, RecursionError)
"""What msgspec raises for a text: its own error (a ValueError in newer versions only), half of a character, too many levels."""

_SPACE: Final = re.compile(r"[\s\ufeff\0]*")
_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET: Final = re.compile(r'["{}\[\]]')
_BARE: Final = re.compile(r'[^\s,{}\[\]"]+')


class Document(dict[str, Any]):
    """A JSON object that holds secrets: a traceback that shows locals shows `***`.

    An object in it that cannot be read whole is there as the `Secret` of its text, for `inner_object`; anything else that cannot be
    read is left out.
    """

    def __repr__(self) -> str:
        return "***"


def parse_object(text: Secret) -> tuple[str, Document]:
    """Read a JSON object.

    Returns:
        The problem (`not_json`, `not_object`, or none) and the object. The caller raises, without the object among its locals.
    """
    try:
        value = msgspec.json.decode(text.reveal().encode())
    except _UNREADABLE:
        members = _members(text)
        return ("not_json", Document()) if members is None else ("", _read(members))
    return ("", Document(value)) if isinstance(value, dict) else ("not_object", Document())


def inner_object(document: Document, name: str) -> Document | None:
    """Return an object in an object; None when there is none."""
    value = document.get(name)
    if isinstance(value, Secret):
        problem, inner = parse_object(value)
        return None if problem else inner
    return Document(value) if isinstance(value, dict) else None


def member_names(text: Secret) -> set[str]:
    """Return the names in an object; none when the text is no object."""
    return set(_members(text) or ())


def changed(text: Secret, changes: Mapping[str, Any], *, keep: Iterable[str] = ()) -> Secret:
    """Return an object with other values for some names, and everything else as it was.

    Args:
        text: The object; an empty one in place of what is none.
        changes: The values: text, numbers, or what JSON knows. None removes a name; what cannot be written is left out.
        keep: Names that stay, as those of the changes do, where the whole would be too large: then the largest others are left out.
    """
    members = _members(text) or _Members()
    for name, value in changes.items():
        raw = None if value is None else _encoded(value)
        if raw is not None:
            members[name] = raw
        elif value is None:
            members.pop(name, None)
    if _length(members) > MAX_FILE:
        stay = {*changes, *keep}
        for name in sorted(members.keys() - stay, key=lambda name: -len(members[name])):
            del members[name]
            if _length(members) <= MAX_FILE:
                break
    body = ",\n".join(f"  {_name(name)}: {raw}" for name, raw in members.items())
    return Secret(f"{{\n{body}\n}}\n".replace("\0", "\\u0000"))


class _Members(dict[str, str]):
    """The members of an object by name, each as its own text; a traceback that shows locals shows `***`."""

    def __repr__(self) -> str:
        return "***"


def _members(secret: Secret) -> _Members | None:
    """Return the members of an object; None where a text is none, or has no end."""
    text = secret.reveal()
    at = _after(_SPACE, text, 0)
    if text[at : at + 1] != "{":
        return None
    members = _Members()
    at = _after(_SPACE, text, at + 1)
    if text[at : at + 1] == "}":
        return members
    while True:
        name = _STRING.match(text, at)
        if name is None:
            return None
        at = _after(_SPACE, text, name.end())
        if text[at : at + 1] != ":":
            return None
        begin = _after(_SPACE, text, at + 1)
        end = _value_end(text, begin)
        if end is None:
            return None
        members[_text(name[0])] = Secret(text[begin:end]).reveal()  # which masks itself, wherever it is a local
        at = _after(_SPACE, text, end)
        mark = text[at : at + 1]
        if mark == "}":
            return members
        if mark != ",":
            return None
        at = _after(_SPACE, text, at + 1)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int | None:
    found = pattern.match(text, at)
    return None if found is None else found.end()


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    end = _end(pattern, text, at)
    return at if end is None else end


def _value_end(text: str, at: int) -> int | None:
    """Return where the value that begins there ends; None when it does not."""
    first = text[at : at + 1]
    if first not in {"{", "["}:
        return _end(_STRING if first == '"' else _BARE, text, at)
    depth = 0
    while (bracket := _BRACKET.search(text, at)) is not None:
        at = bracket.end()
        if bracket[0] == '"':
            end = _end(_STRING, text, bracket.start())
            if end is None:
                return None
            at = end
            continue
        depth += 1 if bracket[0] in "{[" else -1
        if depth == 0:
            return at
    return None


def _read(members: _Members) -> Document:
    document = Document()
    for name, raw in members.items():
        try:
            document[name] = msgspec.json.decode(raw.encode())
        except _UNREADABLE:
            if raw.startswith('"'):
                document[name] = _text(raw)
            elif raw.startswith("{"):
                document[name] = Secret(raw)
    return document


def _text(raw: str) -> str:
    """Read a string of JSON, with control characters and halves of characters in it; one with other mistakes as it stands."""
    try:
        value = json.loads(raw, strict=False)
    except ValueError:
        return raw[1:-1]
    return str(value)


def _name(name: str) -> str:
    return json.dumps(name)


def _encoded(value: Any) -> str | None:
    """Write a value; None for one that cannot be written, or not read back."""
    if isinstance(value, str):
        return json.dumps(
            str(value)
        )  # a revealed secret is a text of its own kind; an escape carries half of a character
    try:
        raw = msgspec.json.encode(value)
        msgspec.json.decode(raw)
    except (TypeError, *_UNREADABLE):
        return None
    return raw.decode()


def _length(members: _Members) -> int:
    return 4 + sum(6 + len(_name(name)) + len(raw.encode(errors="replace")) for name, raw in members.items())
