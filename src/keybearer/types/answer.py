"""`Answer`: the base class of what a call returns, which knows the headers of its reply."""

from __future__ import annotations

import copy
from typing import Final, Self

from keybearer.types.api_object import APIObject
from keybearer.types.http import Headers
from keybearer.types.like_pydantic import state_of

__all__ = ["Answer"]

_NO_HEADERS: Final = Headers(())


class Answer(APIObject, frozen=True):
    """A value that a call returned. Its headers are no part of it: they are neither compared nor stored."""

    def with_headers(self, headers: Headers) -> Self:
        """Return the value with the headers of the reply that brought it."""
        answer = copy.copy(self)
        state_of(answer)["_headers"] = headers
        return answer

    @property
    def headers(self) -> Headers:
        """The headers of the reply that brought this; empty for a value that was built by hand, or stands inside another."""
        headers: Headers = state_of(self).get("_headers", _NO_HEADERS)
        return headers

    @property
    def _request_id(self) -> str | None:
        # The official SDK's spelling: the service's id of the request.
        return self.headers.get("request-id")
