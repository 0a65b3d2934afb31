"""The events of a stream, as the service sends them, and the helper events that are made from them.

Strategy: these Structs are what msgspec decodes straight from the bytes. They forbid unknown fields, so that the fast
decoder refuses what it would drop, and the careful one (`keybearer.wire.response.events`) builds the value with everything in it.

Source: the `anthropic` 2.12.0 wheel, `types/raw_message_stream_event.py`; helper events: `lib/streaming/_types.py`.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from keybearer.types.api_object import APIObject, Kind, Unknown, built
from keybearer.types.content import Citation, ContentBlock
from keybearer.types.helper_events import (
    CitationEvent,
    ContentBlockStopEvent,
    InputJsonEvent,
    MessageStopEvent,
    SignatureEvent,
    TextEvent,
    ThinkingEvent,
)
from keybearer.types.messages import Container, Message, StopDetails, StopReason
from keybearer.types.usage import Usage

__all__ = [
    "CitationEvent",
    "CitationsDelta",
    "ContentBlockDeltaEvent",
    "ContentBlockStartEvent",
    "ContentBlockStopEvent",
    "ContentDelta",
    "ErrorEvent",
    "Event",
    "FastEvent",
    "InputJSONDelta",
    "InputJsonEvent",
    "MessageDelta",
    "MessageDeltaEvent",
    "MessageStartEvent",
    "MessageStopEvent",
    "PingEvent",
    "RawContentBlockStopEvent",
    "RawEvent",
    "RawMessageStopEvent",
    "SignatureDelta",
    "SignatureEvent",
    "TextDelta",
    "TextEvent",
    "ThinkingDelta",
    "ThinkingEvent",
    "UnknownDelta",
    "UnknownEvent",
]


class _Tagged(APIObject, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Decoded by its `type`, straight from the bytes."""


# ── deltas ───────────────────────────────────────────────────────────────────


class TextDelta(_Tagged, frozen=True, tag="text_delta"):
    """More of a text block's text."""

    text: str
    type: Kind["text_delta"] = "text_delta"


class InputJSONDelta(_Tagged, frozen=True, tag="input_json_delta"):
    """More of the JSON text of a tool's input. A piece may end anywhere, inside an escape too."""

    partial_json: str
    type: Kind["input_json_delta"] = "input_json_delta"


class ThinkingDelta(_Tagged, frozen=True, tag="thinking_delta"):
    """More of a thinking block's thinking."""

    thinking: str
    type: Kind["thinking_delta"] = "thinking_delta"


class SignatureDelta(_Tagged, frozen=True, tag="signature_delta"):
    """The signature of a thinking block."""

    signature: str
    type: Kind["signature_delta"] = "signature_delta"


class CitationsDelta(APIObject, frozen=True):
    """One more citation of a text block."""

    citation: Citation
    type: Kind["citations_delta"] = "citations_delta"


class UnknownDelta(Unknown, frozen=True):
    """A delta of a type that this version does not know; its fields are attributes and are in `extra`."""


FastDelta: TypeAlias = TextDelta | InputJSONDelta | ThinkingDelta | SignatureDelta

if TYPE_CHECKING:
    ContentDelta: TypeAlias = FastDelta | CitationsDelta | UnknownDelta
else:
    # What the fast decoder may meet: it decodes tagged Structs only, and leaves the rest to the careful one.
    ContentDelta = FastDelta

# ── raw events ───────────────────────────────────────────────────────────────


class MessageStartEvent(APIObject, frozen=True):
    """The start: the message with no content yet."""

    message: Message
    type: Kind["message_start"] = "message_start"


class ContentBlockStartEvent(APIObject, frozen=True):
    """A block begins at `index`."""

    index: int
    content_block: ContentBlock
    type: Kind["content_block_start"] = "content_block_start"


class ContentBlockDeltaEvent(_Tagged, frozen=True, tag="content_block_delta"):
    """More of the block at `index`."""

    index: int
    delta: ContentDelta
    type: Kind["content_block_delta"] = "content_block_delta"


class ExtendedDeltaEvent(ContentBlockDeltaEvent, frozen=True, tag="content_block_delta"):
    """One whose delta came with fields that this version does not know: the fast way, which would lose them, passes it over."""


class RawContentBlockStopEvent(_Tagged, frozen=True, tag="content_block_stop"):
    """The block at `index` is complete."""

    index: int
    type: Kind["content_block_stop"] = "content_block_stop"


class MessageDelta(APIObject, frozen=True):
    """What became known of the message at its end."""

    stop_reason: StopReason | None = None
    stop_sequence: str | None = None
    stop_details: StopDetails | None = None
    container: Container | None = None

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "stop_details": built(StopDetails),
        "container": built(Container),
    }


class MessageDeltaEvent(APIObject, frozen=True):
    """The stop reason and the usage so far: cumulative figures, not increments. A figure that is None did not come."""

    delta: MessageDelta
    usage: Usage
    type: Kind["message_delta"] = "message_delta"


class RawMessageStopEvent(_Tagged, frozen=True, tag="message_stop"):
    """The end of the message."""

    type: Kind["message_stop"] = "message_stop"


class PingEvent(_Tagged, frozen=True, tag="ping"):
    """Keeps the connection open. It says nothing of progress: pings go on while a backend is stuck."""

    type: Kind["ping"] = "ping"


class ErrorEvent(APIObject, frozen=True):
    """`event: error`: the service failed inside the stream. `error` is the same object as an HTTP error's."""

    error: Any = None
    request_id: str | None = None
    type: Kind["error"] = "error"


class UnknownEvent(Unknown, frozen=True):
    """An event of a type that this version does not know; its fields are attributes and are in `extra`."""


RawEvent: TypeAlias = (
    MessageStartEvent
    | ContentBlockStartEvent
    | ContentBlockDeltaEvent
    | RawContentBlockStopEvent
    | MessageDeltaEvent
    | RawMessageStopEvent
    | PingEvent
    | ErrorEvent
    | UnknownEvent
)

FastEvent: TypeAlias = ContentBlockDeltaEvent | RawContentBlockStopEvent | RawMessageStopEvent | PingEvent
"""What the fast decoder decodes; the other events come once or a few times a stream."""

Event: TypeAlias = (
    MessageStartEvent
    | ContentBlockStartEvent
    | ContentBlockDeltaEvent
    | ContentBlockStopEvent
    | MessageDeltaEvent
    | MessageStopEvent
    | PingEvent
    | UnknownEvent
    | TextEvent
    | ThinkingEvent
    | InputJsonEvent
    | SignatureEvent
    | CitationEvent
)
"""What `messages.stream()` gives: the raw events, with the finished block and message in the stop events, and the helpers."""
