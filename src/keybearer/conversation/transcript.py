"""Transcripts of Claude Code, the JSONL files below `~/.claude/projects/`, as a history.

Strategy: a line has `type`, `uuid`, `parentUuid` and, for `user` and `assistant`, a `message` of the API.
The conversation is what the last of these leads back through.
An answer stands in several lines with one `message.id`, a block each.
Of parallel calls only one result is in the chain of parents; the others are found by their call.

Contract: what is left out is noted: lines of subagents (`isSidechain`), of other branches, answers that Claude Code wrote itself,
and its own notes. System prompt and tools are not in a transcript.

Source: the transcripts that Claude Code 2.1.332 wrote, and the public descriptions of the format for older ones.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple

from keybearer.conversation.draft import HistoryDraft, joined
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.json import detached

__all__ = ["is_transcript", "read_transcript"]

_SYNTHETIC: Final = "<synthetic>"
_SPOKEN: Final = frozenset({"user", "assistant"})


class _Line(NamedTuple):
    number: int
    fields: Mapping[str, Any]

    @property
    def spoken(self) -> bool:
        return self.fields.get("type") in _SPOKEN and isinstance(self.fields.get("message"), Mapping)

    @property
    def message(self) -> Mapping[str, Any]:
        message: Mapping[str, Any] = self.fields["message"]
        return message

    @property
    def own(self) -> bool:
        """Whether Claude Code wrote it itself, or shows it only."""
        written = self.message.get("model") == _SYNTHETIC or self.fields.get("isApiErrorMessage")
        return bool(written or self.fields.get("isVisibleInTranscriptOnly"))


def is_transcript(values: Sequence[Any]) -> bool:
    """Return whether values are the lines of a transcript."""
    return any(
        isinstance(each, Mapping)
        and each.get("type") in _SPOKEN
        and "uuid" in each
        and isinstance(each.get("message"), Mapping)
        for each in values
    )


def read_transcript(history: HistoryDraft, values: Sequence[Any]) -> list[tuple[str, Any]]:
    """Return the turns of a transcript with their places, and note what is left out.

    Args:
        history: Takes the notes.
        values: The decoded lines.
    """
    lines = [_Line(number, each) for number, each in enumerate(values, 1) if isinstance(each, Mapping)]
    _note(history, "lines that are no objects", range(len(values) - len(lines)))
    notes = Counter(str(line.fields.get("type")) for line in lines if not line.spoken)
    if notes:
        history.note(
            "transcript", f"{notes.total()} lines are Claude Code's own notes; they were left out: {joined(notes)}"
        )
    spoken = [line for line in lines if line.spoken]
    main = [line for line in spoken if not line.fields.get("isSidechain")] or spoken
    _note(history, "lines are of subagents", range(len(spoken) - len(main)))
    chain = _chain(lines, main)
    parts: dict[str, list[_Line]] = {}
    for line in main:
        if line.fields["type"] == "assistant" and not line.own:
            parts.setdefault(str(line.message.get("id")), []).append(line)
    results = {
        str(block.get("tool_use_id")): line
        for line in main
        if line.fields["type"] == "user"
        for block in _blocks(line)
        if block.get("type") == "tool_result"
    }
    found, used = _turns(chain, parts, results)
    left = [line for line in main if line.number not in used]
    _note(history, "lines are what Claude Code wrote or shows itself", [line for line in left if line.own])
    _note(history, "lines are of other branches", [line for line in left if not line.own])
    return found


def _note(history: HistoryDraft, what: str, lines: Sequence[Any]) -> None:
    if lines:
        history.note("transcript", f"{len(lines)} {what}; they were left out")


def _chain(lines: list[_Line], main: list[_Line]) -> list[_Line]:
    """Return what the last line of the conversation leads back through, in order."""
    by_name = {str(line.fields["uuid"]): line for line in lines if line.fields.get("uuid")}
    chain: list[_Line] = []
    line: _Line | None = main[-1] if main else None
    while line is not None and line not in chain[-1:] and len(chain) <= len(lines):
        chain.append(line)
        line = by_name.get(str(line.fields.get("parentUuid")))
    return [line for line in reversed(chain) if line.spoken]


def _blocks(line: _Line) -> list[Mapping[str, Any]]:
    content = line.message.get("content")
    return [each for each in content if isinstance(each, Mapping)] if isinstance(content, list) else []


def _turns(
    chain: list[_Line], parts: Mapping[str, list[_Line]], results: Mapping[str, _Line]
) -> tuple[list[tuple[str, Any]], set[int]]:
    """Return the turns, and the numbers of their lines."""
    found: list[tuple[str, Any]] = []
    used: set[int] = set()

    def add_user(line: _Line) -> None:
        if line.number not in used and not line.own:
            used.add(line.number)
            found.append((f"line {line.number}", {"role": "user", "content": line.message.get("content")}))

    for line in chain:
        if line.fields["type"] == "user":
            add_user(line)
        elif line.number not in used and not line.own:
            whole = parts[str(line.message.get("id"))]
            used.update(part.number for part in whole)
            found.append((f"line {whole[0].number}", _answer(whole)))
            for block in (block for part in whole for block in _blocks(part) if block.get("type") == "tool_use"):
                if (given := results.get(str(block.get("id")))) is not None:
                    add_user(given)
    return found, used


def _answer(parts: list[_Line]) -> Message:
    """Join the blocks of an answer; its last line has the final usage and stop reason."""
    last = parts[-1]
    content = [block for part in parts for block in _blocks(part)]
    if not content and isinstance(last.message.get("content"), str):
        content = [{"type": "text", "text": last.message["content"]}]
    answer = Message.of(detached({**last.message, "content": content}))
    pairs: list[tuple[str, str]] = []
    if isinstance(request := last.fields.get("requestId"), str):
        pairs.append(("request-id", request))
    with contextlib.suppress(ValueError):
        pairs.append(("date", format_datetime(datetime.fromisoformat(str(last.fields.get("timestamp"))), usegmt=True)))
    return answer.with_headers(Headers(pairs))
