"""The rules of `keybearer.wire.request.lint` for tools: names, the choice among them, and the result of each call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from keybearer.types.api_object import is_mapping
from keybearer.types.content import TOOL_CALLS
from keybearer.wire.request.turns import MergedTurn, Problem, RequestView, at, turns

__all__ = ["APPLIES_TO"]

_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,128}")


def goes_on(request: RequestView) -> bool:
    """Return whether a request continues a thread, whose tools and earlier turns the service has."""
    thread = request.body.get("thread")
    return isinstance(thread, Mapping) and thread.get("type") == "continue"


def names(request: RequestView) -> Iterator[Problem]:
    """A tool is no list; its name has 1 to 128 letters, digits, `_` and `-`, and no other tool has it."""
    seen: set[str] = set()
    for index, tool in enumerate(_given(request)):
        if isinstance(tool, list):
            yield Problem(f"tools[{index}]", "it is a list of tools", "Unpack it: tools=[*toolset, ...].")
        if not is_mapping(tool):
            continue
        name = tool.get("name")
        if not isinstance(name, str):
            continue  # a toolset has none
        if not _NAME.fullmatch(name):
            yield Problem(
                f"tools[{index}].name", f"{name!r} is not 1 to 128 letters, digits, _ and -", "Rename the tool."
            )
        if name in seen:
            yield Problem(f"tools[{index}].name", f"{name!r} is there twice", "Give each tool its own name.")
        seen.add(name)


def choice(request: RequestView) -> Iterator[Problem]:
    """The tool that `tool_choice` names is one of the tools."""
    chosen = request.body.get("tool_choice")
    if not isinstance(chosen, Mapping):
        return
    tools = _tools(request)
    if not tools and goes_on(request):
        return  # the thread has them
    if not tools:
        yield Problem("tool_choice", "there are no tools", "Give tools, or leave it out.")
    elif chosen.get("type") == "tool" and all("name" in tool for tool in tools):
        known = [str(tool["name"]) for tool in tools]
        if chosen.get("name") not in known:
            yield Problem(
                "tool_choice.name", f"{chosen.get('name')!r} is not a tool", f"The tools are: {', '.join(known)}."
            )


def incomplete(request: RequestView) -> Iterator[Problem]:
    """An incomplete tool call is sent back without keybearer's own fields."""
    for kind in TOOL_CALLS:
        for turn, index, _, block in request.of(kind):
            if block.get("incomplete") is True and "partial_json" in block:
                what = "it has the marks of a tool call that was cut, which are keybearer's own"
                yield Problem(at(turn, index), what, "Send the block's to_param(), or leave the call out.")


def pairing(request: RequestView) -> Iterator[Problem]:
    """Each tool call is answered in the very next user turn, results first; each result answers a call."""
    if _well_paired(request):
        return
    found = turns(request.messages)
    held = goes_on(request)  # the service has the earlier turns
    seen: set[str] = set()
    for index, turn in enumerate(found):
        if turn.role == "assistant":
            answer = found[index + 1] if index + 1 < len(found) else None
            yield from _calls(turn, answer, seen)
        else:
            asked = found[index - 1] if index else None
            yield from _results(turn, asked, held=held and not index)


def _well_paired(request: RequestView) -> bool:
    """Return whether calls and results pair in the simple way of most conversations; if not, the full check must decide."""
    calls: dict[int, list[Any]] = {}
    results: dict[int, list[Any]] = {}
    for turn, _, role, block in request.of("tool_use"):
        if role != "assistant":
            return False
        calls.setdefault(turn, []).append(block.get("id"))
    for turn, index, role, block in request.of("tool_result"):
        answered = results.setdefault(turn, [])
        if role != "user" or index != len(answered):
            return False
        answered.append(block.get("tool_use_id"))
    ids = [each for turn in calls.values() for each in turn if isinstance(each, str)]
    return (
        len(set(ids)) == len(ids) == len(request.of("tool_use"))
        and len(calls) == len(results)
        and all(sorted(each) == sorted(map(str, results.get(turn + 1, ()))) for turn, each in calls.items())
    )


def _calls(turn: MergedTurn, answer: MergedTurn | None, seen: set[str]) -> Iterator[Problem]:
    calls = [(where, block.get("id")) for where, block in turn.blocks if block.get("type") == "tool_use"]
    given = {
        _key(block.get("tool_use_id"))
        for _, block in (answer.blocks if answer else ())
        if block.get("type") == "tool_result"
    }
    for where, call in calls:
        if isinstance(call, str) and call in seen:
            yield Problem(where, f"the id {call!r} is there twice", "Give each tool call its own id.")
        if isinstance(call, str):
            seen.add(call)
        if _key(call) not in given:
            yield Problem(
                where, f"the call {call!r} has no tool_result in the next user turn", "Answer every call there, first."
            )


def _results(turn: MergedTurn, asked: MergedTurn | None, *, held: bool) -> Iterator[Problem]:
    calls = {_key(block.get("id")) for _, block in (asked.blocks if asked else ()) if block.get("type") == "tool_use"}
    other = ""
    for where, block in turn.blocks:
        if block.get("type") != "tool_result":
            other = other or where
            continue
        if _key(block.get("tool_use_id")) not in calls and not held:
            yield Problem(
                where, f"it answers {block.get('tool_use_id')!r}, which the turn before did not call", "Leave it out."
            )
        elif other:
            yield Problem(where, f"it comes after {other}", "Put tool results first in their turn.")


def _key(identity: Any) -> str:
    """Return an id as a text, so that a set can hold it whatever it is."""
    return identity if isinstance(identity, str) else repr(identity)


def _given(request: RequestView) -> list[Any]:
    given = request.body.get("tools")
    return given if isinstance(given, list) else []


def _tools(request: RequestView) -> list[Mapping[str, Any]]:
    return [tool for tool in _given(request) if is_mapping(tool)]


APPLIES_TO: Final[dict[Callable[[RequestView], Iterator[Problem]], frozenset[str]]] = {
    names: frozenset({"tools"}),
    choice: frozenset({"tool_choice"}),
    incomplete: frozenset(f"{kind} block" for kind in TOOL_CALLS),
    pairing: frozenset({"tool_use block", "tool_result block"}),
}
