"""Transcripts of Claude Code: answers in several lines, parallel calls, sidechains, and what Claude Code wrote itself."""

from __future__ import annotations

import json
from typing import Any

from keybearer.simulator.control.sameness import folder_of
from keybearer.simulator.control.transcripts import transcript_exchanges


def user(uuid: str, parent: str | None, content: Any, **more: Any) -> dict[str, Any]:
    """Write a line of the user's."""
    return {"type": "user", "uuid": uuid, "parentUuid": parent, "message": {"role": "user", "content": content}, **more}


def answer(uuid: str, parent: str, message: str, block: Any, **more: Any) -> dict[str, Any]:
    """Write a line with one block of an answer."""
    whole = {
        "id": message,
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [block],
        **more,
    }
    return {"type": "assistant", "uuid": uuid, "parentUuid": parent, "message": whole}


def call(name: str) -> dict[str, Any]:
    """Write a call."""
    return {"type": "tool_use", "id": name, "name": "Read", "input": {"file_path": name}}


def result(name: str) -> list[dict[str, Any]]:
    """Write a call's result."""
    return [{"type": "tool_result", "tool_use_id": name, "content": f"the text of {name}"}]


PARALLEL: list[Any] = [
    {"type": "summary", "summary": "no line of the conversation"},
    user("u1", None, "Read both."),
    {"type": "attachment", "uuid": "x1", "parentUuid": "u1"},
    answer("a1", "x1", "msg_1", {"type": "text", "text": "Both."}),
    answer("a2", "a1", "msg_1", call("one")),
    answer("a3", "a2", "msg_1", call("two"), stop_reason="tool_use", usage={"input_tokens": 3, "output_tokens": None}),
    user("u2", "a2", result("one")),
    user("u3", "a3", result("two")),
    answer("a4", "u3", "msg_2", {"type": "text", "text": "Done."}),
]


def test_parallel_calls_and_answers_in_lines() -> None:
    """The blocks of an answer are joined, and each parallel call has its result although one is outside the chain."""
    (first, second), left_out = transcript_exchanges(PARALLEL)
    assert left_out == []
    assert first.body == {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Read both."}]}
    reply = json.loads(first.reply)
    assert [block["type"] for block in reply["content"]] == ["text", "tool_use", "tool_use"]
    assert (reply["stop_reason"], reply["usage"]["input_tokens"], reply["usage"]["output_tokens"]) == ("tool_use", 3, 0)
    roles = [(message["role"], message["content"]) for message in second.body["messages"]]
    assert [role for role, _ in roles] == ["user", "assistant", "user", "user"]
    assert [content for _, content in roles[2:]] == [result("one"), result("two")]
    assert json.loads(second.reply)["stop_reason"] == "end_turn"


def test_the_folder_of_a_transcript_is_that_of_its_exchanges() -> None:
    """The working directory of the lines is the folder that a replay moves from."""
    lines = [user("u1", None, "a"), {**answer("a1", "u1", "msg_1", call("/home/a/x")), "cwd": "/home/a"}]
    (exchange,), _ = transcript_exchanges(lines)
    assert folder_of(exchange.body) == "/home/a"


def test_what_is_no_answer_of_the_model() -> None:
    """An error that Claude Code wrote, and an answer without its request, are left out and named."""
    lines = [
        user("u1", None, "Hello"),
        answer("a1", "u1", "msg_1", {"type": "text", "text": "API Error"}, model="<synthetic>"),
        user("u2", "a1", "Hello again"),
        answer("a2", "u2", "msg_2", {"type": "text", "text": "Hi."}),
        answer("a3", "gone", "msg_3", {"type": "text", "text": "Lost."}),
    ]
    exchanges, left_out = transcript_exchanges(lines)
    assert [message["content"] for message in exchanges[0].body["messages"]] == ["Hello", "Hello again"]
    assert left_out == [
        "answer msg_1: Claude Code wrote it itself",
        "answer msg_3: the lines of its request are not in the file",
    ]


def test_a_chain_that_bites_its_tail_ends() -> None:
    """A file whose lines are each other's parents is read to an end."""
    lines = [user("u1", "u2", "a"), user("u2", "u1", "b"), answer("a1", "u2", "msg_1", {"type": "text", "text": "c"})]
    exchanges, _ = transcript_exchanges(lines)
    assert [message["content"] for message in exchanges[0].body["messages"]] == ["a", "b"]


def test_no_credential_is_written() -> None:
    """Keys of this service and of others that stand in a conversation are removed."""
    secrets = ["sk-ant-api03-oops-oops", "ghp_" + "a1" * 18, "AKIA" + "A1" * 8, "Bearer " + "z9" * 12]
    lines = [user("u1", None, " ".join(secrets)), answer("a1", "u1", "msg_1", {"type": "text", "text": secrets[1]})]
    (exchange,), _ = transcript_exchanges(lines)
    text = json.dumps([exchange.body, exchange.reply])
    assert text.count("[secret]") == 5
    assert not [secret for secret in secrets if secret.split()[-1] in text]
