"""When two requests are the same conversation, although machine, folder, day and ids differ.

A request has four forms, from strict to loose, and a replay tries them in this order:

- `exact`: all of it but `metadata`, which may identify a user;
- `rules`: without cache marks, and with what differs between machines and runs replaced (the table `RULES`);
- `conversation`: the turns alone, without system text, tools, settings, reminders and thinking;
- `last-turns`: the model's last turn and what came after it.

Sources of the rules: the requests of Claude Code 2.1.332, as captured, and of its earlier versions, from memory; the
phrases of other agents are a guess.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from keybearer.simulator.core.patterns import lazy

__all__ = ["FORMS", "RULES", "folder_of", "form_of", "ignore_patterns", "normalized", "shown"]

Normalize = Callable[[str], str]
Block = dict[str, Any]

DAY: Final = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
RULES: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = tuple(
    (name, lazy(pattern, re.MULTILINE), put)
    for name, pattern, put in (
        ("client", r"^x-anthropic-billing-header:.*$", "<client>"),
        ("git", r"(?s)\bgitStatus:.*", "<git>"),
        (
            "git",
            r"(?i)^(\W*(?:is (?:directory )?a git repo\w*|current branch|main branch|git user)[^:\n]*):.*$",
            r"\1: <git>",
        ),
        ("machine", r"^(\W*(?:Platform|Shell|OS Version|OS|Operating System|Hostname))\s*:.*$", r"\1: <machine>"),
        ("id", r"\b(?:toolu|srvtoolu|mcptoolu|call|msg|req|file|container|thread|session|sess)_[\w-]{6,}", "<id>"),
        ("id", r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<id>"),
        ("date", r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?", "<date>"),
        ("date", rf"\b{DAY}{MONTH} \d{{1,2}},? \d{{4}}\b", "<date>"),
        ("date", rf"\b{DAY}\d{{1,2}} {MONTH},? \d{{4}}\b", "<date>"),
        ("date", r"\b\d{1,2}/\d{1,2}/\d{4}\b", "<date>"),
        ("time", r"\b\d{1,2}:\d\d:\d\d(?:\.\d+)?(?: ?[AP]M)?\b", "<time>"),
        ("hash", r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b", "<hash>"),
        ("hash", r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,11}\b", "<hash>"),
        ("folder", r"(?<![\w.:/<>-])/(?:[\w.@+~-]+/)+(?=[\w.@+~-])", "<folder>/"),
        ("folder", r"\b[A-Za-z]:\\(?:[\w.@+~ -]+\\)+", "<folder>/"),
    )
)
"""What differs, the regular expression that finds it, and what is put in its place; applied in this order."""

FOLDER: Final = lazy(
    r"(?:Primary working directory|(?:Current )?working directory|Working folder|cwd|<cwd>)\W{0,3}?[: >]\s*"
    r"(/[^\n<>\"'`]*|[A-Za-z]:\\[^\n<>\"'`]*)",
    re.IGNORECASE,
)
"""How agents name their folder to the model: Claude Code, and others by a guess."""
REMINDER: Final = lazy(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
DROPPED: Final = frozenset({"metadata", "cache_control", "diagnostics"})
NOT_SAID: Final = frozenset({"thinking", "redacted_thinking"})

_canonical = msgspec.json.Encoder(order="sorted").encode


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)


def folder_of(body: Any) -> str | None:
    """Return the folder that a request names as its working directory, without a slash at its end."""
    if not isinstance(body, dict):
        return None
    for part in (body.get("system"), body.get("messages")):
        for text in _strings(part):
            if found := FOLDER.search(text):
                return found[1].rstrip().rstrip("/\\.") or None
    return None


def _normalizer(body: Any, ignored: tuple[re.Pattern[str], ...]) -> Normalize:
    folder = folder_of(body)
    slug = re.sub(r"[^A-Za-z0-9]", "-", folder) if folder else ""  # as Claude Code names a project's own folder

    def normalize(text: str) -> str:
        for pattern in ignored:
            text = pattern.sub("<ignored>", text)
        if folder and len(folder) > 1:
            text = text.replace(folder + "/", "<folder>/").replace(folder, "<folder>").replace(slug, "<folder>")
        for _, pattern, put in RULES:
            text = pattern.sub(put, text)
        return text

    return normalize


def _applied(value: Any, normalize: Normalize) -> Any:
    match value:
        case str():
            return normalize(value)
        case dict():
            return {key: _applied(inner, normalize) for key, inner in value.items() if key not in DROPPED}
        case list():
            return [_applied(inner, normalize) for inner in value]
    return value


def normalized(body: Any, ignored: tuple[re.Pattern[str], ...] = ()) -> Any:
    """Return a request's body as the rules leave it.

    Args:
        body: The decoded body.
        ignored: Regular expressions for what differs beside the rules.
    """
    return _applied(body, _normalizer(body, ignored))


def _flat_text(content: Any, normalize: Normalize) -> str:
    """Return a content as text, without reminders; a block that is no text by its type."""
    if isinstance(content, str):
        return normalize(REMINDER.sub("", content)).strip()
    texts = (
        _flat_text(str(block.get("text", "")), normalize) if block.get("type") == "text" else f"[{block.get('type')}]"
        for block in content or []
        if isinstance(block, dict)
    )
    return "\n".join(text for text in texts if text)


def _said(message: Block, normalize: Normalize) -> Iterator[list[Any]]:
    """Yield what a message says: its texts, calls, results and other blocks."""
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
    for block in blocks:
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            if text := _flat_text([block], normalize):
                yield ["text", text]
        elif kind == "tool_use":
            yield ["tool_use", block.get("name"), _applied(block.get("input"), normalize)]
        elif kind == "tool_result":
            yield ["tool_result", _flat_text(block.get("content"), normalize)]
        elif kind not in NOT_SAID:
            yield [kind, _applied(block, normalize)]


def _conversation(body: Any, ignored: tuple[re.Pattern[str], ...]) -> list[list[Any]] | None:
    """Return the turns as roles and what they say; None for what is no conversation."""
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list):
        return None
    normalize = _normalizer(body, ignored)
    turns: list[list[Any]] = []
    for message in messages:
        if not isinstance(message, dict) or message.get("role") == "system":
            continue
        said = list(_said(message, normalize))
        if turns and turns[-1][0] == message.get("role"):
            turns[-1][1].extend(said)
        elif said:
            turns.append([message.get("role"), said])
    return turns


def shown(body: Any, ignored: tuple[re.Pattern[str], ...] = ()) -> Any:
    """Return what decides whether a request was recorded, with names for a person: its turns, or the whole of another body.

    Args:
        body: The decoded body.
        ignored: Regular expressions for what differs beside the rules.
    """
    turns = _conversation(body, ignored)
    if turns is None:
        return normalized(body, ignored)
    return {
        f"turn {number} ({role})": {
            f"{item[0]} {place}": {"name": item[1], "input": item[2]} if item[0] == "tool_use" else item[-1]
            for place, item in enumerate(said, 1)
        }
        for number, (role, said) in enumerate(turns, 1)
    }


def _last_turns(body: Any, ignored: tuple[re.Pattern[str], ...]) -> list[list[Any]] | None:
    turns = _conversation(body, ignored)
    return turns[-2:] if turns else None


def _exact(body: Any, _ignored: tuple[re.Pattern[str], ...]) -> Any:
    return {key: value for key, value in body.items() if key != "metadata"} if isinstance(body, dict) else body


FORMS: Final[dict[str, Callable[[Any, tuple[re.Pattern[str], ...]], Any]]] = {
    "exact": _exact,
    "rules": normalized,
    "conversation": _conversation,
    "last-turns": _last_turns,
}
"""The forms of a request, from strict to loose."""


def form_of(name: str, method: str, path: str, body: Any, ignored: tuple[re.Pattern[str], ...] = ()) -> bytes | None:
    """Return the digest of one form of a request: equal for requests that are the same in it.

    Args:
        name: A key of `FORMS`.
        method: The HTTP method.
        path: The path, with the query.
        body: The decoded body.
        ignored: Regular expressions for what differs beside the rules.

    Returns:
        The digest; None if the request has no such form, as one without messages has no conversation.
    """
    form = FORMS[name](body, ignored)
    if form is None and name in {"conversation", "last-turns"}:
        return None
    target = path.partition("?")[0] if name in {"conversation", "last-turns"} else path
    return hashlib.sha256(_canonical([method, target, form])).digest()


@functools.cache
def ignore_patterns(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Compile the expressions of `--replay-ignore`.

    Raises:
        ValueError: One is no regular expression.
    """
    made = []
    for pattern in patterns:
        try:
            made.append(re.compile(pattern))
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"replay_ignore: {pattern!r} is no regular expression: {error}") from error
    return tuple(made)
