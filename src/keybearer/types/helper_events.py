"""Helper events: the events that `messages.stream()` makes from the service's own.

Strategy: a `snapshot` is built only when it is read, from the pieces that had come when the event was made.

Contract: `to_dict` returns plain JSON types, with the fields of the official SDK's event of the same name. A pickled event has its
snapshot, and no reference to the stream.

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

    A stream has thousands of them, so the garbage collector does not track them: they cannot be part of a reference cycle.
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
    """More text of a text block.

    Attributes:
        text: The new text.
        type: Always `text`.
    """

    text: str
    type: Kind["text"] = "text"

    @property
    def snapshot(self) -> str:
        """The block's text so far."""
        return self._joined()

    def parsed_snapshot(self) -> Any:
        """Return the text so far as JSON, for a structured answer that streams: complete values, and strings as far as they came.

        None before it begins, and where the text is no JSON. The official SDK's name.
        """
        read = getattr(self._pieces, "json", None)  # a stream's pieces can read themselves
        return None if read is None else copy.deepcopy(read(self._count))

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with its snapshot."""
        return {"type": "text", "text": self.text, "snapshot": self.snapshot}

    def __reduce__(self) -> tuple[Any, ...]:
        return TextEvent, (type(self._pieces)([self._joined()]), 1, self.text)

    def __repr__(self) -> str:
        return f"TextEvent(text={self.text!r})"


class ThinkingEvent(_Snapshot, frozen=True, eq=False):
    """More thinking of a thinking block.

    Attributes:
        thinking: The new thinking.
        type: Always `thinking`.
    """

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
    """The snapshot of a pickled event, as the function that a live event has."""

    value: Any

    def __call__(self, _count: int) -> Any:
        return self.value


class InputJsonEvent(_Snapshot, frozen=True, eq=False):
    """More of a tool's input.

    Attributes:
        partial_json: The new piece of the JSON text; it may end anywhere, even inside an escape.
        type: Always `input_json`.
    """

    partial_json: str
    _read: Callable[[int], Any]
    type: Kind["input_json"] = "input_json"

    @property
    def snapshot(self) -> Any:
        """The input so far: complete values, and strings as far as they came. It grows with the stream: copy it to keep it."""
        return self._read(self._count)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with a copy of its snapshot."""
        return {"type": "input_json", "partial_json": self.partial_json, "snapshot": copy.deepcopy(self.snapshot)}

    def __reduce__(self) -> tuple[Any, ...]:
        return InputJsonEvent, ([self._joined()], 1, self.partial_json, _Kept(copy.deepcopy(self.snapshot)))

    def __repr__(self) -> str:
        return f"InputJsonEvent(partial_json={self.partial_json!r})"


class SignatureEvent(Struct, frozen=True):
    """The signature of a thinking block: the service's proof that the thinking was not changed."""

    signature: str
    type: Kind["signature"] = "signature"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types."""
        return {"type": "signature", "signature": self.signature}

    def __reduce__(self) -> tuple[Any, ...]:
        return SignatureEvent, (self.signature,)


class CitationEvent(Struct, frozen=True, eq=False):
    """One more citation of a text block.

    Attributes:
        citation: The new citation.
        type: Always `citation`.
    """

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
    """The block at `index`, counted from 0, is complete."""

    index: int
    content_block: ContentBlock
    type: Kind["content_block_stop"] = "content_block_stop"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with the block."""
        return {"type": "content_block_stop", "index": self.index, "content_block": self.content_block.to_dict()}

    def __reduce__(self) -> tuple[Any, ...]:
        return ContentBlockStopEvent, (self.index, self.content_block)


class MessageStopEvent(Struct, frozen=True):
    """The message is complete."""

    message: Message
    type: Kind["message_stop"] = "message_stop"

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain JSON types, with the message."""
        return {"type": "message_stop", "message": self.message.to_dict()}

    def __reduce__(self) -> tuple[Any, ...]:
        return MessageStopEvent, (self.message,)
