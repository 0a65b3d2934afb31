"""Three notes beside a login: which token was refused, which is spent, and how long the token endpoint must not be asked.

Strategy: three small records, `refused`, `spent` and `rest`. Beside a file they are files, `.oauth.json.refused` and so on, each of a
fixed size and written by one system call, so that no lock is needed: a killed writer leaves the old record, the new one, or none.

Contract: none holds a token: a pair of tokens is named by its `token_id`. All are hints: an unreadable one counts as none, and the
process relies on its own memory. Times are wall-clock times: a record from the future (a clock was set back) counts as none, and no
wait is longer than `MAX_BACKOFF`, whatever the file says.
"""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from keybearer.credentials.stores.documents import Document, parse_object
from keybearer.credentials.stores.private_files import private_folder, read_secret
from keybearer.errors import CredentialError

__all__ = ["MAX_BACKOFF", "Backoff", "FileRecords", "Notes", "Records", "Refusal", "Spent"]

MAX_BACKOFF: Final = 3600.0
"""The longest wait that a token endpoint can cause, in seconds."""

SIZE: Final = 512
"""The size of a record in bytes; shorter ones are padded."""

AHEAD: Final = 2.0
"""How far in the future a record may be, in seconds; beyond that, the clock was set back."""

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW: Final = _FLAGS | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class Refusal(Struct, frozen=True):
    """A token that the service refused (401).

    Attributes:
        token_id: Its name, which reveals nothing of the token.
        at: When, in epoch seconds.
    """

    token_id: str
    at: float

    def recent(self, now: float, seconds: float) -> bool:
        """Return whether it happened less than that many seconds ago."""
        return 0 <= now - self.at < seconds


class Spent(Struct, frozen=True):
    """A refresh token that the token endpoint called spent or revoked (`invalid_grant`).

    Attributes:
        token_id: The name of its pair of tokens.
        asked: Which endpoint said so, to which client.
        words: What it said.
    """

    token_id: str
    asked: str
    words: str


class Backoff(Struct, frozen=True):
    """A wait that a token endpoint asked for.

    Attributes:
        seconds: The seconds left.
        words: What the endpoint said.
    """

    seconds: float
    words: str


class Records(Protocol):
    """Where the notes of a login are kept, by name. Nothing is raised: a note is a hint."""

    def read(self, name: str) -> dict[str, Any]:
        """Return a note's record; an empty one where there is none."""
        ...

    def write(self, name: str, record: dict[str, Any] | None) -> None:
        """Replace a note's record; None removes it."""
        ...


class Notes:
    """The three records of one login.

    Args:
        records: Where they are; the path of a login's file without the ending stands for `FileRecords`.
    """

    def __init__(self, records: Records | Path) -> None:
        self._records = FileRecords(records) if isinstance(records, Path) else records

    def refuse(self, refusal: Refusal) -> None:
        """Record that a token was refused."""
        self._records.write("refused", {"generation": refusal.token_id, "at": refusal.at})

    def refusal(self, now: float) -> Refusal | None:
        """Return the last refusal."""
        record = self._records.read("refused")
        token_id, at = record.get("generation"), _time(record.get("at"))
        if not isinstance(token_id, str) or at is None or at > now + AHEAD:
            return None
        return Refusal(token_id, min(at, now))

    def spend(self, spent: Spent, now: float) -> None:
        """Record that a refresh token is spent."""
        record = {"generation": spent.token_id, "asked": spent.asked, "words": spent.words, "at": now}
        self._records.write("spent", record)

    def spent(self, now: float) -> Spent | None:
        """Return the refresh token that was spent last, for `MAX_BACKOFF` seconds: an endpoint can be wrong about one."""
        record = self._records.read("spent")
        token_id, asked, at = record.get("generation"), record.get("asked"), _time(record.get("at"))
        if not isinstance(token_id, str) or not isinstance(asked, str) or at is None:
            return None
        return Spent(token_id, asked, _plain(record.get("words"))) if -AHEAD <= now - at < MAX_BACKOFF else None

    def back_off(self, endpoint: str, seconds: float, words: str, now: float) -> None:
        """Record how long an endpoint must not be asked."""
        record = {"endpoint": endpoint, "at": now, "until": now + min(seconds, MAX_BACKOFF), "words": words}
        self._records.write("rest", record)

    def backoff(self, endpoint: str, now: float) -> Backoff | None:
        """Return the remaining wait of an endpoint; None when it may be asked."""
        record = self._records.read("rest")
        at, until, words = _time(record.get("at")), _time(record.get("until")), record.get("words")
        if record.get("endpoint") != endpoint or at is None or until is None or at > now + AHEAD:
            return None
        left = min(until, at + MAX_BACKOFF) - now
        return Backoff(left, _plain(words)) if left > 0 else None

    def clear_backoff(self) -> None:
        """Remove the wait: the endpoint has answered."""
        self._records.write("rest", None)

    def clear(self) -> None:
        """Remove the notes: the login was replaced or removed."""
        for name in ("refused", "spent", "rest"):
            self._records.write(name, None)


def _time(value: Any) -> float | None:
    return float(value) if type(value) in {int, float} and math.isfinite(value) else None


def _plain(words: Any) -> str:
    return words if isinstance(words, str) and words.isprintable() else ""


class FileRecords:
    """The records of a login that is on this machine, each a file.

    Args:
        stem: Their path without the ending.
    """

    def __init__(self, stem: Path) -> None:
        self._stem = stem

    def read(self, name: str) -> dict[str, Any]:
        """Read a record's file."""
        try:
            return parse_object(read_secret(self._path(name), "a note", shared=True))[1]
        except CredentialError:
            return Document()

    def write(self, name: str, record: dict[str, Any] | None) -> None:
        """Write a record's file, or remove it."""
        data, path = b"" if record is None else msgspec.json.encode(record), self._path(name)
        if len(data) >= SIZE:
            return
        with contextlib.suppress(OSError):
            if record is None:
                path.unlink(missing_ok=True)
                return
            private_folder(path.parent)  # the keyring's login has none of its own
            descriptor = os.open(path, _NEW, 0o600)
            try:
                os.write(descriptor, data.ljust(SIZE - 1) + b"\n")
            finally:
                os.close(descriptor)

    def _path(self, name: str) -> Path:
        return self._stem.with_name(f"{self._stem.name}.{name}")
