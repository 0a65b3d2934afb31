"""`messages.parse` as a flow: ask for a value of a type, read it, and ask again where that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keybearer.api.answer_format import check_reask, format_of
from keybearer.api.messages import MessagesAPI
from keybearer.errors import AnswerInvalid
from keybearer.flow import Flow
from keybearer.types.messages import Message
from keybearer.types.parsed import ParsedMessage
from keybearer.types.turn_source import filled
from keybearer.types.usage import added

__all__ = ["parse"]


def parse(
    api: MessagesAPI, params: Mapping[str, Any], *, output_format: Any, via: Any = "format", reask: Any = 0
) -> Flow[ParsedMessage[Any]]:
    """Ask for a value.

    Args:
        api: Asks for messages.
        params: The arguments of `messages.create`.
        output_format: The type, or its `AnswerFormat`.
        via: As of `AnswerFormat`.
        reask: How often to ask again at the most when the answer does not fit.

    Raises:
        UsageError: The type cannot be asked for; nothing was sent.
        AnswerError: In the flow; the answer is no such value.
    """
    check_reask(reask)
    wanted = format_of(output_format, via)
    spent: list[Message] = []
    while True:
        message = yield from api.create(wanted.asked(params))
        spent.append(message)
        try:
            return wanted.read(_with_all(spent))
        except AnswerInvalid as error:
            if len(spent) > reask:
                raise
            params = filled(params)
            params = {**params, "messages": [*params["messages"], *wanted.correction(error)]}


def _with_all(spent: list[Message]) -> Message:
    """Return the last of several answers with the usage of all."""
    last = spent[-1]
    return last if len(spent) == 1 else last.with_usage(added(each.usage for each in spent))
