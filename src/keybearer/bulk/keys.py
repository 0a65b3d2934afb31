"""The key of a row: a hash of what is sent and of what the output keeps of the row, and of which of several equal rows it is.

Strategy: the key is BLAKE2b, 16 bytes, of the JSON with sorted names. Of rows with the same hash, the n-th has a hash of the first
one's and n. So a key does not depend on the order of different rows, and equal rows, whose results are
equally good for each of them, keep as many results as there are of them.

`SeenRows` counts in a temporary SQLite table, a list of rows at a time, so that its memory does not grow with the number of rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from keybearer.wire.json import dumps, sendable

__all__ = ["SIZE", "SeenRows", "hash_of"]

SIZE: Final = 16
"""The length of a key in bytes."""

_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode
_CACHE: Final = -16_384
"""How much memory the table may take for its pages: 16 MB, in SQLite's own way to write it."""


def hash_of(params: Mapping[str, Any], kept: Any) -> bytes:
    """Return the hash of a row.

    Args:
        params: The arguments of its request, defaults filled in.
        kept: What the output has of it.

    Raises:
        TypeError, ValueError: A value cannot be sent.
    """
    try:
        text = _ENCODE((params, kept))
    except (TypeError, ValueError, RecursionError):
        text = dumps([{name: sendable(params[name]) for name in sorted(params)}, sendable(kept)])
    return blake2b(text, digest_size=SIZE).digest()


class SeenRows:
    """How often each hash came in this run.

    Args:
        ordered: Whether the order of the keys is kept too, for `order`.
    """

    def __init__(self, *, ordered: bool = False) -> None:
        self._ordered = ordered
        self._database = sqlite3.connect(
            "", isolation_level=None, check_same_thread=False
        )  # a file that SQLite removes
        self._database.execute(f"PRAGMA cache_size = {_CACHE}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (hash BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID")
        self._database.execute("CREATE TABLE sequence (number INTEGER PRIMARY KEY, key BLOB NOT NULL)")

    def keys(self, hashes: Sequence[bytes]) -> list[bytes]:
        """Return the keys of the next rows, by their hashes, in their order."""
        marks = ",".join("?" * len(hashes))
        found = self._database.execute(f"SELECT hash, times FROM seen WHERE hash IN ({marks})", hashes)  # noqa: S608 - question marks
        times: dict[bytes, int] = dict(found.fetchall())
        keys = []
        for each in hashes:
            before = times.get(each, 0)
            times[each] = before + 1
            keys.append(each if not before else blake2b(each + before.to_bytes(8, "big"), digest_size=SIZE).digest())
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?)", times.items())
        if self._ordered:
            self._database.executemany("INSERT INTO sequence (key) VALUES (?)", [(key,) for key in keys])
        self._database.execute("COMMIT")
        return keys

    def order(self) -> Iterator[bytes]:
        """Give all keys in the order in which they came."""
        for (key,) in self._database.execute("SELECT key FROM sequence ORDER BY number"):
            yield key

    def close(self) -> None:
        """Remove the table."""
        self._database.close()
