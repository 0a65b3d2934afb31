"""A request and its reply as a caller may see them, such as `error.request` and `error.response`.

Contract: neither holds a credential, so they may be logged, copied or pickled. The value of a header that may carry one is `***`;
cookies are left out, and so are keys in the reply. The body that was sent is not kept.
"""

from __future__ import annotations

import re
from typing import Any, Final, Self

from msgspec import Struct

from keybearer.errors.sanitize import without_keys, without_password
from keybearer.types.api_object import loads
from keybearer.types.http import Headers, Request

__all__ = ["SECRET_HEADER", "ReceivedResponse", "SentRequest", "masked_headers"]

SECRET_HEADER: Final = re.compile(r"auth|key|token|secret|cookie|credential|password|signature", re.IGNORECASE)
"""Names of headers that may carry a credential, such as those that gateways invent."""


class SentRequest(Struct, frozen=True):
    """A request as it was sent.

    Attributes:
        method: The HTTP method.
        url: Where it went.
        headers: Its headers; those that may carry a credential have the value `***`.
    """

    method: str
    url: str
    headers: Headers

    @classmethod
    def of(cls, request: Request) -> Self:
        """Return a request without the credential that signed it."""
        headers = masked_headers(Headers(request.headers.items()))
        return cls(request.method, without_keys(request.url), headers)

    def __repr__(self) -> str:
        return f"<SentRequest: {self.method} {without_password(self.url)}>"


class ReceivedResponse(Struct, frozen=True):
    """A reply as it came.

    Attributes:
        status_code: The HTTP status.
        headers: Its headers, without cookies and keys.
        content: Its body, without keys; of one that is larger than a megabyte the beginning, of a stream nothing.
        request: The request that it answers.
    """

    status_code: int
    headers: Headers
    content: bytes
    request: SentRequest | None = None

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Return the body's JSON, decoded.

        Raises:
            ValueError: It is none.
        """
        return loads(self.content)

    def __repr__(self) -> str:
        return f"<ReceivedResponse: {self.status_code}, {len(self.content):,} bytes>"


def masked_headers(headers: Headers) -> Headers:
    """Return headers with `***` for the values of those that may carry a credential."""
    return Headers((name, "***" if SECRET_HEADER.search(name) else value) for name, value in headers.items())
