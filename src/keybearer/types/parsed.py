"""`ParsedMessage`: an answer of the model, with the value that it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from keybearer.types.like_pydantic import state_of
from keybearer.types.messages import Message

if TYPE_CHECKING:
    from keybearer.types.content import ContentBlock

__all__ = ["ParsedMessage"]

T = TypeVar("T")
"""The type that was asked for."""


class ParsedMessage(Message, Generic[T], frozen=True):
    """An answer of the model, with the value that it was asked for. The value is no part of what is compared, stored or sent."""

    @classmethod
    def of_message(cls, message: Message, value: T | None, content: list[ContentBlock] | None = None) -> Self:
        """Make one of a message.

        Args:
            message: The message.
            value: The value; None where the message has none to have, such as one that calls a tool first.
            content: The message's blocks, where the value stands on one of them.
        """
        fields = {name: getattr(message, name) for name in message.__struct_fields__}
        parsed = cls(**(fields if content is None else fields | {"content": content}))
        state_of(parsed).update(state_of(message), _parsed=value)
        return parsed

    @property
    def parsed_output(self) -> T | None:
        """The value; None where the message is no answer yet: it calls a tool of yours, or its turn is paused."""
        value: Any = state_of(self).get("_parsed")
        found: T | None = value
        return found
