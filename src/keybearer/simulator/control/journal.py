"""The journal of requests and their replies, without secrets, limited in number and in bytes."""

from __future__ import annotations

import collections
import hashlib
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from keybearer.simulator.service.auth import credential_kind
from keybearer.simulator.service.bills import Bill

__all__ = ["RecordedRequest", "RequestJournal", "safe_headers"]

MOST_REQUESTS: Final = 10_000
MOST_BYTES: Final = 64 * 1024 * 1024
SECRET_HEADERS: Final = ("x-api-key", "authorization", "proxy-authorization", "cookie", "x-sim-token")


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Copy headers, with every credential replaced by its kind."""
    safe = dict(headers)
    for name in SECRET_HEADERS:
        if name in safe:
            safe[name] = f"[{credential_kind(safe[name].removeprefix('Bearer ').strip())}]"
    return safe


class RecordedRequest(Struct, dict=True):
    """One request of the journal.

    Args:
        at: When it arrived, on the simulator's clock, in seconds since the epoch.
        method: The HTTP method.
        path: The path without the query.
        query: The query parameters.
        headers: The headers, credentials replaced by their kind.
        body: The body; empty if it may contain a credential or is too large to keep.
        request_id: The reply's id.
        status: The reply's status; 0 until it is decided.
        error: The reply's error type, if it is a refusal.
        note: Other facts: usage, the rule that refused, the fault that struck.
        seconds: How long the reply took, on the simulator's clock.
        test: The test that it belongs to: the `x-sim-test` header.
        delivered: What the client got: `bytes`, `events` of a stream, and `end`: `complete`, `cut` by a fault, or `left`
            because the client was gone; None until then.
        billed: What the service bills for the reply; None for one that costs nothing.
        digest: What tells a request whose body is not kept as it came from others; empty for one whose body is.
    """

    at: float
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    request_id: str
    status: int = 0
    error: str | None = None
    note: dict[str, Any] = msgspec.field(default_factory=dict)
    seconds: float = 0.0
    test: str | None = None
    delivered: dict[str, Any] | None = None
    billed: Bill | None = None
    digest: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """Equal for requests of one test with equal method, path, query and body; made when it is first asked for."""
        target = f"{self.method} {self.path} {list(self.query.items())} {self.test} {self.digest}".encode()
        return hashlib.sha256(target + b"\0" + self.body).hexdigest()[:16]

    def record_reply(self, status: int, note: Mapping[str, Any], fault: str | None = None) -> None:
        """Record the reply, once it is decided.

        Args:
            status: The reply's status.
            note: The reply's facts, `ServerReply.note`.
            fault: The name of the fault that struck, if one did.
        """
        self.note |= ({"fault": fault} if fault else {}) | dict(note)
        self.status, self.error = status, note.get("error")

    @property
    def notes(self) -> list[str]:
        """What the simulator could not do as the service does it, in words: its own gaps, never the client's mistakes."""
        return list(self.note.get("notes", ()))

    @property
    def json(self) -> Any:
        """The decoded body; None if it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    def as_dict(self) -> dict[str, Any]:
        """Render for the admin page."""
        fields = structs.asdict(self)
        del fields["digest"]
        billed = None if self.billed is None else self.billed.as_dict()
        return {**fields, "body": self.json, "billed": billed, "fingerprint": self.fingerprint}


class RequestJournal:
    """The requests, oldest first; safe to read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: collections.deque[RecordedRequest] = collections.deque()
        self._bytes = 0
        self._listeners: list[Callable[[RecordedRequest], None]] = []

    def add(self, entry: RecordedRequest) -> None:
        """Add a request when it arrives, and drop the oldest beyond the limits."""
        with self._lock:
            self._entries.append(entry)
            self._bytes += len(entry.body)
            while len(self._entries) > MOST_REQUESTS or (self._bytes > MOST_BYTES and len(self._entries) > 1):
                self._bytes -= len(self._entries.popleft().body)

    def done(self, entry: RecordedRequest, now: float) -> None:
        """Record when the reply has been sent, and call the listeners."""
        entry.seconds = now - entry.at
        for listener in self._listeners:
            listener(entry)

    def listen(self, listener: Callable[[RecordedRequest], None]) -> None:
        """Call `listener` with every answered request, on the server's thread."""
        self._listeners.append(listener)

    def all(self, test: str | None = None) -> list[RecordedRequest]:
        """Copy the list of requests; only those of one test if it is given."""
        with self._lock:
            return [entry for entry in self._entries if test is None or entry.test == test]

    def clear(self, test: str | None = None) -> None:
        """Forget every request; only those of one test if it is given."""
        with self._lock:
            self._entries = collections.deque(
                entry for entry in self._entries if test is not None and entry.test != test
            )
            self._bytes = sum(len(entry.body) for entry in self._entries)
