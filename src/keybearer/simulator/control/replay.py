"""Replay: answers from a recording, also on another machine, in another folder and on another day.

A request is looked for in four forms, from strict to loose (`sameness`). Equal requests get their recorded replies in
order, and after that the last one again. A reply keeps its bytes, with two exceptions: the recorded folder becomes the
request's own, and a message becomes a stream, or a stream a message, if that is what the request asks for.
"""

from __future__ import annotations

import collections
from pathlib import Path
from typing import Any, Final

from keybearer.simulator.control.nearest import differences, nearest_body
from keybearer.simulator.control.recording import RecordedExchange, decoded_body, read_recording
from keybearer.simulator.control.reshape import message_of, moved, split_events, stream_of
from keybearer.simulator.control.sameness import FORMS, folder_of, form_of, ignore_patterns, normalized, shown
from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall

__all__ = ["Recording"]

MOST_COMPARED: Final = 500
"""How many recorded requests are looked at for the nearest one."""


class Recording:
    """Answers from recorded exchanges.

    Args:
        path: The recording.
        ignored: Regular expressions for what differs beside the rules.

    Raises:
        ValueError: A line or an expression is wrong; the message has its file and number.
    """

    def __init__(self, path: Path, ignored: tuple[str, ...] = ()) -> None:
        self._path = path
        self._ignored = ignore_patterns(ignored)
        self._exchanges = read_recording(path)
        self._indexes: dict[str, dict[bytes, list[int]]] = {}
        self._used: dict[str | None, set[int]] = collections.defaultdict(set)

    def reset(self) -> None:
        """Begin again with the first replies."""
        self._used.clear()

    def _index(self, form: str) -> dict[bytes, list[int]]:
        """Return the numbers of the exchanges by the digest of their form, made when the form is first needed."""
        if form not in self._indexes:
            index: dict[bytes, list[int]] = collections.defaultdict(list)
            for number, each in enumerate(self._exchanges):
                if (digest := form_of(form, each.method, each.path, each.body, self._ignored)) is not None:
                    index[digest].append(number)
            self._indexes[form] = index
        return self._indexes[form]

    def _find(self, method: str, path: str, body: Any, test: str | None) -> tuple[str, int] | None:
        used = self._used[test]
        for form in FORMS:
            digest = form_of(form, method, path, body, self._ignored)
            numbers = self._index(form).get(digest, []) if digest is not None else []
            if numbers:
                if form in {"conversation", "last-turns"}:
                    numbers = self._of_the_same_agent(numbers, body)
                number = next((each for each in numbers if each not in used), numbers[-1])
                used.add(number)
                return form, number
        return None

    def _of_the_same_agent(self, numbers: list[int], body: Any) -> list[int]:
        """Keep those with the same system text and tools, as the rules leave them, if there are any."""

        def surroundings(each: Any) -> Any:
            if not isinstance(each, dict):
                return None
            names = [tool.get("name") for tool in each.get("tools") or [] if isinstance(tool, dict)]
            return [normalized(each, self._ignored).get("system"), names]

        mine = surroundings(body)
        same = [number for number in numbers if surroundings(self._exchanges[number].body) == mine]
        return same or numbers

    def answer(self, call: ServedCall) -> ServerReply:
        """Return the recorded reply to a request.

        Raises:
            ServiceError: 400 when it was not recorded, with the nearest recording and how it differs.
        """
        query = "&".join(f"{name}={value}" for name, value in call.query_pairs)
        path = f"{call.path}?{query}" if query else call.path
        body = decoded_body(call.body)
        found = self._find(call.method, path, body, call.test)
        if found is None:
            raise self._not_recorded(call, body)
        form, number = found
        return _as_reply(self._exchanges[number], body, {"replay": form, "recorded_line": number + 1})

    def _not_recorded(self, call: ServedCall, body: Any) -> ServiceError:
        candidates = (
            (number, shown(each.body, self._ignored))
            for number, each in enumerate(self._exchanges[:MOST_COMPARED], 1)
            if (each.method, each.path.split("?")[0]) == (call.method, call.path)
        )
        sent = shown(body, self._ignored)
        nearest = nearest_body(sent, candidates)
        how = f". The nearest is line {nearest[0]}: {differences(sent, nearest[1])}" if nearest else ""
        return ServiceError(
            "invalid_request_error",
            f"{self._path.name} has no recording of this {call.method} {call.path}: record it again{how}",
            headers={"x-should-retry": "false"},
            rule="replay",
        )


def _billed_facts(message: bytes | None) -> dict[str, Any]:
    """Return what a recorded message is billed by; nothing for what is no whole message, such as a count or a page."""
    said = decoded_body(message or b"")
    is_message = isinstance(said, dict) and said.get("type") == "message" and isinstance(said.get("usage"), dict)
    return {"model": said.get("model"), "usage": said["usage"]} if is_message else {}


def _as_reply(found: RecordedExchange, body: Any, note: dict[str, Any]) -> ServerReply:
    headers = dict(found.headers)
    kind = headers.pop("content-type", "application/json")
    data = found.reply.encode()
    is_stream, wants_stream = kind.startswith("text/event-stream"), isinstance(body, dict) and bool(body.get("stream"))
    if found.status < 400 and is_stream != wants_stream and found.path.startswith("/v1/messages"):
        reshaped = stream_of(data) if wants_stream else message_of(data)
        if reshaped is not None:
            data, is_stream = reshaped, wants_stream
            kind = "text/event-stream; charset=utf-8" if is_stream else "application/json"
    old, new = folder_of(found.body), folder_of(body)
    if old and new and old != new:
        data = moved(data, old, new, is_stream=is_stream)
    if found.status < 400 and found.path.startswith("/v1/messages"):
        note |= _billed_facts(message_of(data) if is_stream else data)
    return ServerReply(
        data,
        lines=split_events(data) if is_stream else None,
        status=found.status,
        headers=headers,
        content_type=kind,
        note={"error": None if found.status < 400 else f"recorded {found.status}", **note},
    )
