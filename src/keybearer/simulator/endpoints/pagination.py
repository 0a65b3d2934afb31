"""Pages of a list: by `limit`, `after_id` and `before_id`, or by `limit` and the token of the next page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import ServedCall

__all__ = ["PageCut", "cut_after", "cut_page", "read_limit"]

MOST: Final = 1000
USUAL: Final = 20


PREFIX: Final = "page_"
"""What the token of a page begins with."""


class PageCut(NamedTuple):
    """One page of a list, and the token of the next one, None after the last."""

    items: list[Any]
    next_page: str | None


def read_limit(call: ServedCall, most: int = MOST) -> int:
    """Read the `limit` of a list request.

    Args:
        call: The request.
        most: The largest limit of this list.

    Raises:
        ServiceError: 400 if it is not a number from 1 to the largest.
    """
    text = call.query.get("limit", str(USUAL))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ServiceError("invalid_request_error", f"limit: Input should be between 1 and {most}", rule="limit")
    return int(text)


def cut_after(call: ServedCall, items: Iterable[tuple[int | str, Any]], *, limit: int) -> PageCut:
    """Return the page that the request's `page` names, or the first.

    The token holds the key of the last item that was given, so that what is added or deleted between two pages
    neither repeats an item nor skips one.

    Args:
        call: The request.
        items: Every item with its key, in the ascending order of the keys.
        limit: The most items of a page.

    Raises:
        ServiceError: 400 for what is no token of such a list.
    """
    rest = list(items)
    token = call.query.get("page")
    if token:
        last = _read_token(token)
        if rest and not isinstance(last, type(rest[0][0])):
            raise _no_token()
        rest = [(key, item) for key, item in rest if key > last]
    page = rest[:limit]
    return PageCut([item for _, item in page], _token(page[-1][0]) if len(rest) > limit else None)


def _token(key: int | str) -> str:
    return PREFIX + base64.urlsafe_b64encode(msgspec.json.encode(key)).decode()


def _read_token(token: str) -> Any:
    try:
        return msgspec.json.decode(base64.b64decode(token.removeprefix(PREFIX), b"-_", validate=True), type=int | str)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _no_token() from error


def _no_token() -> ServiceError:
    words = "page: this is not the `next_page` of an earlier reply of this list"
    return ServiceError("invalid_request_error", words, rule="cursor")


def cut_page(call: ServedCall, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one page of a list.

    Args:
        call: The request, with `limit`, `after_id` and `before_id` in its query.
        items: Every item, in the list's order, each with an `id`.

    Returns:
        `{"data", "has_more", "first_id", "last_id"}`.

    Raises:
        ServiceError: 400 for a cursor that is not in the list, or for two.
    """
    limit = read_limit(call)
    order = [item["id"] for item in items]
    after, before = call.query.get("after_id"), call.query.get("before_id")
    if after and before:
        raise ServiceError(
            "invalid_request_error", "after_id and before_id exclude each other: give one of them", rule="cursor"
        )
    for cursor in filter(None, (after, before)):
        if cursor not in order:
            raise ServiceError("invalid_request_error", f"{cursor} is not an id of this list", rule="cursor")
    if before:
        end = order.index(before)
        page = list(items[max(0, end - limit) : end])
        more = end > limit
    else:
        start = order.index(after) + 1 if after else 0
        page = list(items[start : start + limit])
        more = start + limit < len(items)
    return {
        "data": page,
        "has_more": more,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }
