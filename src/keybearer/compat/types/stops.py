"""The events that end a block and a message: the service's, or those of `messages.stream`, which hold what has ended.

The SDK has one class for each, of which that of `messages.stream` is a subclass; here they are two, and these stand for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from keybearer.types.events import (
    ContentBlockStopEvent,
    MessageStopEvent,
    RawContentBlockStopEvent,
    RawMessageStopEvent,
)

__all__ = ["BlockStop", "MessageStop"]

if TYPE_CHECKING:
    BlockStop: TypeAlias = RawContentBlockStopEvent | ContentBlockStopEvent
    MessageStop: TypeAlias = RawMessageStopEvent | MessageStopEvent
else:

    class _Either(type):
        """The class of two classes: the second is the one whose values hold what has ended."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, cls.classes)

        def __call__(cls, **fields: Any) -> Any:
            raw, whole = cls.classes
            held = fields.keys() & set(whole.__struct_fields__) - set(raw.__struct_fields__)
            if not held:
                return raw(**fields)
            fields.pop("type", None)
            return whole(**fields)

    class BlockStop(metaclass=_Either):
        """The end of a block."""

        classes = (RawContentBlockStopEvent, ContentBlockStopEvent)

    class MessageStop(metaclass=_Either):
        """The end of a message."""

        classes = (RawMessageStopEvent, MessageStopEvent)
