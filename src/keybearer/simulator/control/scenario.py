"""Scenarios: scripted turns that are matched against requests, from a YAML file, the admin page or a test.

A turn says which requests it matches and what they get: text, blocks, a tool call, raw events, an error or a fault.
Turns are tried in order, and each is used `times` times; a request that no turn matches gets the engine's own answer.
A scenario is a user's file, so an unknown key is refused, with the nearest known one.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import threading
from pathlib import Path
from typing import Any, Final

import yaml

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.core.patterns import compiled, unwarned
from keybearer.simulator.engine.prompt import read_prompt
from keybearer.simulator.faults import Fault, parse_fault
from keybearer.simulator.faults.spec import how_often, make_fault
from keybearer.simulator.service import signing

__all__ = ["Script", "ScriptedTurn", "load_scenario", "make_turn"]

Block = dict[str, Any]
LARGEST_FILE: Final = 4 * 1024 * 1024
TURN_KEYS: Final = ("match", "reply", "fault", "times")
HOW: Final = re.IGNORECASE | re.DOTALL
"""The flags of the regular expressions in a `match`."""
MATCH_KEYS: Final = ("text", "model", "system", "tool", "tool_result", "stream")
REPLY_KEYS: Final = ("text", "thinking", "tool_use", "content", "events", "error", "stop_reason", "usage")


@dataclasses.dataclass(frozen=True)
class ScriptedTurn:
    """One scripted turn.

    Args:
        match: The conditions on a request: regular expressions for `text` (the user's last words), `model`, `system` and
            `tool_result`, the name of one of its tools (`tool`), and whether it asks for a `stream`.
        reply: The reply; empty for the engine's own answer, if there is only a fault.
        fault: A fault that strikes the reply.
        times: How many requests get it; None for all.
    """

    match: dict[str, Any]
    reply: dict[str, Any]
    fault: Fault | None = None
    times: int | None = 1

    def fits(self, body: dict[str, Any]) -> bool:
        """Return whether this turn matches a request."""
        if not self.match:
            return True
        prompt = read_prompt(body)
        seen = {
            "text": prompt.text,
            "model": str(body.get("model", "")),
            "system": str(body.get("system", "")),
            "tool_result": "\n".join(outcome.text for outcome in prompt.outcomes),
        }
        for key, wanted in self.match.items():
            if key == "stream":
                fits = bool(body.get("stream")) == bool(wanted)
            elif key == "tool":
                fits = any(tool.get("name") == wanted for tool in prompt.tools)
            else:
                pattern = compiled(str(wanted), HOW)
                fits = pattern is not None and pattern.search(seen[key]) is not None
            if not fits:
                return False
        return True

    def content(self, ids: Ids) -> list[Block] | None:
        """Return the blocks of the reply, or None for the engine's own."""
        reply = self.reply
        if "content" in reply:
            return list(reply["content"])
        blocks: list[Block] = []
        if "thinking" in reply:
            text = str(reply["thinking"])
            blocks.append({"type": "thinking", "thinking": text, "signature": signing.sign(text)})
        if "text" in reply:
            blocks.append({"type": "text", "text": str(reply["text"])})
        calls = reply.get("tool_use") or []
        for call in [calls] if isinstance(calls, dict) else calls:
            block = {"type": "tool_use", "id": ids.new("toolu_"), "name": call["name"], "input": call.get("input", {})}
            blocks.append({**block, "caller": {"type": "direct"}})
        return blocks or None


def _check(value: Any, known: tuple[str, ...], what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{what} should be a mapping, not {type(value).__name__}")
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it may have {', '.join(known)}"
            raise ValueError(f"{what} has no {key!r}{hint}")
    return value


def make_turn(value: Any) -> ScriptedTurn:
    """Make a turn from a mapping of a scenario file.

    Args:
        value: With `match`, `reply`, `fault` and `times`, all optional. A `reply` that is a string is its text.

    Returns:
        The turn.

    Raises:
        ValueError: A key or a fault does not exist.
        TypeError: A value has the wrong type.
    """
    turn = _check({"reply": value} if isinstance(value, str) else value, TURN_KEYS, "a turn")
    match = turn.get("match") or {}
    match = _check({"text": match} if isinstance(match, str) else match, MATCH_KEYS, "a match")
    for key in ("text", "model", "system", "tool_result"):
        try:
            with unwarned():
                re.compile(str(match.get(key, "")), HOW)
        except (re.error, RecursionError, OverflowError) as wrong:
            raise ValueError(f"match.{key} is no regular expression: {wrong}") from wrong
    reply = turn.get("reply") or {}
    reply = _check({"text": reply} if isinstance(reply, str) else reply, REPLY_KEYS, "a reply")
    fault = parse_fault(turn["fault"]) if turn.get("fault") else None
    if error := reply.get("error"):
        fault = make_fault("error", {"type": error} if isinstance(error, str) else dict(error))
    return ScriptedTurn(match, reply, fault, how_often(turn.get("times", 1)))


def load_scenario(path: Path) -> list[ScriptedTurn]:
    """Read a scenario file.

    Args:
        path: A YAML file: a list of turns, or a mapping with the list under `turns`.

    Returns:
        Its turns.

    Raises:
        ValueError: A turn is wrong; the message has its file and number.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)  # a device has no size, and no end
    if len(content) > LARGEST_FILE:
        raise ValueError(f"{path}: a scenario is at most {LARGEST_FILE:,} bytes")
    try:
        data = yaml.safe_load(content.decode("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from error
    turns = data.get("turns") if isinstance(data, dict) else data
    if not isinstance(turns, list):
        raise ValueError(f"{path}: a scenario is a list of turns, or has one under `turns`")  # the file is wrong
    made = []
    for number, turn in enumerate(turns, 1):
        try:
            made.append(make_turn(turn))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{path}: turn {number}: {error}") from error
    return made


class Script:
    """The turns that are still to be used; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: list[tuple[ScriptedTurn, int | None]] = []

    def add(self, turn: ScriptedTurn) -> None:
        """Add a turn for the next request that it matches."""
        with self._lock:
            self._turns.append((turn, turn.times))

    def clear(self) -> None:
        """Remove all turns."""
        with self._lock:
            self._turns.clear()

    def take(self, body: dict[str, Any]) -> ScriptedTurn | None:
        """Find the turn for a request, and use it up.

        Args:
            body: The request's body.

        Returns:
            The first turn that matches, or None.
        """
        with self._lock:
            for index, (turn, left) in enumerate(self._turns):
                if turn.fits(body):
                    if left is not None:
                        self._turns[index : index + 1] = [(turn, left - 1)] if left > 1 else []
                    return turn
        return None
