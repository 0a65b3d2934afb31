"""`explain_cache`: why the prompt cache could not be read, by the first difference of two requests.

Strategy: the service keeps prefixes of the prompt, in the order tools, system, messages. So both requests are brought into that order,
and the first difference is looked for, in the JSON that is sent: the order of an object's keys counts. Where nothing differs, the
breakpoints are looked at: the service reads a prefix only where one was written, and only from a breakpoint at most `LOOK_BACK` blocks
behind it.

Contract: the values are those of the requests; nothing of them is changed. Whatever `messages.create` takes is taken.

Source: platform.claude.com, "Prompt caching" (the order, what each parameter spoils, the look-back); the SDK's `types/cache_miss_*.py`
(the names of the reasons). A guess: that `output_config` and `mcp_servers` spoil what `tools` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile, zip_longest
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from keybearer.conversation.estimate import estimate_turn
from keybearer.types.turn_source import filled
from keybearer.wire.json import dumps
from keybearer.wire.request.build import message_body
from keybearer.wire.request.caching import add_breakpoints, breakpoints

__all__ = ["CacheDifference", "CacheReason", "explain_bodies", "explain_cache"]

CacheReason: TypeAlias = Literal[
    "model_changed",
    "tools_changed",
    "system_changed",
    "parameters_changed",
    "messages_changed",
    "no_breakpoint",
    "too_far",
]
"""Why. The first five name what differs; `no_breakpoint`: one of the two has none; `too_far`: none of the later request's is near
enough behind the last of the earlier one."""

LOOK_BACK: Final = 20
"""How many blocks before a breakpoint the service looks for a prefix that was written."""

_SECTIONS: Final[dict[str, CacheReason]] = {
    "model": "model_changed",
    "speed": "model_changed",
    "mcp_servers": "tools_changed",
    "output_config": "parameters_changed",
    "tools": "tools_changed",
    "system": "system_changed",
    "tool_choice": "parameters_changed",
    "thinking": "parameters_changed",
    "context_management": "parameters_changed",
    "container": "parameters_changed",
    "messages": "messages_changed",
}
"""What a prompt is made of, in its order: a change spoils all that comes after it."""

_ORDER: Final = list(_SECTIONS)
_SHOWN: Final = 60


class CacheDifference(NamedTuple):
    """The first thing that keeps a request from reading what an earlier one wrote. Its text is a sentence.

    Attributes:
        reason: What kind of thing it is.
        path: Where it stands, such as `tools[3].input_schema.properties.x.description`.
        before: The value of the earlier request there; None when there is none.
        now: The value of the later one; None when there is none.
        tokens: About how many tokens the earlier request wrote from there on: an estimate, as of `Conversation.tokens`.
        words: What happened, and what to do.
    """

    reason: CacheReason
    path: str
    before: Any
    now: Any
    tokens: int
    words: str

    def __str__(self) -> str:
        """The words."""
        return self.words


Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a body."""


class _Missing:
    """The value of what is not there."""


_MISSING: Final = _Missing()


def explain_cache(request: Mapping[str, Any], previous: Mapping[str, Any]) -> CacheDifference | None:
    """Say why a request could not read from the prompt cache what an earlier one wrote there.

    Args:
        request: The arguments of the later `messages.create`, or a body that was sent.
        previous: Those of the earlier one.

    Returns:
        The first difference in the order of the prompt; None where the later request goes on from the earlier one, and can read
        all that it wrote, if that has not expired (five minutes or an hour after its last use) and is not below the model's minimum.

    Raises:
        TypeError: An argument is missing, or is not known.
        LintError: An argument cannot be sent.
    """
    return explain_bodies(_body(request), _body(previous))


def explain_bodies(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> CacheDifference | None:
    """Do the same for two bodies as they were sent, with their breakpoints placed."""
    written = _marks(earlier)
    found = _first_difference(*_alike(_laid_out(earlier), _laid_out(later)))
    if found is not None and (not written or _place(found[0]) <= written[-1]):
        path, before, now = found
        tokens = _tokens(earlier, path, written[-1] if written else None)
        lost = f"so what was cached from there on (about {tokens:,} tokens) is not read"
        words = f"{_text(path)} {_change(before, now)}, {lost}. {_advice(path, before, now)}"
        return CacheDifference(_SECTIONS[str(path[0])], _text(path), _given(before), _given(now), tokens, words)
    return _unread(later, earlier, written)


def _body(params: Mapping[str, Any]) -> dict[str, Any]:
    params = filled({"max_tokens": 1, **params})
    body = message_body(params)
    return body if params.get("cache") is None else add_breakpoints(body, params["cache"])


# ── the prompt, and what differs first ───────────────────────────────────────


def _laid_out(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the prompt is made of, in its order, without breakpoints, which are no part of it."""
    prompt: dict[str, Any] = {name: body.get(name) for name in _ORDER}
    prompt["tools"] = [_bare(tool) for tool in body.get("tools") or ()]
    prompt["system"] = _content(body.get("system"))
    prompt["messages"] = [{**turn, "content": _content(turn.get("content"))} for turn in body["messages"]]
    return prompt


def _content(content: Any) -> list[Any]:
    """Return the blocks of a system prompt, a turn or a tool's result; a text is a list of one."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [_bare(block) for block in content or ()]


def _bare(block: Any) -> Any:
    if not isinstance(block, Mapping):
        return block
    bare = {key: value for key, value in block.items() if key != "cache_control"}
    if bare.get("type") == "tool_result" and bare.get("content"):
        bare["content"] = _content(bare["content"])
    return bare


def _alike(before: dict[str, Any], now: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return two prompts, the second without the turns, and the blocks of a turn, that were added at its end."""
    turns = now["messages"][: len(before["messages"])]
    if turns and len(turns) == len(before["messages"]):
        turns[-1] = {**turns[-1], "content": turns[-1]["content"][: len(before["messages"][-1]["content"])]}
    return before, {**now, "messages": turns}


def _first_difference(before: Any, now: Any, path: Path = ()) -> tuple[Path, Any, Any] | None:
    """Return the first place where two values differ, and both values there."""
    if isinstance(before, dict) and isinstance(now, dict):
        if list(before) != list(now) and set(before) == set(now):
            return path, list(before), list(now)
        pairs = [(key, before.get(key, _MISSING), now.get(key, _MISSING)) for key in {**before, **now}]
    elif isinstance(before, list) and isinstance(now, list):
        pairs = [(index, *each) for index, each in enumerate(zip_longest(before, now, fillvalue=_MISSING))]
    else:
        return None if type(before) is type(now) and before == now else (path, before, now)
    for key, each, other in pairs:
        if (found := _first_difference(each, other, (*path, key))) is not None:
            return found
    return None


# ── places in the prompt ─────────────────────────────────────────────────────


Place: TypeAlias = tuple[int, ...]
"""Where a block stands in the order of the prompt: its section, its index, and in a turn its index there."""


def _place(path: Path) -> Place:
    section = _ORDER.index(str(path[0]))
    depth = 2 if path[0] == "messages" else 1
    return (section, *[part for part in path if isinstance(part, int)][:depth])


def _places(body: Mapping[str, Any]) -> dict[Place, Any]:
    """Return the blocks of a prompt, in its order."""
    prompt = _laid_out(body)
    blocks = {_place((name, index)): block for name in ("tools", "system") for index, block in enumerate(prompt[name])}
    for turn, message in enumerate(prompt["messages"]):
        blocks |= {_place(("messages", turn, index)): block for index, block in enumerate(message["content"])}
    return blocks


def _marks(body: Mapping[str, Any]) -> list[Place]:
    """Return the places of the breakpoints, in order; that of the whole request stands on its last block."""
    marks = []
    for where, _ in breakpoints(body):
        if where == "cache_control":
            marks.append(max(_places(body)))
        else:
            numbers = [int(number) for number in re.findall(r"\[(\d+)\]", where)]
            marks.append(_place((where.partition("[")[0], *numbers)))
    return sorted(set(marks))


def _tokens(body: Mapping[str, Any], path: Path, end: Place | None) -> int:
    """Return about how many tokens of a prompt stand from a place on, up to the last breakpoint."""
    start = _place(path)
    return sum(
        estimate_turn({"role": "user", "content": [block if place[0] == _ORDER.index("messages") else _as_text(block)]})
        for place, block in _places(body).items()
        if place >= start and (end is None or place <= end)
    )


def _as_text(block: Any) -> dict[str, Any]:
    return {"type": "text", "text": dumps(block).decode()}


def _unread(later: Mapping[str, Any], earlier: Mapping[str, Any], written: list[Place]) -> CacheDifference | None:
    """Return why a prefix is not read that has not changed; None where it is."""
    marks = _marks(later)
    if not written or not marks:
        which = "earlier" if not written else "later"
        verb = "reads" if written else "writes"
        words = f"The {which} request has no breakpoint, so it {verb} no cache. Use cache='auto', or cache_control."
        return CacheDifference("no_breakpoint", "cache_control", None, None, 0, words)
    order = {place: number for number, place in enumerate(_places(later))}
    if any(0 <= order[mark] - order[written[-1]] <= LOOK_BACK for mark in marks):
        return None
    section, *indexes = written[-1]
    path = (_ORDER[section], indexes[0], *(("content", indexes[1]) if len(indexes) > 1 else ()))
    behind = [order[mark] - order[written[-1]] for mark in marks if mark > written[-1]]
    where = f"the next is {min(behind)} blocks behind it" if behind else "there is none behind it"
    words = (
        f"{_text(path)} is where the earlier request's last breakpoint stands, and {where}: "
        f"the service looks {LOOK_BACK} blocks back. Put a breakpoint between, or leave the earlier ones where they are."
    )
    return CacheDifference("too_far", _text(path), None, None, _tokens(earlier, _FROM_THE_START, written[-1]), words)


_FROM_THE_START: Final[Path] = ("model",)


def _given(value: Any) -> Any:
    return None if value is _MISSING else value


# ── words ────────────────────────────────────────────────────────────────────


def _text(path: Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _change(before: Any, now: Any) -> str:
    """Say what became of a value."""
    if before is _MISSING:
        return "was added"
    if now is _MISSING:
        return "was taken out"
    if isinstance(before, str) and isinstance(now, str):
        alike = (a == b for a, b in zip(before, now, strict=False))
        at = sum(takewhile(bool, alike))
        if max(len(before), len(now)) > _SHOWN:
            start = max(at - _SHOWN // 3, 0)
            before, now = before[start : start + _SHOWN], now[start : start + _SHOWN]
            return f"differs from character {at:,} on (was ...{before!r}..., is ...{now!r}...)"
    if isinstance(before, list) and isinstance(now, list):
        return f"has its keys in another order (was {_brief(before)}, is {_brief(now)})"
    return f"was {_brief(before)}, is {_brief(now)}"


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


_VARYING: Final = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d|[0-9a-f]{8}-[0-9a-f]{4}|\b\d{10,}\b")


def _advice(path: Path, before: Any, now: Any) -> str:
    """Say what to do, where that is known."""
    if (
        path[0] in {"system", "tools"}
        and isinstance(now, str)
        and _VARYING.search(now)
        and _VARYING.search(str(before))
    ):
        return "A time or an id there changes with each request: put it after the last breakpoint, in the newest user turn."
    if path[0] == "tools":
        return "Keep the tools, and their order, the same during a conversation; cache nothing that must change."
    if path[0] in {"model", "speed"}:
        return "Each model, and each speed, has a cache of its own."
    if path[0] == "messages":
        return "Only add turns; what changes an earlier one costs all that comes after it."
    return "Keep it the same during a conversation."
