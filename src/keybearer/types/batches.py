"""Batches of messages: what one is, the requests that go into it, and the rows of its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Required, TypeAlias, TypedDict

from keybearer.types.answer import Answer
from keybearer.types.api_object import APIObject, built
from keybearer.types.messages import Message
from keybearer.types.requests import CreateParams
from keybearer.types.timestamp import NEVER, Timestamp, times
from keybearer.types.usage import Usage

if TYPE_CHECKING:
    from keybearer.prices import Cost

__all__ = ["BatchCounts", "BatchError", "BatchRequest", "BatchResult", "BatchRow", "BatchStatus", "MessageBatch"]

BatchStatus: TypeAlias = Literal["in_progress", "canceling", "ended"] | str
"""How far a batch is. New stages may appear, so any string is one."""


class BatchRequest(TypedDict, total=False):
    """One request of a batch.

    Attributes:
        custom_id: Its name in the results: 1 to 64 letters, digits, `_` and `-`, given once in the batch.
        params: The arguments of `messages.create` that go into a body, with `validate`, `cache`, `media` and `betas`.
    """

    custom_id: Required[str]
    params: Required[CreateParams]


class BatchCounts(APIObject, frozen=True):
    """How many requests of a batch are in each state; all are processing until the batch has ended."""

    processing: int = 0
    succeeded: int = 0
    errored: int = 0
    canceled: int = 0
    expired: int = 0

    @property
    def ended(self) -> int:
        """How many have ended, in whatever way."""
        return self.succeeded + self.errored + self.canceled + self.expired


class MessageBatch(Answer, frozen=True):
    """A batch of messages.

    Attributes:
        id: Its id.
        processing_status: How far it is.
        request_counts: How many requests are in each state.
        created_at: When it was made (RFC 3339).
        expires_at: When it ends at the latest, 24 hours after it was made (RFC 3339).
        ended_at: When it ended (RFC 3339).
        cancel_initiated_at: When it was cancelled (RFC 3339).
        archived_at: When its results became unavailable (RFC 3339).
        results_url: Where its results are, once it has ended. keybearer asks the API itself for them.

    Source: the Message Batches API, https://docs.claude.com/en/api/creating-message-batches.
    """

    id: str = ""
    processing_status: BatchStatus = ""
    request_counts: BatchCounts = BatchCounts()
    created_at: Timestamp = NEVER
    expires_at: Timestamp = NEVER
    ended_at: Timestamp | None = None
    cancel_initiated_at: Timestamp | None = None
    archived_at: Timestamp | None = None
    results_url: str | None = None
    type: Literal["message_batch"] = "message_batch"

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {
        "request_counts": built(BatchCounts),
        **times("created_at", "expires_at", "ended_at", "cancel_initiated_at", "archived_at"),
    }


class BatchError(APIObject, frozen=True):
    """Why a request of a batch failed.

    Attributes:
        type: The error's type, such as `invalid_request_error`.
        message: What the service says.
    """

    type: str = ""
    message: str = ""


def _error(value: Any) -> Any:
    """Return the error inside the error object that an answer would have been."""
    inner = value.get("error") if isinstance(value, dict) else None
    return built(BatchError)(inner if isinstance(inner, dict) else value)


class BatchResult(APIObject, frozen=True):
    """What became of a request.

    Attributes:
        type: `succeeded`, `errored`, `canceled` or `expired`.
        message: The answer of one that succeeded.
        error: Why one has failed.
    """

    type: Literal["succeeded", "errored", "canceled", "expired"] | str = ""
    message: Message | None = None
    error: BatchError | None = None

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"message": built(Message), "error": _error}


class BatchRow(APIObject, frozen=True):
    """A row of a batch's results.

    Attributes:
        custom_id: The name of its request.
        result: What became of it.
    """

    custom_id: str = ""
    result: BatchResult = BatchResult()

    _builders: ClassVar[Mapping[str, Callable[[Any], Any]]] = {"result": built(BatchResult)}

    @property
    def message(self) -> Message | None:
        """The answer; None when there is none."""
        return self.result.message

    @property
    def cost(self) -> Cost:
        """What the row cost, at a batch's prices; nothing where there is no answer, for only answers are billed."""
        from keybearer.prices import Cost

        if self.message is None:
            return Cost()
        return self.message.with_usage(self.usage).cost

    @property
    def usage(self) -> Usage:
        """The answer's usage, in a batch's tier also where a gateway leaves that out; an empty one where there is no answer."""
        if self.message is None:
            return Usage()
        usage = self.message.usage
        return Usage.of({**usage.to_dict(), "service_tier": usage.service_tier or "batch"})

    @property
    def failure(self) -> str | None:
        """Why there is no answer, in words; None when there is one."""
        if self.result.type == "succeeded":
            return None
        if (error := self.result.error) is not None:
            return f"{error.type}: {error.message}"
        return _WHY.get(self.result.type, self.result.type)


_WHY = {
    "canceled": "canceled: the batch was cancelled before it was begun",
    "expired": "expired: the batch's 24 hours passed before it was begun",
}
