"""The events that `messages.stream()` makes beside those that the service sends.

Strategy: a helper's `snapshot` is made only when it is read, from the pieces that had come by then.

Contract: each has `to_dict`, which is plain JSON types and says what the official SDK's event of that name says, and pickles:
the copy holds the snapshot and nothing of the stream.

Source: the `anthropic` 2.12.0 wheel, `lib/streaming/_types.py`.
"""

import copy
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from keybearer.types.api_object import Kind
from keybearer.types.content import Citation, ContentBlock
from keybearer.types.messages import Message

__all__ = [
    "CitationEvent",
    "ContentBlockStopEvent",
    "InputJsonEvent",
    "MessageStopEvent",
    "SignatureEvent",
    "TextEvent",
    "ThinkingEvent",
]


class _Snapshot(Struct, frozen=True, gc=False, eq=False):
    """A helper event with the pieces of its block.

    Of these a stream has thousands, so they are kept out of the garbage collector's sight: no cycle of references goes through one.
    """

    _pieces: list[str]
    _count: int

    def _joined(self) -> str:
        return "".join(self._pieces[: self._count])

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with its snapshot."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((type(self), self._count))


class TextEvent(_Snapshot, frozen=True, eq=False):
    """More text. `snapshot` is the block's text so far."""

    text: str
    type: Kind["text"] = "text"

    @property
    def snapshot(self) -> str:
        """The block's text so far."""
        return self._joined()

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with its snapshot."""
        return {"type": "text", "text": self.text, "snapshot": self.snapshot}

    def __reduce__(self) -> tuple[Any, ...]:
        return TextEvent, ([self._joined()], 1, self.text)

    def __repr__(self) -> str:
        return f"TextEvent(text={self.text!r})"


class ThinkingEvent(_Snapshot, frozen=True, eq=False):
    """More thinking. `snapshot` is the block's thinking so far."""

    thinking: str
    type: Kind["thinking"] = "thinking"

    @property
    def snapshot(self) -> str:
        """The block's thinking so far."""
        return self._joined()

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with its snapshot."""
        return {"type": "thinking", "thinking": self.thinking, "snapshot": self.snapshot}

    def __reduce__(self) -> tuple[Any, ...]:
        return ThinkingEvent, ([self._joined()], 1, self.thinking)

    def __repr__(self) -> str:
        return f"ThinkingEvent(thinking={self.thinking!r})"


class _Kept(Struct, frozen=True):
    """A snapshot that was made, for the copy of an event."""

    value: Any

    def __call__(self, _count: int) -> Any:
        return self.value


class InputJsonEvent(_Snapshot, frozen=True, eq=False):
    """More of a tool's input. `snapshot` is the input so far, as far as its JSON can be read."""

    partial_json: str
    _read: Callable[[int], Any]
    type: Kind["input_json"] = "input_json"

    @property
    def snapshot(self) -> Any:
        """The input so far: what is complete of it, and strings as far as they came."""
        return self._read(self._count)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with its snapshot, which does not grow with the stream."""
        return {"type": "input_json", "partial_json": self.partial_json, "snapshot": copy.deepcopy(self.snapshot)}

    def __reduce__(self) -> tuple[Any, ...]:
        return InputJsonEvent, ([self._joined()], 1, self.partial_json, _Kept(copy.deepcopy(self.snapshot)))

    def __repr__(self) -> str:
        return f"InputJsonEvent(partial_json={self.partial_json!r})"


class SignatureEvent(Struct, frozen=True):
    """The signature of a thinking block."""

    signature: str
    type: Kind["signature"] = "signature"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types."""
        return {"type": "signature", "signature": self.signature}

    def __reduce__(self) -> tuple[Any, ...]:
        return SignatureEvent, (self.signature,)


class CitationEvent(Struct, frozen=True, eq=False):
    """One more citation. `snapshot` is the block's citations so far, made only when it is read."""

    _read: Callable[[int], list[Citation]]
    _count: int
    citation: Citation
    type: Kind["citation"] = "citation"

    @property
    def snapshot(self) -> list[Citation]:
        """The block's citations so far."""
        return self._read(self._count)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with its snapshot."""
        snapshot = [each.to_dict() for each in self.snapshot]
        return {"type": "citation", "citation": self.citation.to_dict(), "snapshot": snapshot}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CitationEvent) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((CitationEvent, self._count))

    def __reduce__(self) -> tuple[Any, ...]:
        return CitationEvent, (_Kept(self.snapshot), self._count, self.citation)

    def __repr__(self) -> str:
        return f"CitationEvent(citation={self.citation!r})"


class ContentBlockStopEvent(Struct, frozen=True):
    """The block at `index` is complete, and here it is."""

    index: int
    content_block: ContentBlock
    type: Kind["content_block_stop"] = "content_block_stop"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with the block."""
        return {"type": "content_block_stop", "index": self.index, "content_block": self.content_block.to_dict()}

    def __reduce__(self) -> tuple[Any, ...]:
        return ContentBlockStopEvent, (self.index, self.content_block)


class MessageStopEvent(Struct, frozen=True):
    """The message is complete, and here it is."""

    message: Message
    type: Kind["message_stop"] = "message_stop"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with the message."""
        return {"type": "message_stop", "message": self.message.to_dict()}

    def __reduce__(self) -> tuple[Any, ...]:
        return MessageStopEvent, (self.message,)
