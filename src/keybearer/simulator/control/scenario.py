"""Scripted turns: which requests they match and what those get, made from a mapping and checked whole.

A turn gives text, blocks, a tool call, raw events, an error, a fault, a list of such replies one after the other
(`sequence`), or what a Python function returns. Whatever can be wrong in it is refused when it is made, never in a reply.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from keybearer.simulator.control.captures import check_places, fill
from keybearer.simulator.control.matching import Matcher, make_matcher
from keybearer.simulator.control.seen import SeenRequest
from keybearer.simulator.control.served_results import check_served_results
from keybearer.simulator.control.shapes import STOP_REASONS, check_blocks, check_encodes, check_events, check_usage
from keybearer.simulator.control.wrong import Path, ScriptError, check_keys, dotted, nearest, refuse_near_miss
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.faults import FAULTS, Fault, parse_fault
from keybearer.simulator.faults.spec import how_often, make_fault
from keybearer.simulator.service import signing

__all__ = ["ScriptedReply", "ScriptedTurn", "make_reply", "make_step", "make_turn"]

Block = dict[str, Any]
Function = Callable[[SeenRequest], Any]
TURN_KEYS: Final = ("match", "reply", "sequence", "fault", "times")
REPLY_KEYS: Final = (
    "text",
    "thinking",
    "tool_use",
    "content",
    "events",
    "error",
    "stop_reason",
    "usage",
    "server_tools",
)
STEP_KEYS: Final = ("reply", "fault")


class ScriptedReply(Struct, frozen=True):
    """What one request gets.

    Args:
        reply: A scenario's `reply`; empty for the engine's own answer, if there is only a fault.
        fault: A fault that strikes the reply.
        function: The function that makes the reply, in place of `reply`.
    """

    reply: dict[str, Any] = msgspec.field(default_factory=dict)
    fault: Fault | None = None
    function: Function | None = None

    @property
    def needs_stream(self) -> bool:
        """Whether only a stream can carry it."""
        return "events" in self.reply or (self.fault is not None and self.fault.needs_stream)

    def made(self, seen: SeenRequest) -> ScriptedReply:
        """Return the reply to a request: captures in their places, a function called.

        Args:
            seen: The request, with the captures of its match.

        Returns:
            The reply, which has no function any more.

        Raises:
            ServiceError: The function raised, or what it returned is no reply; the message says so in words.
        """
        if self.function is None:
            return structs.replace(self, reply=fill(self.reply, seen.captures))
        try:
            made = make_step(self.function(seen), ("reply",))
        except Exception as error:  # whatever a user's function raises
            raise _failed(error) from error
        if made.function is not None:
            raise _failed(ScriptError("its function returns a reply, not another function"))
        if made.needs_stream and not seen.stream:
            raise _failed(ScriptError("the reply is for a stream, and this request wants none"))
        return structs.replace(made, fault=made.fault or self.fault)

    def content(self, ids: Ids) -> list[Block] | None:
        """Return the blocks of the reply, or None for the engine's own."""
        reply = self.reply
        if "content" in reply:
            return [_completed(block, ids) for block in reply["content"]]
        blocks: list[Block] = []
        if "thinking" in reply:
            blocks.append(_completed({"type": "thinking", "thinking": str(reply["thinking"])}, ids))
        if "text" in reply:
            blocks.append({"type": "text", "text": str(reply["text"])})
        blocks += [_completed({"type": "tool_use", **call}, ids) for call in _calls(reply)]
        return blocks or None


def _failed(error: Exception) -> ServiceError:
    """Return the reply to a request whose script cannot be carried out: in words, and not worth a retry."""
    words = str(error) if isinstance(error, ScriptError) else f"{type(error).__name__}: {error}"
    return ServiceError(
        "invalid_request_error",
        f"The test's script failed, not the client: {words}",
        headers={"x-should-retry": "false"},
        rule="script",
    )


def _calls(reply: Mapping[str, Any]) -> list[Block]:
    calls = reply.get("tool_use") or []
    return [calls] if isinstance(calls, dict) else list(calls)


def _completed(block: Block, ids: Ids) -> Block:
    """Add what a script may leave out of a block: a call's id, input and caller, a thinking's signature."""
    match block["type"]:
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            prefix = {"tool_use": "toolu_", "server_tool_use": "srvtoolu_", "mcp_tool_use": "mcptoolu_"}[block["type"]]
            given = {key: value for key, value in block.items() if key not in {"type", "id"}}
            caller = {"caller": {"type": "direct"}} if block["type"] == "tool_use" else {}
            return {"type": block["type"], "id": block.get("id") or ids.new(prefix), "input": {}, **caller, **given}
        case "mcp_tool_result":
            return {"is_error": False, **block}
        case "thinking":
            return {"signature": signing.sign(block["thinking"]), **block}
    return block


class ScriptedTurn(Struct, frozen=True):
    """One scripted turn.

    Args:
        match: The conditions on a request.
        replies: What the requests get, one after the other.
        times: How many requests it answers; None for all, the last reply again and again.
        origin: Where it was written, for the report of what was never used.
    """

    match: Matcher
    replies: tuple[ScriptedReply, ...]
    times: int | None = 1
    origin: str = ""

    def reply_number(self, used: int) -> ScriptedReply:
        """Return the reply to the request after `used` others."""
        return self.replies[min(used, len(self.replies) - 1)]

    def captures(self, seen: SeenRequest, reply: ScriptedReply) -> Mapping[str, str] | None:
        """Return what the match's groups caught, or None for a request that it does not match.

        A reply that needs a stream waits for a request that wants one.
        """
        return None if reply.needs_stream and not seen.stream else self.match.captures(seen)

    def as_dict(self) -> dict[str, Any]:
        """Describe it for a report: where it was written, its conditions, how often it answers."""
        return {"origin": self.origin, "match": self.match.shown, "replies": len(self.replies), "times": self.times}


def make_reply(value: Any, path: Path = ("reply",)) -> ScriptedReply:
    """Make a reply from what a scenario or a script's function gives.

    Args:
        value: A string is its text, a function makes it later, a mapping has some of `REPLY_KEYS`; None is the engine's.
        path: Where it stands.

    Returns:
        The reply.

    Raises:
        ScriptError: A key or an error type does not exist, or a value has the wrong type.
    """
    if callable(value):
        if inspect.iscoroutinefunction(value):
            raise ScriptError("a script's function answers at once: it cannot be `async`", path)
        return ScriptedReply(function=value)
    given = {"text": value} if isinstance(value, str) else value
    reply = check_keys({} if given is None else given, REPLY_KEYS, "a reply", path)
    for name in ("text", "thinking", "stop_reason"):
        if name in reply and (isinstance(reply[name], bool) or not isinstance(reply[name], str | int | float)):
            raise ScriptError(f"{dotted((*path, name))} should be a string, not {reply[name]!r:.60}", (*path, name))
    if "stop_reason" in reply:
        refuse_near_miss(str(reply["stop_reason"]), STOP_REASONS, (*path, "stop_reason"))
    for name, check in CHECKS.items():
        if name in reply:
            check(reply[name], (*path, name))
    _check_together(reply, path)
    check_encodes({key: inner for key, inner in reply.items() if key != "error"}, path)
    fault = _error(reply["error"], (*path, "error")) if "error" in reply else None
    return ScriptedReply(reply, fault)


def _check_calls(value: Any, path: Path) -> None:
    if not isinstance(value, dict | list):
        raise ScriptError(f"{dotted(path)} should be a call or a list of calls, not {value!r:.60}", path)
    for index, call in enumerate([value] if isinstance(value, dict) else value):
        place = path if isinstance(value, dict) else (*path, index)
        check_keys(call, ("name", "input", "id", "caller"), "a tool_use", place)
        check_blocks([{"type": "tool_use", **call}], place)


CHECKS: Final[Mapping[str, Callable[[Any, Path], object]]] = {
    "tool_use": _check_calls,
    "content": check_blocks,
    "events": check_events,
    "usage": check_usage,
    "server_tools": check_served_results,
}
"""The key of a reply to the function that refuses a wrong value."""


def _check_together(reply: Mapping[str, Any], path: Path) -> None:
    """Refuse keys of which one would be ignored."""
    own = {"text", "thinking", "tool_use"}
    for winner, others in (("error", set(REPLY_KEYS)), ("events", set(REPLY_KEYS)), ("content", own)):
        lost = sorted(others & set(reply) - {winner}) if winner in reply else []
        if lost:
            raise ScriptError(
                f"{dotted(path)} has {winner!r} and {lost[0]!r}: only one of them can be sent", (*path, lost[0])
            )


def _named_fault(make: Callable[..., Fault], *given: Any, path: Path) -> Fault:
    """Make a fault, and say where in the script a wrong one stands."""
    try:
        return make(*given)
    except (ValueError, TypeError) as error:
        raise ScriptError(f"{dotted(path)}: {error}", path) from error


def _error(value: Any, path: Path) -> Fault:
    """Make the fault of `error`: a type, the name of a fault such as `overloaded`, or a mapping with the parameters."""
    if isinstance(value, dict):
        return _named_fault(make_fault, "error", dict(value), path=path)
    errors = [name for name, kind in FAULTS.items() if kind.make is FAULTS["error"].make]
    if value not in errors:
        near = nearest(value, errors)
        hint = f"; did you mean {near!r}?" if near else ""
        raise ScriptError(f"{dotted(path)}: no error is of type {value!r:.60}{hint}", path)
    return _named_fault(make_fault, value, {}, path=path)


def _fault(value: Any, path: Path) -> Fault:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ScriptError(f"{dotted(path)} should be a line such as `cut; after_events=3`, not {value!r:.60}", path)
    fault = _named_fault(parse_fault, str(value), path=path)
    if fault.times != 1 or fault.path or fault.skip:
        raise ScriptError(f"{dotted(path)}: how often a turn answers is its `times`; it has no `path` and `skip`", path)
    return fault


def make_step(value: Any, path: Path) -> ScriptedReply:
    """Make one reply of a sequence: a reply, or a mapping with `reply` and `fault`.

    Args:
        value: It.
        path: Where it stands.

    Returns:
        The reply.

    Raises:
        ScriptError: As `make_reply`.
    """
    if isinstance(value, dict) and set(value) & set(STEP_KEYS):
        step = check_keys(value, STEP_KEYS, "a step", path)
        return _with_fault(make_reply(step.get("reply"), (*path, "reply")), step.get("fault"), (*path, "fault"))
    return make_reply(value, path)


def _with_fault(reply: ScriptedReply, value: Any, path: Path) -> ScriptedReply:
    if not value:
        return reply
    if reply.fault is not None:
        raise ScriptError("an `error` and a `fault` cannot both be sent", path)
    return structs.replace(reply, fault=_fault(value, path))


def make_turn(value: Any, origin: str = "") -> ScriptedTurn:
    """Make a turn from a mapping of a scenario file.

    Args:
        value: With `match`, `reply` or `sequence`, `fault` and `times`, all optional. A string is the text of the reply.
        origin: Where it was written.

    Returns:
        The turn.

    Raises:
        ScriptError: A key, an error or a fault does not exist, or a value has the wrong type.
    """
    turn = check_keys({"reply": value} if isinstance(value, str) else value, TURN_KEYS, "a turn", ())
    matcher = make_matcher(turn.get("match"))
    replies = _replies(turn)
    for reply in replies:
        if reply.needs_stream and matcher.shown.get("stream") is False:
            what = f"the fault {reply.fault.name!r}" if reply.fault else "a reply of `events`"
            raise ScriptError(f"{what} needs a stream, and the match wants none", ("match", "stream"))
        check_places(reply.reply, matcher.groups, ("reply",))
    return ScriptedTurn(matcher, replies, _times(turn, len(replies)), origin)


def _replies(turn: Mapping[str, Any]) -> tuple[ScriptedReply, ...]:
    if turn.get("sequence") is None:
        return (_with_fault(make_reply(turn.get("reply")), turn.get("fault"), ("fault",)),)
    for other in ("reply", "fault"):
        if turn.get(other) is not None:
            raise ScriptError(f"a turn has `sequence` or `{other}`; a step of the sequence may have both", (other,))
    steps = turn["sequence"]
    if not isinstance(steps, list | tuple) or not steps:
        raise ScriptError(f"sequence should be a list of replies, not {steps!r:.60}", ("sequence",))
    return tuple(make_step(step, ("sequence", index)) for index, step in enumerate(steps))


def _times(turn: Mapping[str, Any], replies: int) -> int | None:
    try:
        times = how_often(turn.get("times", 1))
    except ValueError as error:
        raise ScriptError(str(error), ("times",)) from error
    if turn.get("sequence") is None or times is None:
        return times
    if times != 1:
        raise ScriptError("a sequence gives each reply once; `times: always` repeats its last one", ("times",))
    return replies
