"""The Message Batches API as flows.

Contract: every request of a batch is checked before any is sent, and an error names the place of each mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from keybearer.api.batch_reading import BatchReading
from keybearer.api.bodies import checked_body
from keybearer.api.call import CallDefaults
from keybearer.api.checks import check_query
from keybearer.api.paths import path_to
from keybearer.api.resource import BY_ID, PageOf, ResourceAPI
from keybearer.errors import KeybearerError, LintError, StreamProtocolError
from keybearer.errors.sanitize import excerpt
from keybearer.exchange.lease import OpenBody
from keybearer.flow import Flow
from keybearer.types.api_object import built, is_mapping
from keybearer.types.batches import BatchResult, BatchRow, MessageBatch
from keybearer.types.files import DeletedObject
from keybearer.types.requests import GetOptions, ProfileOptions
from keybearer.wire.json import dumps_strict
from keybearer.wire.request.headers import beta_tags

if TYPE_CHECKING:
    from keybearer.prices import PriceTable

__all__ = [
    "MOST_BYTES",
    "MOST_REQUESTS",
    "BatchesAPI",
    "Chunk",
    "EncodedRow",
    "encoded_row",
    "row_of",
    "those_before",
    "with_those_before",
]

PATH: Final = "/v1/messages/batches"
ONE: Final = PATH + "/{message_batch_id}"

MOST_REQUESTS: Final = 100_000
"""The most requests of a batch. Source: https://docs.claude.com/en/docs/build-with-claude/batch-processing."""

MOST_BYTES: Final = 256_000_000
"""The most bytes of a batch's body, from the same page: 256 MB."""

LOOK: Final = "client.messages.batches.list()"
"""Where a batch is found that may have been made."""

_SHOWN: Final = 20
"""How many mistakes an error lists."""

_CUSTOM_ID: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_FIELDS: Final = ("custom_id", "params")
_NO_PARAMETER: Final = (
    "timeout",
    "max_retries",
    "extra_headers",
    "extra_query",
    "stream",
    "workspace_id",
    "user_profile_id",
)
"""What steers one call, and so cannot steer a request inside a batch."""


class Chunk:
    """The requests of one batch, encoded.

    Attributes:
        rows: The requests as JSON.
        betas: The beta tags that they need.
        size: The length of the body in bytes.
    """

    def __init__(self) -> None:
        self.rows: list[msgspec.Raw] = []
        self.betas: dict[str, None] = {}
        self.size = len(b'{"requests":[]}')
        self._places: dict[str, int] = {}

    def takes(self, row: EncodedRow) -> bool:
        """Return whether there is room for one more request."""
        return len(self.rows) < MOST_REQUESTS and self.size + len(row.json) + 1 <= MOST_BYTES

    def add(self, number: int, row: EncodedRow) -> None:
        """Add a request.

        Args:
            number: Its place among those of the caller.
            row: The request.

        Raises:
            LintError: One of the batch has its name.
        """
        first = self._places.setdefault(row.custom_id, number)
        if first != number:
            raise _refused(f"requests[{number}].custom_id: {row.custom_id!r} is that of requests[{first}]")
        self.rows.append(msgspec.Raw(row.json))
        self.betas.update(dict.fromkeys(row.betas))
        self.size += len(row.json) + 1


class BatchesAPI(ResourceAPI, frozen=True):
    """The flows of `client.messages.batches`."""

    def create(self, requests: Iterable[Any], options: GetOptions) -> Flow[MessageBatch]:
        """Make one batch."""
        chunk = Chunk()
        problems: list[str] = []
        for number, request in enumerate(requests):
            try:
                chunk.add(number, encoded_row(self.defaults, number, request, options))
            except LintError as error:
                problems += error.problems
        if not chunk.rows and not problems:
            problems.append("requests: there is none")
        if len(chunk.rows) > MOST_REQUESTS:
            problems.append(f"requests: {len(chunk.rows):,} are more than the {MOST_REQUESTS:,} of a batch")
        elif chunk.size > MOST_BYTES:
            problems.append(f"requests: their {chunk.size:,} bytes are more than the {MOST_BYTES:,} of a batch")
        if problems:
            raise _refused(*problems)
        return (yield from self.send(chunk, options))

    def chunks(self, requests: Iterable[Any], options: GetOptions) -> Iterator[Chunk]:
        """Divide requests into batches that are within the limits, each as full as it can be.

        Raises:
            LintError: A request cannot be sent; it names the place. The batches before it were given.
        """
        chunk = Chunk()
        for number, request in enumerate(requests):
            row = encoded_row(self.defaults, number, request, options)
            if not chunk.takes(row):
                if chunk.rows:
                    yield chunk
                chunk = Chunk()
            if not chunk.takes(row):
                raise _refused(f"requests[{number}]: its {len(row.json):,} bytes are more than a batch may have")
            chunk.add(number, row)
        if chunk.rows:
            yield chunk

    def send(self, chunk: Chunk, options: GetOptions) -> Flow[MessageBatch]:
        """Make a batch of requests that were checked."""
        return self.ask(
            MessageBatch,
            "POST",
            PATH,
            options,
            body={"requests": chunk.rows},
            betas=tuple(chunk.betas),
            most=MOST_BYTES,
            look_first=LOOK,
            takes=ProfileOptions,
        )

    def retrieve(self, message_batch_id: str, options: GetOptions) -> Flow[MessageBatch]:
        """Ask how far a batch is."""
        return self.ask(MessageBatch, "GET", path_to(ONE, message_batch_id=message_batch_id), options)

    def list(self, query: Mapping[str, Any], options: GetOptions) -> Flow[PageOf[MessageBatch]]:
        """Ask for a page of batches, the newest first."""
        check_query(query)
        return self.page(PATH, options, item=built(MessageBatch), cursor=BY_ID, query=query)

    def cancel(self, message_batch_id: str, options: GetOptions) -> Flow[MessageBatch]:
        """Cancel a batch; what was begun goes on."""
        return self.ask(MessageBatch, "POST", path_to(ONE + "/cancel", message_batch_id=message_batch_id), options)

    def delete(self, message_batch_id: str, options: GetOptions) -> Flow[DeletedObject]:
        """Delete a batch that has ended, with its results."""
        return self.ask(DeletedObject, "DELETE", path_to(ONE, message_batch_id=message_batch_id), options)

    def results(self, message_batch_id: str, options: GetOptions) -> Flow[OpenBody]:
        """Ask for the results of a batch that has ended."""
        # The batch names a URL for them, too. A credential goes only where its owner sends it, so that is not followed.
        path = path_to(ONE + "/results", message_batch_id=message_batch_id)
        return self.open(path, options, accept="application/x-jsonl")

    def row(self, value: Any) -> BatchRow:
        """Return a row of the results, whose answer knows its prices; see `row_of`."""
        return row_of(value, self.defaults.prices)

    def reading(self, message_batch_id: str, headers: Mapping[str, str], options: GetOptions) -> BatchReading:
        """Return what is done with the results as they are read.

        Args:
            message_batch_id: The batch.
            headers: Those of the results.
            options: The options of the call.
        """
        counts = lambda: self.retrieve(message_batch_id, options)  # noqa: E731
        return BatchReading(message_batch_id, headers, self.exchange.usage, self.defaults.spend_limits, counts)


class EncodedRow(NamedTuple):
    """A request, encoded."""

    custom_id: str
    json: bytes
    betas: tuple[str, ...]


def encoded_row(defaults: CallDefaults, number: int, request: Any, options: Mapping[str, Any]) -> EncodedRow:
    """Encode a request.

    Raises:
        LintError: It cannot be sent; `problems` has the place of each mistake.
    """
    where = f"requests[{number}]"
    if not is_mapping(request):
        raise _refused(f"{where}: it is of type {type(request).__name__}; it takes custom_id and params")
    custom_id: Any = request.get("custom_id")
    params: Any = request.get("params")
    problems = [f"{where}.{name}: there is no such field" for name in request if name not in _FIELDS]
    if not isinstance(custom_id, str) or not _CUSTOM_ID.fullmatch(custom_id):
        problems.append(f"{where}.custom_id: it takes 1 to 64 letters, digits, _ and -")
    if is_mapping(params):
        if params.get("stream") is False:  # the official SDK's type of a request has it
            params = {name: value for name, value in params.items() if name != "stream"}
        given = [name for name in _NO_PARAMETER if name in params]
        problems += [f"{where}.params.{name}: it is of a call, not of a batch's request" for name in given]
    else:
        problems.append(f"{where}.params: it takes the arguments of messages.create")
    if problems:
        raise _refused(*problems)
    try:
        body = checked_body(defaults, params, options)
    except LintError as error:
        problems += [f"{where}.params.{each}" for each in error.problems or (error.message,)]
    except KeybearerError as error:
        problems.append(f"{where}.params: {error.message}")
    except (TypeError, ValueError, RecursionError) as error:
        problems.append(f"{where}.params: {error}")
    else:
        encoded = _encoded(custom_id, body, f"{where}.params.")
        return EncodedRow(custom_id, encoded, (*(params.get("betas") or ()), *beta_tags(body)))
    raise _refused(*problems)


def _encoded(custom_id: str, body: Mapping[str, Any], where: str) -> bytes:
    try:
        return dumps_strict({"custom_id": custom_id, "params": body})
    except (TypeError, ValueError, RecursionError) as error:
        from keybearer.wire.request.unsendable import refusals

        problems = [where + each for each in refusals(body, error)]
    raise _refused(*problems)


def those_before(batches: list[MessageBatch]) -> str:
    """Name the batches that were made before an error."""
    return f"{len(batches)} before it were made, and go on: {', '.join(batch.id for batch in batches)}"


def with_those_before(error: KeybearerError, batches: list[MessageBatch]) -> KeybearerError:
    """Name the batches that were made before an error, in its hint."""
    if batches:
        error.hint = f"{error.hint} {those_before(batches)}".strip()
    return error


def row_of(value: Any, prices: PriceTable | None = None) -> BatchRow:
    """Return a row of a batch's results.

    Args:
        value: Its decoded JSON.
        prices: The prices that its message's cost is counted by; None for the public ones.

    Raises:
        StreamProtocolError: It is none.
    """
    if isinstance(value, dict):
        row = BatchRow.of(value)
        if prices is None or row.message is None:
            return row
        result = BatchResult.of(row.result.to_dict(), message=row.message.with_prices(prices))
        return BatchRow.of(value, result=result)
    raise StreamProtocolError(f"A row of the results is no object: {excerpt(repr(value))}")


def _refused(*problems: str) -> LintError:
    more = f" (and {len(problems) - 1:,} more: see error.problems)" if len(problems) > 1 else ""
    return LintError(f"The batch was not sent: {problems[0]}{more}", problems=problems[:_SHOWN])
