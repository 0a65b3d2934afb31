"""The port of an engine: requests with their keys go in, results with the same keys come out, in any order.

Contract: an engine pulls lists of requests when it has room, and gives each request's result once. It hands `info` back as it got it.
After `stop` it sends nothing more: what it had taken and not sent it names in `unsent`, and what is under way it lets finish until the
job no longer waits for it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from keybearer.errors import KeybearerError
from keybearer.prices.amount import ZERO, Cost

__all__ = ["BulkRequest", "BulkResult", "Engine", "NewLine", "RowError", "failed_result", "row_error"]


class BulkRequest(NamedTuple):
    """A row, ready to be sent.

    Attributes:
        key: The row's key: 16 bytes.
        params: The arguments of `messages.create`.
        info: What the output has of the row: the fields of a JSON object, encoded, without its braces.
        source: The row itself as JSON, where a dead-letter file wants it; else empty.
    """

    key: bytes
    params: dict[str, Any]
    info: bytes
    source: bytes = b""


class RowError(Struct, frozen=True, omit_defaults=True):
    """Why a row has no answer.

    Attributes:
        error_class: The class of the error, such as `InvalidRequest`; in JSON it is `class`.
        message: What happened.
        request_id: The service's id of the request, where there is one.
        status: The HTTP status; 0 where there is none.
    """

    error_class: str
    message: str
    request_id: str | None = None
    status: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the error as a JSON object."""
        found = {"class": self.error_class, "message": self.message, "request_id": self.request_id}
        return found | {"status": self.status} if self.status else found


class NewLine(NamedTuple):
    """A result that is to be written.

    Attributes:
        key: The row's key.
        good: Whether it has an answer.
        line: The line, with its end.
        usage: The usage of its answer; None without one.
        usd: What it cost, in dollars; None where that is unknown.
        input_usd: What of that was its prompt.
    """

    key: bytes
    good: bool
    line: bytes
    usage: Mapping[str, Any] | None = None
    usd: Decimal | None = None
    input_usd: Decimal = ZERO


class BulkResult(NamedTuple):
    """What came of a row.

    Attributes:
        key: The row's key.
        info: As of its request.
        message: The answer as the API's JSON; None where there is none.
        text: The answer's text.
        cost: What it cost.
        request_id: The service's id of the request.
        error: Why there is no answer; None when there is one.
        source: As of its request.
        raised: The error itself, where it came in this process.
        line: What is to be written, where another process has made it; the answer is then there alone.
    """

    key: bytes
    info: bytes
    message: dict[str, Any] | None = None
    text: str = ""
    cost: Cost = Cost()
    request_id: str | None = None
    error: RowError | None = None
    source: bytes = b""
    raised: Exception | None = None
    line: NewLine | None = None


class Engine(Protocol):
    """What carries requests out.

    Attributes:
        keeps_track: Whether it keeps in the journal itself what it was given, so that a run that follows goes on with it.

    An engine may also have `marks_sent = True`: then it calls the journal's `begin` with a row's key itself, before it sends the row.
    For one without that, rows count as under way as soon as they are handed to it.
    """

    keeps_track: bool

    def results(self, work: AsyncIterator[Sequence[BulkRequest]]) -> AsyncGenerator[Sequence[BulkResult], None]:
        """Carry out what `work` gives, and give the results as they come.

        Raises:
            KeybearerError: In the iteration; nothing can be carried out any more.
        """
        ...

    def stop(self) -> None:
        """Send nothing more; the iteration ends when what is under way has."""
        ...

    def unsent(self) -> Sequence[bytes]:
        """Return the keys of requests that were taken and certainly not sent."""
        ...

    def under_way(self) -> int:
        """Return how many requests were sent, whose results have not come."""
        ...

    def taken(self, keys: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Return the keys among some that it has from an earlier run, whose results it gives without being given their requests."""
        ...


def row_error(error: Exception) -> RowError:
    """Return an error as the output has it."""
    said = error.message if isinstance(error, KeybearerError) else str(error)
    return RowError(
        error_class=type(error).__name__,
        message=said,
        request_id=getattr(error, "request_id", None),
        status=getattr(error, "http_status", 0) or 0,
    )


def failed_result(request: BulkRequest, error: Exception) -> BulkResult:
    """Return the result of a request that has failed."""
    return BulkResult(key=request.key, info=request.info, error=row_error(error), source=request.source, raised=error)
