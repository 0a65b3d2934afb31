"""Pages of a list, by `limit`, `after_id` and `before_id`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import ServedCall

__all__ = ["cut_page", "read_limit"]

MOST: Final = 1000
USUAL: Final = 20


def read_limit(call: ServedCall) -> int:
    """Read the `limit` of a list request.

    Raises:
        ServiceError: 400 if it is not a number from 1 to 1000.
    """
    text = call.query.get("limit", str(USUAL))
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise ServiceError("invalid_request_error", f"limit: Input should be between 1 and {MOST}", rule="limit")
    return int(text)


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
