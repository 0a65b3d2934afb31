"""The prompt cache, by prefix.

A request is a sequence of pieces in the order tools, system, messages. A piece's key is the hash of itself and
everything before it. A breakpoint (`cache_control`) stores the prefix that ends there, if the prefix is long enough
for the model. A later request reads the longest entry that ends at most `LOOK_BACK` pieces before one of its own
breakpoints. Reading renews an entry; entries expire by the simulator's clock. Only keys are kept, never a prompt.

The order of the keys in a tool's schema and in a call's input counts; that of other keys does not.

Source: the API's "Prompt caching" page, also for the order ("some languages randomize key order, breaking caches"); the four figures
are the wheel's `Usage`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from keybearer.simulator.core.catalogue import find_model
from keybearer.simulator.core.clock import SimulatedClock
from keybearer.simulator.service import tokens

__all__ = ["CacheUsage", "PromptCache", "breakpoints"]

LOOK_BACK: Final = 20
MAX_ENTRIES: Final = 100_000
TTL_SECONDS: Final = {"5m": 300, "1h": 3600}

_canonical = msgspec.json.Encoder(order="sorted")
_as_it_is = msgspec.json.Encoder()
_ORDERED: Final = ("input", "input_schema")
"""Fields whose objects are the caller's own, so that the order of their keys is a part of the prompt."""


class CacheUsage(Struct, frozen=True):
    """How the cache divides a request's input; the sum of all four is the whole input."""

    uncached: int
    read: int = 0
    written_5m: int = 0
    written_1h: int = 0

    @property
    def written(self) -> int:
        """Tokens written to the cache, for both lifetimes."""
        return self.written_5m + self.written_1h

    @property
    def total(self) -> int:
        """All input tokens."""
        return self.uncached + self.read + self.written


class Piece(Struct, frozen=True):
    """One step of the prefix: a tool, a system block or a message's block."""

    key: bytes
    end: int  # tokens up to and including this piece
    ttl: str | None  # of the breakpoint here, if there is one


def _blocks(content: Any) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def _walk(body: dict[str, Any]) -> Iterator[tuple[str, Any, bool]]:
    """Yield every piece as (section or role, value, whether it is the first of a message)."""
    for tool in body.get("tools") or []:
        yield "tool", tool, False
    for block in _blocks(body.get("system")):
        yield "system", block, False
    for message in body.get("messages") or []:
        for index, block in enumerate(_blocks(message.get("content"))):
            yield str(message.get("role")), block, index == 0


def breakpoints(body: dict[str, Any]) -> list[str]:
    """List the request's explicit breakpoints, in the order that the cache sees them.

    Args:
        body: The request's body.

    Returns:
        Each one's lifetime, `5m` or `1h`.
    """
    contents = [
        body.get("tools"),
        body.get("system"),
        *[message.get("content") for message in body.get("messages") or []],
    ]
    found = [
        value["cache_control"]
        for content in contents
        if isinstance(content, list)
        for value in content
        if isinstance(value, dict) and "cache_control" in value
    ]
    return [str(control.get("ttl") or "5m") for control in found if isinstance(control, dict)]


def _is_marked(body: dict[str, Any]) -> bool:
    return isinstance(body.get("cache_control"), dict) or bool(breakpoints(body))


def _pieces(body: dict[str, Any], organization: str, model: str) -> list[Piece]:
    running = hashlib.sha256(f"{organization}\0{model}".encode()).digest()
    # A change of these renews the messages' part of the cache but not the tools and the system prompt before it.
    salt = _canonical.encode([body.get("tool_choice"), body.get("thinking")])
    pieces: list[Piece] = []
    end = 0
    automatic = body.get("cache_control")
    model_of_body = find_model(body.get("model")) or tokens.NEWEST
    for section, value, is_first in _walk(body):
        control, bare = None, value
        if isinstance(value, dict) and "cache_control" in value:
            control = value["cache_control"]
            bare = {key: item for key, item in value.items() if key != "cache_control"}
        seasoning = salt if section in {"user", "assistant"} else b""
        running = hashlib.sha256(running + section.encode() + seasoning + _text_of(bare)).digest()
        end += tokens.count_tool(value) if section == "tool" else tokens.count_block(value, model_of_body)
        end += tokens.TOKENS_PER_MESSAGE if is_first else 0
        ttl = str(control.get("ttl") or "5m") if isinstance(control, dict) else None
        pieces.append(Piece(running, end, ttl))
    if isinstance(automatic, dict) and pieces and pieces[-1].ttl is None:
        pieces[-1] = structs.replace(pieces[-1], ttl=str(automatic.get("ttl") or "5m"))
    return pieces


def _text_of(bare: Any) -> bytes:
    """Return what a piece is hashed by."""
    ordered = [bare[name] for name in _ORDERED if name in bare] if isinstance(bare, dict) else []
    return _canonical.encode(bare) + _as_it_is.encode(ordered) if ordered else _canonical.encode(bare)


class PromptCache:
    """The entries of every organization.

    Args:
        clock: The clock by which entries expire.
    """

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._entries: dict[bytes, tuple[float, str]] = {}

    def account(
        self, body: dict[str, Any], *, organization: str, model: str, minimum: int, counted: int | None = None
    ) -> CacheUsage:
        """Read and write the cache for one request.

        Args:
            body: The request's body.
            organization: The owner of the cache.
            model: The model's id; caches are never shared between models.
            minimum: The shortest prefix in tokens that the model caches.
            counted: The body's tokens, if they have been counted.

        Returns:
            How the input divides.
        """
        if not _is_marked(body):  # nothing is stored or read, so nothing need be hashed
            return CacheUsage(uncached=tokens.count_prompt(body) if counted is None else counted)
        pieces = _pieces(body, organization, model)
        total = pieces[-1].end if pieces else 0
        marked = [index for index, piece in enumerate(pieces) if piece.ttl and piece.end >= minimum]
        if not marked:
            return CacheUsage(uncached=total)
        now = self._clock.now()
        read = self._find(pieces, marked, now)
        written = {"5m": 0, "1h": 0}
        start = 0 if read is None else pieces[read].end
        for index in marked:
            piece = pieces[index]
            if read is not None and index <= read:
                continue
            written[piece.ttl or "5m"] += piece.end - start
            start = piece.end
            self._entries[piece.key] = (now + TTL_SECONDS[piece.ttl or "5m"], piece.ttl or "5m")
        self._trim(now)
        return CacheUsage(
            uncached=total - start,
            read=0 if read is None else pieces[read].end,
            written_5m=written["5m"],
            written_1h=written["1h"],
        )

    def _find(self, pieces: list[Piece], marked: list[int], now: float) -> int | None:
        """Find the longest entry within reach of a breakpoint that has not expired, and renew it."""
        for index in reversed(marked):
            for candidate in range(index, max(-1, index - LOOK_BACK), -1):
                expires, ttl = self._entries.get(pieces[candidate].key, (0.0, ""))
                if expires > now:
                    self._entries[pieces[candidate].key] = (now + TTL_SECONDS[ttl], ttl)
                    return candidate
        return None

    def _trim(self, now: float) -> None:
        if len(self._entries) > MAX_ENTRIES:
            self._entries = {key: entry for key, entry in self._entries.items() if entry[0] > now}
            while len(self._entries) > MAX_ENTRIES:
                self._entries.pop(next(iter(self._entries)))
