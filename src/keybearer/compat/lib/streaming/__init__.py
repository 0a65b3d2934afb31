"""The official SDK's names of what `messages.stream` gives: streams, their managers, and events."""

from __future__ import annotations

from keybearer.client.resources.stream_managers import AsyncMessageStreamManager, MessageStreamManager
from keybearer.compat.insides import names_of
from keybearer.shell.streams import AsyncMessageStream, MessageStream
from keybearer.types.events import ContentBlockStopEvent, InputJsonEvent, MessageStopEvent, TextEvent
from keybearer.types.events import Event as MessageStreamEvent

BetaAsyncMessageStream = AsyncMessageStream
BetaAsyncMessageStreamManager = AsyncMessageStreamManager
BetaMessageStream = MessageStream
BetaMessageStreamManager = MessageStreamManager

BetaInputJsonEvent = InputJsonEvent
BetaTextEvent = ParsedBetaTextEvent = TextEvent
BetaContentBlockStopEvent = ParsedBetaContentBlockStopEvent = ParsedContentBlockStopEvent = ContentBlockStopEvent
BetaMessageStopEvent = ParsedBetaMessageStopEvent = ParsedMessageStopEvent = MessageStopEvent
BetaMessageStreamEvent = ParsedBetaMessageStreamEvent = ParsedMessageStreamEvent = MessageStreamEvent

__all__ = [
    "AsyncMessageStream",
    "AsyncMessageStreamManager",
    "BetaAsyncMessageStream",
    "BetaAsyncMessageStreamManager",
    "BetaContentBlockStopEvent",
    "BetaInputJsonEvent",
    "BetaMessageStopEvent",
    "BetaMessageStream",
    "BetaMessageStreamEvent",
    "BetaMessageStreamManager",
    "BetaTextEvent",
    "ContentBlockStopEvent",
    "InputJsonEvent",
    "MessageStopEvent",
    "MessageStream",
    "MessageStreamEvent",
    "MessageStreamManager",
    "ParsedBetaContentBlockStopEvent",
    "ParsedBetaMessageStopEvent",
    "ParsedBetaMessageStreamEvent",
    "ParsedBetaTextEvent",
    "ParsedContentBlockStopEvent",
    "ParsedMessageStopEvent",
    "ParsedMessageStreamEvent",
    "TextEvent",
]

__getattr__ = names_of(__name__)
