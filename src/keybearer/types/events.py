"""The events of a stream: those that the service sends, and the helper events that are made from them.

Strategy: msgspec decodes the frequent events (`FastEvent`) directly to these Structs. They forbid unknown fields, so the fast decoder
refuses an event that it would lose a field of. Such an event, and any other, is built by `keybearer.wire.response.parse`, with every
field.

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
    """An event or a delta that the fast decoder recognizes by its `type`."""


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
    # The fast decoder's types: it decodes tagged Structs only, and refuses any other delta.
    ContentDelta = FastDelta

# ── raw events ───────────────────────────────────────────────────────────────


class MessageStartEvent(APIObject, frozen=True):
    """The start of the message: its id, model and first usage figures, and no content yet."""

    message: Message
    type: Kind["message_start"] = "message_start"


class ContentBlockStartEvent(APIObject, frozen=True):
    """A block begins at `index`, counted from 0."""

    index: int
    content_block: ContentBlock
    type: Kind["content_block_start"] = "content_block_start"


class ContentBlockDeltaEvent(_Tagged, frozen=True, tag="content_block_delta"):
    """More of the block at `index`."""

    index: int
    delta: ContentDelta
    type: Kind["content_block_delta"] = "content_block_delta"


class ExtendedDeltaEvent(ContentBlockDeltaEvent, frozen=True, tag="content_block_delta"):
    """A delta event with fields that this version does not know. Its own class keeps it off the fast path, which would lose them."""


class RawContentBlockStopEvent(_Tagged, frozen=True, tag="content_block_stop"):
    """The block at `index` is complete."""

    index: int
    type: Kind["content_block_stop"] = "content_block_stop"


class MessageDelta(APIObject, frozen=True):
    """The fields of the message that are known only at its end."""

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
    """Keeps the connection open. It is no sign of progress: a service that is stuck sends pings too."""

    type: Kind["ping"] = "ping"


class ErrorEvent(APIObject, frozen=True):
    """`event: error`: the service failed inside the stream. `error` is the same object as in an HTTP error's body."""

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
"""The events that the fast decoder decodes; the others come a few times in a stream."""

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
"""The events of `messages.stream()`: the service's, with the finished block or message in the stop events, and the helper events."""
