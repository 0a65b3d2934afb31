"""A result as a line of the output, and what is read of one again.

    {"key": "...", "id": ..., "row": {...}, "text": "...", "message": {...}, "cost_usd": "0.0001", "request_id": "req_..."}
    {"key": "...", "id": ..., "row": {...}, "error": {"class": "InvalidRequest", "message": "...", "request_id": "req_..."}}

Contract: a line begins with its key. `id` and `row` are there where the job keeps them. Dollars are text, so that none is rounded, and
null where a price is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from keybearer.bulk.port import BulkResult, NewLine
from keybearer.errors.sanitize import sanitize
from keybearer.figures import count
from keybearer.prices.amount import ZERO, number

__all__ = ["BulkTotals", "Head", "info_of", "line_of", "new_line", "read_head", "source_line"]

_PROMPT: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h")
"""The parts of a cost that are its prompt's."""

_encode: Final = msgspec.json.Encoder().encode


class _HeadMessage(Struct):
    usage: dict[str, Any] = {}


class Head(Struct):
    """What is read of a line again.

    Attributes:
        key: The row's key, in hexadecimal digits.
        cost_usd: What it cost; None where that is unknown.
        message: The usage of its answer.
        error: Its error.
    """

    key: str
    cost_usd: str | UnsetType | None = UNSET
    message: _HeadMessage | UnsetType = UNSET
    error: Raw | UnsetType = UNSET

    @property
    def good(self) -> bool:
        """Whether the row has an answer."""
        return self.error is UNSET

    @property
    def usage(self) -> dict[str, Any] | None:
        """The usage of its answer; None without one."""
        return self.message.usage if self.good and self.message is not UNSET else None

    @property
    def usd(self) -> Decimal | None:
        """What it cost, in dollars; None where that is unknown."""
        return Decimal(self.cost_usd) if isinstance(self.cost_usd, str) else None


read_head: Final = msgspec.json.Decoder(Head).decode


class BulkTotals(Struct):
    """What the finished rows of a job come to.

    Attributes:
        succeeded: Rows with an answer.
        failed: Rows with an error.
        unpriced: Rows whose cost is not known.
        usd: What the others cost, in dollars.
        input_usd: What of that was their prompts.
        read: The tokens of their prompts, the cached ones among them.
        cached: The tokens that were read from the cache.
        written: The tokens of their answers.
    """

    succeeded: int = 0
    failed: int = 0
    unpriced: int = 0
    usd: Decimal = Decimal(0)
    input_usd: Decimal = Decimal(0)
    read: int = 0
    cached: int = 0
    written: int = 0

    @property
    def done(self) -> int:
        """How many rows are finished."""
        return self.succeeded + self.failed

    def add(self, usage: Mapping[str, Any] | None, usd: Decimal | None, input_usd: Decimal = Decimal(0)) -> None:
        """Add a row.

        Args:
            usage: The usage of its answer; None for a row that failed.
            usd: What it cost, in dollars; None where that is unknown.
            input_usd: What of that was its prompt.
        """
        if usage is None:
            self.failed += 1
            return
        self.succeeded += 1
        cached = count(usage.get("cache_read_input_tokens")) or 0
        fresh = count(usage.get("input_tokens")) or 0
        self.read += fresh + cached + (count(usage.get("cache_creation_input_tokens")) or 0)
        self.cached += cached
        self.written += count(usage.get("output_tokens")) or 0
        if usd is None:
            self.unpriced += 1
        else:
            self.usd += usd
            self.input_usd += input_usd


def info_of(name: Any, row: Any) -> bytes:
    """Return what a line has of its row: `id` and `row`, where they are kept, as the inside of a JSON object."""
    kept = {}
    if name is not None:
        kept["id"] = name
    if row is not None:
        kept["row"] = row
    return _encode(kept)[1:-1]


def line_of(result: BulkResult) -> bytes:
    """Return a result as a line, with its end."""
    rest: dict[str, Any]
    if result.error is not None:
        error = result.error.to_dict()
        rest = {"error": error | {"message": sanitize(error["message"], 2_000)}}
    else:
        usd = result.cost.usd
        rest = {"text": result.text, "message": result.message, "cost_usd": None if usd is None else number(usd)}
        if result.request_id is not None:
            rest["request_id"] = result.request_id
    info = result.info + b"," if result.info else b""
    return b'{"key":"' + result.key.hex().encode() + b'",' + info + _encode(rest)[1:] + b"\n"


def new_line(result: BulkResult) -> NewLine:
    """Return a result as it is written."""
    line = line_of(result)
    if result.message is None:
        return NewLine(key=result.key, good=result.error is None, line=line)
    parts, usage = result.cost.parts, result.message.get("usage")
    return NewLine(
        key=result.key,
        good=True,
        line=line,
        usage=usage if isinstance(usage, dict) else {},
        usd=result.cost.usd,
        input_usd=sum((parts[name] for name in _PROMPT if name in parts), ZERO),
    )


def source_line(result: BulkResult) -> bytes:
    """Return a row that failed as a line of the dead-letter file: the row as it came, and its error."""
    error = result.error.to_dict() if result.error is not None else None
    return b'{"row":' + (result.source or b"null") + b',"error":' + _encode(error) + b"}\n"
