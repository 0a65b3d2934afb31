"""Adds cache breakpoints to a conversation: `cache="auto"`.

Strategy: the service caches prefixes of the prompt, in the order tools, system, messages. The tools and the system prompt rarely
change, so each gets a breakpoint at its end. The last two user turns get one each: the request writes the cache at the last one, and
reads at the one before, where the previous request wrote.

Contract: a request has at most four breakpoints, the caller's own included, which stay where they are. One-hour breakpoints come
before five-minute ones. No value of the caller's is changed.

Source: docs/protocol.md; platform.claude.com, "Prompt caching".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from keybearer.errors import UsageError
from keybearer.types.api_object import is_mapping

__all__ = ["MAX_BREAKPOINTS", "CacheMode", "add_breakpoints", "breakpoints"]

MAX_BREAKPOINTS: Final = 4
"""The most breakpoints that the service accepts in a request."""

CacheMode: TypeAlias = Literal["auto", "auto-1h", "adaptive"]
"""`auto`: cache entries live five minutes. `auto-1h`: those of tools and system live an hour. `adaptive`: all live five minutes or an
hour, or nothing is cached, by the pauses of the conversation (`keybearer.conversation.adaptive_cache`); five minutes where there are
none, as in a batch."""

HOUR: Final = "1h"
"""What `adaptive` comes to when all entries are to live an hour; callers have no name for it."""

_HOURS: Final[dict[str, frozenset[str]]] = {
    "auto": frozenset(),
    "auto-1h": frozenset({"tools", "system"}),
    "adaptive": frozenset(),
    HOUR: frozenset({"tools", "system", "last", "before"}),
}
"""The places whose entries live an hour, by mode."""

MAX_BREAKPOINTS_OF_THREAD: Final = 3
"""The most in a request with `thread`: public threads report that a fourth is refused; the API's documents do not say."""

_NOT_MARKABLE: Final = frozenset({"thinking", "redacted_thinking"})
_FIVE_MINUTES: Final = {"type": "ephemeral"}
_HOUR: Final = {"type": "ephemeral", "ttl": "1h"}


def breakpoints(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every breakpoint of a body in the order of the prompt: where it is, and its `cache_control`."""
    for name in ("tools", "system"):
        for index, each in enumerate(_list(body, name)):
            if is_mapping(each) and "cache_control" in each:
                yield from _marks(each, f"{name}[{index}]")
    for turn, message in enumerate(_list(body, "messages")):
        for index, block in enumerate(_list(message, "content")):
            if not is_mapping(block) or not ("cache_control" in block or isinstance(block.get("content"), list)):
                continue  # nearly every block: skip formatting its place
            where = f"messages[{turn}].content[{index}]"
            yield from _marks(block, where)
            for at, each in enumerate(_list(block, "content")):
                if is_mapping(each) and "cache_control" in each:
                    yield from _marks(each, f"{where}.content[{at}]")
    yield from _marks(body, "cache_control")


def _list(value: Any, name: str) -> list[Any]:
    """Return a field that is a list; an empty list for anything else."""
    inner = value.get(name) if is_mapping(value) else None
    return inner if isinstance(inner, list) else []


def _marks(value: Any, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    mark = value.get("cache_control") if is_mapping(value) else None
    if is_mapping(mark):
        yield where, mark


def add_breakpoints(body: dict[str, Any], mode: str) -> dict[str, Any]:
    """Return the body with breakpoints at the ends of tools, system and the last two user turns.

    Args:
        body: A request body. It is not changed.
        mode: How long the cache entries live: a `CacheMode`, or `HOUR`.

    Raises:
        UsageError: The mode is neither.
    """
    if mode not in _HOURS:
        raise UsageError(f"cache is {mode!r}; it takes 'auto', 'auto-1h' or 'adaptive'.")
    most = MAX_BREAKPOINTS_OF_THREAD if body.get("thread") is not None else MAX_BREAKPOINTS
    room = most - len(list(breakpoints(body)))
    for name, marker in (("tools", _tools), ("system", _system), ("last", _turn(1)), ("before", _turn(2))):
        if room <= 0:
            break
        wanted, other = (_HOUR, _FIVE_MINUTES) if name in _HOURS[mode] else (_FIVE_MINUTES, _HOUR)
        for mark in (wanted, other):  # the caller's own breakpoints may allow only one of the two
            marked = dict(body)
            if marker(marked, mark) and _ordered(marked):
                body, room = marked, room - 1
                break
    return body


def _ordered(body: Mapping[str, Any]) -> bool:
    """Return whether no one-hour breakpoint comes after a five-minute one."""
    hours = [mark.get("ttl") == "1h" for where, mark in breakpoints(body) if where != "cache_control"]
    return hours == sorted(hours, reverse=True)


def _mark_last(blocks: list[Any], mark: Mapping[str, Any]) -> list[Any] | None:
    """Return the blocks with a breakpoint at the last one that can have one; None if none can, or if it has one already."""
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if not isinstance(block, Mapping) or block.get("type") in _NOT_MARKABLE or block.get("text") == "":
            continue
        if block.get("cache_control"):
            return None
        return [*blocks[:index], {**block, "cache_control": mark}, *blocks[index + 1 :]]
    return None


def _tools(body: dict[str, Any], mark: Mapping[str, Any]) -> bool:
    # A tool with deferred loading is not in the prompt until a tool search finds it, so it cannot end the prefix.
    tools = body.get("tools") or []
    here = [index for index, tool in enumerate(tools) if isinstance(tool, Mapping) and not tool.get("defer_loading")]
    marked = _mark_last(tools[: here[-1] + 1], mark) if here else None
    if marked is None:
        return False
    body["tools"] = [*marked, *tools[here[-1] + 1 :]]
    return True


def _system(body: dict[str, Any], mark: Mapping[str, Any]) -> bool:
    system = body.get("system")
    blocks = [{"type": "text", "text": system}] if isinstance(system, str) else list(system or [])
    marked = _mark_last(blocks, mark)
    if marked is None:
        return False
    body["system"] = marked
    return True


def _turn(number: int) -> Callable[[dict[str, Any], Mapping[str, Any]], bool]:
    """Return a function that adds a breakpoint to a user turn; 1 is the last one."""

    def marker(body: dict[str, Any], mark: Mapping[str, Any]) -> bool:
        turns = body.get("messages") or []
        users = [index for index, turn in enumerate(turns) if isinstance(turn, Mapping) and turn.get("role") == "user"]
        if len(users) < number:
            return False
        index = users[-number]
        content = turns[index].get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])
        marked = _mark_last(blocks, mark)
        if marked is None:
            return False
        body["messages"] = [*turns[:index], {**turns[index], "content": marked}, *turns[index + 1 :]]
        return True

    return marker
