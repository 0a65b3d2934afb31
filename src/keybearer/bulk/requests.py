"""Rows to requests: the template filled in, what the output keeps, and the hash; or why a row cannot be sent.

Contract: a row is a mapping of columns with a template. Without one it is a request: the arguments of `messages.create`, or a
batch's `{"custom_id": ..., "params": {...}}`. The column `id_column`, else `custom_id` or `id`, names the row in the output;
without a name the whole row is kept there, or what `keep` lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Literal, NamedTuple

import msgspec

from keybearer.bulk.keys import SIZE, hash_of
from keybearer.bulk.lines import info_of
from keybearer.bulk.parameters import check_parameters
from keybearer.bulk.port import RowError, row_error
from keybearer.bulk.row_source import BrokenRow
from keybearer.bulk.template import Template, missing
from keybearer.errors import UsageError
from keybearer.types.api_object import is_mapping

__all__ = ["MadeRow", "RequestMaker"]

_NAMES: Final = ("custom_id", "id")
_ENVELOPE: Final = ("custom_id", "params")


class MadeRow(NamedTuple):
    """A row as it will be sent, or why it will not.

    Attributes:
        hash: Its hash; equal rows have the same.
        params: The arguments of its request.
        info: What the output has of it.
        source: The row as JSON, where that is wanted.
        error: Why it cannot be sent.
    """

    hash: bytes
    params: dict[str, Any]
    info: bytes
    source: bytes = b""
    error: RowError | None = None


class RequestMaker:
    """Makes requests of rows.

    Args:
        template: The template; None for rows that are requests.
        params: Arguments of `messages.create` that every request has, unless it has its own.
        id_column: The column that names a row in the output.
        keep: The columns that the output has beside it; `all` for all of them.
        with_source: Whether each request carries its row.
    """

    def __init__(
        self,
        template: Template | None = None,
        *,
        params: Mapping[str, Any] | None = None,
        id_column: str | None = None,
        keep: Sequence[str] | Literal["all"] | None = None,
        with_source: bool = False,
    ) -> None:
        self._template = template
        self._params = {name: value for name, value in (params or {}).items() if value is not None}
        self._names = _NAMES if id_column is None else (id_column,)
        self._keep = keep
        self._with_source = with_source

    def way(self) -> bytes:
        """Return what stands for the way in which this asks: two that differ make different rows of all that they are given."""
        template = None if self._template is None else self._template.given
        try:
            return hash_of({**self._params, "messages": template}, (self._names, self._keep))
        except (TypeError, ValueError, RecursionError):  # it is refused, or each row is
            return b""

    def check_columns(self, columns: Sequence[str] | None) -> None:
        """Check that every column that is asked for is among those that all rows have, where that is known.

        Raises:
            UsageError: One is not.
        """
        if columns is None:
            return
        asked = [] if self._template is None else self._template.columns
        kept = [] if self._keep is None or self._keep == "all" else list(self._keep)
        named = [] if self._names is _NAMES else list(self._names)
        there = dict.fromkeys(columns, "")
        for column in (*asked, *kept, *named):
            if column not in there:
                raise missing(column, there)

    def check_parameters(self, client: Any) -> None:
        """Check what every row has in common, as far as no row is needed for that.

        Args:
            client: The client that sends the rows.

        Raises:
            UsageError: It would be refused with each row.
        """
        check_parameters(self._template, self._params, client)

    def make(self, row: Any) -> MadeRow:
        """Return a row as it will be sent, or why it will not."""
        if isinstance(row, BrokenRow):
            error = RowError(error_class="BrokenRow", message=row.why)
            return MadeRow(_text_hash(row.text), {}, b"", _encoded(row.text) if self._with_source else b"", error)
        source = _encoded(row) if self._with_source else b""
        name = kept = None
        try:
            name, kept = self._kept(_columns_of(row))
            params = {**self._params, **self._request(row)}
            return MadeRow(hash_of(params, (name, kept)), params, info_of(name, kept), source)
        except (UsageError, TypeError, ValueError, RecursionError) as error:
            text = _encoded(row)
            return MadeRow(
                _text_hash(text.decode("utf-8", "replace")), {}, _safe_info(name, kept), source, row_error(error)
            )

    def _kept(self, row: Mapping[str, Any]) -> tuple[Any, Any]:
        name = next((row[each] for each in self._names if row.get(each) is not None), None)
        if self._keep is None:
            return name, dict(row) if name is None and self._template is not None else None
        if self._keep == "all":
            return name, dict(row)
        return name, {column: row.get(column) for column in self._keep}

    def _request(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._template is not None:
            return self._template.fill(row)
        if is_mapping(row.get("params")):
            if unknown := next((name for name in row if name not in _ENVELOPE), None):
                raise UsageError(f"A request of a batch has custom_id and params, and no {unknown!r}.")
            params: Mapping[str, Any] = row["params"]
            return params
        if row.get("messages") is not None:
            return {name: value for name, value in row.items() if name != "custom_id"}
        raise UsageError(
            "The row is no request: it has neither messages nor params.",
            hint='A template makes requests of rows with columns: --prompt "... {column} ...".',
        )


def _columns_of(row: Any) -> Mapping[str, Any]:
    if is_mapping(row):
        return row
    raise UsageError(f"A row is a mapping, not of type {type(row).__name__}.")


def _encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError):
        return msgspec.json.encode(ascii(value)[:2_000])


def _safe_info(name: Any, kept: Any) -> bytes:
    try:
        return info_of(name, kept)
    except (TypeError, ValueError, RecursionError):
        return b""


def _text_hash(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=SIZE).digest()
