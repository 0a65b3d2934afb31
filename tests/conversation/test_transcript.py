"""Transcripts of Claude Code, loaded, repaired and continued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer import Client, Conversation, Message, repair
from keybearer.simulator import Simulator
from keybearer.simulator.service.signing import sign
from support.histories import refusals

REAL = Path(__file__).parent.parent / "simulator" / "data" / "imports" / "claude-code.jsonl"
"""What Claude Code 2.1.332 wrote in a session with the simulator."""


def real() -> list[Any]:
    """Return its lines, with the thinking signed anew: the file names another folder than the session's, also in the thinking."""
    lines = [json.loads(each) for each in REAL.read_text().splitlines()]
    for each in lines:
        content = each.get("message", {}).get("content")
        for block in content if isinstance(content, list) else ():
            if block["type"] == "thinking":
                block["signature"] = sign(block["thinking"])
    return lines


def line(kind: str, uuid: str, parent: str | None, message: Any, **more: Any) -> dict[str, Any]:
    """Write a line."""
    return {"type": kind, "uuid": uuid, "parentUuid": parent, "message": message, **more}


def user(uuid: str, parent: str | None, content: Any, **more: Any) -> dict[str, Any]:
    """Write a line of the user's."""
    return line("user", uuid, parent, {"role": "user", "content": content}, **more)


def said(uuid: str, parent: str, name: str, block: Any, **more: Any) -> dict[str, Any]:
    """Write a line with one block of an answer."""
    message = {"id": name, "type": "message", "role": "assistant", "model": "claude-opus-5-5", "content": [block]}
    return line("assistant", uuid, parent, {**message, **more.pop("message", {})}, **more)


def call(name: str) -> dict[str, Any]:
    """Write a call."""
    return {"type": "tool_use", "id": name, "name": "Read", "input": {"file_path": name}}


def result(name: str) -> list[dict[str, Any]]:
    """Write a call's result."""
    return [{"type": "tool_result", "tool_use_id": name, "content": f"the text of {name}"}]


def test_a_real_session_goes_on(sim: Simulator) -> None:
    """A session of Claude Code is loaded whole, with its thinking and usage, and the simulator goes on with it, every rule on."""
    talk, changes = repair("\n".join(map(json.dumps, real())))
    assert [(turn.role if isinstance(turn, Message) else turn["role"]) for turn in talk] == [
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    first = talk[1]
    assert isinstance(first, Message)
    assert [block.type for block in first.content] == ["thinking", "tool_use"]
    assert first.usage.output_tokens
    assert first.headers["date"].endswith("Nov 2026 03:55:13 GMT")
    assert [change.where for change in changes] == ["transcript"]
    assert "14 lines are Claude Code's own notes" in changes[0].what
    assert refusals(talk.user("Thanks.")) == []
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        more = client.messages.create(
            model=first.model,
            max_tokens=500,
            messages=talk.user("Reply with exactly: done"),
            thinking={"type": "adaptive"},
        )
    assert more.text == "done"
    assert sim.verdict == []
    assert Conversation.loads(talk.dumps()) == talk


def test_an_interrupted_session_is_mended() -> None:
    """A session that ended in a call gets a result that says so."""
    lines = real()
    cut = next(number for number, each in enumerate(lines) if "toolUseResult" in each)
    talk, changes = repair(lines[:cut])
    assert talk[-1]["content"][0]["is_error"] is True  # type: ignore[index] # a dict
    assert [change.where for change in changes] == ["transcript", "line 14.content[1]"]
    assert refusals(talk) == []


LINES: list[Any] = [
    {"type": "summary", "summary": "no line of the conversation"},
    user("u0", None, "An earlier try."),
    user("u1", None, "Read both."),
    {"type": "attachment", "uuid": "x1", "parentUuid": "u1"},
    said("a1", "x1", "msg_1", {"type": "text", "text": "Both."}),
    said("a2", "a1", "msg_1", call("one")),
    said("a3", "a2", "msg_1", call("two"), message={"stop_reason": "tool_use"}, requestId="req_1"),
    user("s1", None, "Look.", isSidechain=True),
    user("u2", "a2", result("one")),
    user("u3", "a3", result("two")),
    said("a4", "u3", "msg_2", {"type": "text", "text": "API Error"}, message={"model": "<synthetic>"}),
    user("u4", "a4", "What you see only", isVisibleInTranscriptOnly=True),
    user("u5", "u4", "Caveat: made by the user.", isMeta=True),
    said("a5", "u5", "msg_3", {"type": "text", "text": "Done."}),
]


def test_branches_sidechains_and_notes() -> None:
    """Parallel calls are joined with their results; what is no part of the conversation is left out and counted."""
    talk, changes = repair(LINES)
    assert [turn.to_param()["content"] if isinstance(turn, Message) else turn["content"] for turn in talk] == [
        "Read both.",
        [{"type": "text", "text": "Both."}, call("one"), call("two")],
        result("one"),
        result("two"),
        "Caveat: made by the user.",
        [{"type": "text", "text": "Done."}],
    ]
    answer = talk[1]
    assert isinstance(answer, Message)
    assert (answer.stop_reason, answer.request_id) == ("tool_use", "req_1")
    assert [change.what for change in changes] == [
        "2 lines are Claude Code's own notes; they were left out: summary, attachment",
        "1 lines are of subagents; they were left out",
        "2 lines are what Claude Code wrote or shows itself; they were left out",
        "1 lines are of other branches; they were left out",
    ]
    assert repair(talk) == (talk, ())


@pytest.mark.parametrize("lines", [[user("s1", None, "Look.", isSidechain=True)], [user("u1", "u1", "In a circle.")]])
def test_odd_chains(lines: list[Any]) -> None:
    """A subagent's own file is a conversation, and a line that is its own parent ends the search."""
    talk, _ = repair(lines)
    assert len(talk) == 1


def test_a_compacted_session_begins_with_its_summary() -> None:
    """What came before a compaction is not in the chain any more: the summary stands for it."""
    lines = [
        user("u1", None, "Long ago."),
        said("a1", "u1", "msg_1", {"type": "text", "text": "Yes."}),
        {"type": "system", "subtype": "compact_boundary", "uuid": "c1", "parentUuid": None, "logicalParentUuid": "a1"},
        user("u2", "c1", "This session goes on from an earlier one: ...", isCompactSummary=True),
        said("a2", "u2", "msg_2", {"type": "text", "text": "I see."}),
    ]
    talk, _ = repair(lines)
    assert len(talk) == 2
    assert talk[0]["content"].startswith("This session goes on")  # type: ignore[index] # a dict
