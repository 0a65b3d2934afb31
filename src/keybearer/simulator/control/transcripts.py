"""Transcripts of Claude Code, the JSONL files below `~/.claude/projects/`, as exchanges.

A line has `type`, `uuid`, `parentUuid` and, for `user` and `assistant`, a `message` of the API; other types of line are
notes of Claude Code's own. An answer stands in several lines with one `message.id`, a block each. The request of an answer
is what its `parentUuid` leads back through; its system text, its tools and its settings are not in the lines, so a
replay finds it by its conversation. The folder (`cwd`) is in each line, and stands for the system text.

Source: the transcripts that Claude Code 2.1.332 wrote, and the public descriptions of the format for older ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.simulator.control.recording import RecordedExchange, record_exchange
from keybearer.simulator.control.reshape import completed_message
from keybearer.simulator.core.reply import encode

__all__ = ["transcript_exchanges"]

Line = dict[str, Any]
SYNTHETIC: Final = "<synthetic>"
"""The model of an answer that Claude Code wrote itself, such as that of an error."""


def _blocks(message: Mapping[str, Any]) -> list[Any]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def _answers(lines: list[Line]) -> dict[str, list[Line]]:
    """Group the lines of each answer by its message's id, in the order in which they begin."""
    answers: dict[str, list[Line]] = {}
    for line in lines:
        if line.get("type") == "assistant" and isinstance(line.get("message"), dict):
            answers.setdefault(str(line["message"].get("id")), []).append(line)
    return answers


def _whole(parts: list[Line]) -> dict[str, Any]:
    """Join the blocks of an answer; its last line has the final usage and stop reason."""
    content = [block for part in parts for block in _blocks(part["message"])]
    message = completed_message({**parts[-1]["message"], "content": content})
    if message["stop_reason"] is None:  # older versions wrote the lines before the stream had ended
        calls = any(block.get("type") == "tool_use" for block in content)
        message["stop_reason"] = "tool_use" if calls else "end_turn"
    return message


def _results(lines: list[Line]) -> dict[str, Line]:
    """Return the line with the result of each call; parallel calls have one each, and only one is in the chain of parents."""
    return {
        str(block.get("tool_use_id")): line
        for line in lines
        if line.get("type") == "user" and isinstance(line.get("message"), dict)
        for block in _blocks(line["message"])
        if isinstance(block, dict) and block.get("type") == "tool_result"
    }


def _request(
    first: Line, by_uuid: Mapping[str, Line], answers: Mapping[str, list[Line]], results: Mapping[str, Line]
) -> list[dict[str, Any]]:
    """Return the messages that an answer was given to, by the chain of its parents."""
    chain: list[Line] = []
    seen: set[str] = set()
    line = by_uuid.get(str(first.get("parentUuid")))
    while line is not None and str(line.get("uuid")) not in seen:
        seen.add(str(line.get("uuid")))
        chain.append(line)
        line = by_uuid.get(str(line.get("parentUuid")))
    messages: list[dict[str, Any]] = []
    added: set[str] = set()
    for line in reversed(chain):
        if line.get("type") not in {"user", "assistant"} or not isinstance(line.get("message"), dict):
            continue
        if line["type"] == "user":
            if str(line.get("uuid")) not in added and not line.get("isVisibleInTranscriptOnly"):
                added.add(str(line.get("uuid")))
                messages.append({"role": "user", "content": line["message"].get("content")})
            continue
        key = str(line["message"].get("id"))
        if key not in added and line["message"].get("model") != SYNTHETIC:
            added.add(key)
            answer = _whole(answers[key])
            messages.append({"role": "assistant", "content": answer["content"]})
            for block in answer["content"]:
                given = results.get(str(block.get("id"))) if block.get("type") == "tool_use" else None
                if given is not None and str(given.get("uuid")) not in added:
                    added.add(str(given.get("uuid")))
                    messages.append({"role": "user", "content": given["message"].get("content")})
    return messages


def transcript_exchanges(lines: list[Any]) -> tuple[list[RecordedExchange], list[str]]:
    """Read a transcript.

    Args:
        lines: Its decoded lines.

    Returns:
        An exchange for each answer of the model, in order, and what was left out, in words.
    """
    known = [line for line in lines if isinstance(line, dict)]
    by_uuid = {str(line["uuid"]): line for line in known if line.get("uuid")}
    answers, results = _answers(known), _results(known)
    exchanges, left_out = [], []
    for key, parts in answers.items():
        message = _whole(parts)
        if message.get("model") == SYNTHETIC:
            left_out.append(f"answer {key}: Claude Code wrote it itself")
            continue
        messages = _request(parts[0], by_uuid, answers, results)
        if not messages:
            left_out.append(f"answer {key}: the lines of its request are not in the file")
            continue
        folder = {"system": f"Working directory: {parts[0]['cwd']}"} if parts[0].get("cwd") else {}
        body = encode({"model": message.get("model"), **folder, "messages": messages})
        headers = {"content-type": "application/json"}
        exchanges.append(
            record_exchange("POST", "/v1/messages", body, status=200, headers=headers, reply=encode(message))
        )
    return exchanges, left_out
