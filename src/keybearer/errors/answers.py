"""Errors of an answer that is not of the type that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keybearer.errors.base import KeybearerError

if TYPE_CHECKING:
    from keybearer.schema.node import Mistake
    from keybearer.types.messages import Message

__all__ = ["AnswerCut", "AnswerError", "AnswerInvalid", "AnswerRefused"]


class AnswerError(KeybearerError):
    """The model's answer is no value of the type that was asked for. It came whole and is billed.

    Attributes:
        answer: The answer; its `usage` has the tokens of all that was asked.
        text: What the model wrote in place of a value: the text, or the input of the tool as JSON.
    """

    answer: Message | None = None
    text: str = ""


class AnswerRefused(AnswerError):
    """The model refused: `answer.stop_details` says why, where the service does."""


class AnswerCut(AnswerError):
    """The answer ended before the value was whole, at `max_tokens` or at the end of the context window."""


class AnswerInvalid(AnswerError):
    """The answer does not fit the type.

    Attributes:
        problems: What is wrong with it, each with its `path` in the value and `what` it is.
    """

    problems: tuple[Mistake, ...] = ()

    @property
    def path(self) -> str:
        """Where the first mistake is, such as `items[2].price`; empty for the whole."""
        return self.problems[0].path if self.problems else ""
