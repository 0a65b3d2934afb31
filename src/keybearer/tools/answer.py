"""The answer that a run is to end with: a value of a type, asked for with each request and read from the last reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from keybearer.api.answer_format import AnswerFormat, check_reask, format_of, what_is_wrong
from keybearer.errors import AnswerInvalid, UsageError
from keybearer.types.messages import Message
from keybearer.types.parsed import ParsedMessage

__all__ = ["RunAnswer"]

ANSWERED: Final = frozenset({"end_turn", "stop_sequence"})
"""The ends with which the model has given its answer."""

READ: Final = ANSWERED | {"refusal", "max_tokens", "context_full"}
"""The ends at which there should be an answer; at any other there is none yet."""


class RunAnswer:
    """The answer of a run.

    Args:
        output_format: Its type, or its `AnswerFormat`.
        reask: How often to ask again at the most when it does not fit.

    Raises:
        UsageError: It cannot be asked for.
    """

    def __init__(self, output_format: Any, reask: int = 0) -> None:
        check_reask(reask)
        self._format: AnswerFormat[Any] = format_of(output_format)
        self._left = reask
        if self._format.forces_a_tool:
            raise UsageError(
                "A run takes no `via='tool'`: a tool that the model must call would keep it from calling yours.",
                hint="Give the type itself; or let the run end, and ask for the value with messages.parse(via='tool').",
            )

    def asked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a run's requests with what asks for the type."""
        return self._format.asked(params)

    def correction(self, message: Message) -> str:
        """Return what the model is to mend in an answer that does not fit; empty where it is not asked again."""
        if not self._left or message.tool_calls or message.stop_reason not in ANSWERED:
            return ""
        try:
            self._format.read(message)
        except AnswerInvalid as error:
            self._left -= 1
            return what_is_wrong(error)
        return ""

    def read(self, message: Message, why: str) -> ParsedMessage[Any] | None:
        """Read the last reply of a run; None where the run ended before its answer.

        Args:
            message: The reply.
            why: Why the run ended.

        Raises:
            AnswerError: It should be the answer, and is none.
        """
        return self._format.read(message) if why in READ else None
