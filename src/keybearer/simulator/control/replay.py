"""Recordings: one JSON line for each exchange, without secrets, and the replay that answers from them.

A request is found by method, path and canonical body without `metadata`, which may identify a user. Equal requests get
their recorded replies in order, and after that the last one again. The reply's body is kept unchanged, so a stream is
replayed byte for byte.
"""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.core.scrub import scrub

__all__ = ["RecordedExchange", "Recording", "record_exchange"]

KEPT_HEADERS: Final = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
KEPT_PREFIXES: Final = ("anthropic-ratelimit-", "anthropic-priority-")
LARGEST_FILE: Final = 512 * 1024 * 1024

_canonical = msgspec.json.Encoder(order="sorted")


class RecordedExchange(msgspec.Struct, forbid_unknown_fields=True):
    """A request and its reply, as one line of a recording."""

    method: str
    path: str
    body: Any
    status: int
    headers: dict[str, str]
    reply: str


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        return hashlib.sha256(body).hexdigest() if body else None  # a form or a file: recognized by its hash


def record_exchange(
    method: str, path: str, body: bytes, *, status: int, headers: Mapping[str, str], reply: bytes
) -> RecordedExchange:
    """Make the record of an exchange, with every credential removed.

    Args:
        method: The request's method.
        path: Its path, with the query.
        body: Its body.
        status: The reply's status.
        headers: The reply's headers, in lower case.
        reply: The reply's body.

    Returns:
        The record.
    """
    kept = {name: value for name, value in headers.items() if name in KEPT_HEADERS or name.startswith(KEPT_PREFIXES)}
    return RecordedExchange(method, path, _decoded(scrub(body)), status, kept, scrub(reply).decode("utf-8", "replace"))


def _key(method: str, path: str, body: Any) -> bytes:
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "metadata"}
    return hashlib.sha256(_canonical.encode([method, path, body])).digest()


class Recording:
    """Answers from recorded exchanges.

    Args:
        path: The recording.

    Raises:
        ValueError: A line is wrong; the message has its file and number.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_file():
            raise ValueError(f"{path}: it is not a file")
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path}: a recording is at most {LARGEST_FILE:,} bytes")
        self._path = path
        self._exchanges: dict[bytes, collections.deque[RecordedExchange]] = collections.defaultdict(collections.deque)
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    found = msgspec.json.decode(line, type=RecordedExchange)
                except msgspec.DecodeError as error:
                    raise ValueError(f"{path}: line {number}: {error}") from error
                self._exchanges[_key(found.method, found.path, found.body)].append(found)

    def answer(self, call: ServedCall) -> ServerReply:
        """Return the recorded reply to a request.

        Raises:
            ServiceError: 404 when it was not recorded.
        """
        query = "&".join(f"{name}={value}" for name, value in call.query_pairs)
        path = f"{call.path}?{query}" if query else call.path
        waiting = self._exchanges.get(_key(call.method, path, _decoded(scrub(call.body))))
        if not waiting:
            message = f"{self._path.name} has no recording of this {call.method} {path}: record it again"
            raise ServiceError("not_found_error", message, rule="replay")
        found = waiting.popleft() if len(waiting) > 1 else waiting[0]
        headers = dict(found.headers)
        kind = headers.pop("content-type", "application/json")
        error = None if found.status < 400 else f"recorded {found.status}"
        body = found.reply.encode()
        streamed = kind.startswith("text/event-stream")
        return ServerReply(
            body,
            lines=[event + b"\n\n" for event in body.split(b"\n\n") if event] if streamed else None,
            status=found.status,
            headers=headers,
            content_type=kind,
            note={"error": error},
        )
