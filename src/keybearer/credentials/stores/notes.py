"""Three notes beside a login: which token was refused, which is spent, and how long the token endpoint must not be asked.

Strategy: three small files, `.oauth.json.refused`, `.spent` and `.rest`, each one record of a fixed size, written by one system call.
No lock is needed: a killed writer leaves the old record, the new one, or none.

Contract: none holds a token: a pair of tokens is named by its `token_id`. All are hints: an unreadable one counts as none, and the
process relies on its own memory. Times are wall-clock times: a record from the future (a clock was set back) counts as none, and no
wait is longer than `MAX_BACKOFF`, whatever the file says.
"""

from __future__ import annotations

import contextlib
import math
import os
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from keybearer.credentials.stores.documents import Document, parse_object
from keybearer.credentials.stores.private_files import private_folder, read_secret
from keybearer.errors import CredentialError

__all__ = ["MAX_BACKOFF", "Backoff", "Notes", "Refusal", "Spent"]

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


class Notes:
    """The three records of one login.

    Args:
        stem: Their path without the ending.
    """

    def __init__(self, stem: Path) -> None:
        self._refused = stem.with_name(stem.name + ".refused")
        self._spent = stem.with_name(stem.name + ".spent")
        self._backoff = stem.with_name(stem.name + ".rest")

    def refuse(self, refusal: Refusal) -> None:
        """Record that a token was refused."""
        _write(self._refused, {"generation": refusal.token_id, "at": refusal.at})

    def refusal(self, now: float) -> Refusal | None:
        """Return the last refusal."""
        record = _read(self._refused)
        token_id, at = record.get("generation"), _time(record.get("at"))
        if not isinstance(token_id, str) or at is None or at > now + AHEAD:
            return None
        return Refusal(token_id, min(at, now))

    def spend(self, spent: Spent, now: float) -> None:
        """Record that a refresh token is spent."""
        _write(self._spent, {"generation": spent.token_id, "asked": spent.asked, "words": spent.words, "at": now})

    def spent(self, now: float) -> Spent | None:
        """Return the refresh token that was spent last, for `MAX_BACKOFF` seconds: an endpoint can be wrong about one."""
        record = _read(self._spent)
        token_id, asked, at = record.get("generation"), record.get("asked"), _time(record.get("at"))
        if not isinstance(token_id, str) or not isinstance(asked, str) or at is None:
            return None
        return Spent(token_id, asked, _plain(record.get("words"))) if -AHEAD <= now - at < MAX_BACKOFF else None

    def back_off(self, endpoint: str, seconds: float, words: str, now: float) -> None:
        """Record how long an endpoint must not be asked."""
        _write(
            self._backoff, {"endpoint": endpoint, "at": now, "until": now + min(seconds, MAX_BACKOFF), "words": words}
        )

    def backoff(self, endpoint: str, now: float) -> Backoff | None:
        """Return the remaining wait of an endpoint; None when it may be asked."""
        record = _read(self._backoff)
        at, until, words = _time(record.get("at")), _time(record.get("until")), record.get("words")
        if record.get("endpoint") != endpoint or at is None or until is None or at > now + AHEAD:
            return None
        left = min(until, at + MAX_BACKOFF) - now
        return Backoff(left, _plain(words)) if left > 0 else None

    def clear_backoff(self) -> None:
        """Remove the wait: the endpoint has answered."""
        with contextlib.suppress(OSError):
            self._backoff.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove the notes: the login was replaced or removed."""
        for path in (self._refused, self._spent, self._backoff):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _time(value: Any) -> float | None:
    return float(value) if type(value) in {int, float} and math.isfinite(value) else None


def _plain(words: Any) -> str:
    return words if isinstance(words, str) and words.isprintable() else ""


def _write(path: Path, record: dict[str, Any]) -> None:
    data = msgspec.json.encode(record)
    if len(data) >= SIZE:
        return
    with contextlib.suppress(OSError):
        private_folder(path.parent)  # the keyring's login has none of its own
        descriptor = os.open(path, _NEW, 0o600)
        try:
            os.write(descriptor, data.ljust(SIZE - 1) + b"\n")
        finally:
            os.close(descriptor)


def _read(path: Path) -> Document:
    try:
        return parse_object(read_secret(path, "a note", shared=True))[1]
    except CredentialError:
        return Document()
