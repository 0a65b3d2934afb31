"""The class that the official SDK has for an error: by its HTTP status, and by its error code.

keybearer's classes say what can be done, so one of them may stand for several statuses, and one status may have several of them. An
`except` clause written for the SDK is to catch what it caught: `except BadRequestError` a 400 and no 404.

Strategy: an error that leaves a client here is given a class that is keybearer's own and the SDK's too. Nothing else of it changes.

Source: `_base_client.py` and `types/shared` of the `anthropic` wheel.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from keybearer import errors as e
from keybearer.compat import _exceptions as named
from keybearer.compat.types.lookup import error_class, names
from keybearer.errors.base import restored
from keybearer.flow import Flow
from keybearer.shell.drivers import AsyncDriver, SyncDriver

__all__ = ["STATUSES", "ExactAsyncDriver", "ExactDriver", "make_exact"]

STATUSES: Final[dict[int, type[e.APIError]]] = {
    400: named.BadRequestError,
    401: named.AuthenticationError,
    402: named.PaymentRequiredError,
    403: named.PermissionDeniedError,
    404: named.NotFoundError,
    408: named.RequestTimeoutError,
    409: named.ConflictError,
    412: named.PreconditionFailedError,
    413: named.ContentTooLargeError,
    422: named.UnprocessableEntityError,
    429: named.RateLimitError,
    431: named.RequestHeaderFieldsTooLargeError,
    499: named.ClientClosedRequestError,
    501: named.HTTPNotImplementedError,
    503: named.ServiceUnavailableError,
    504: named.GatewayTimeoutError,
    529: named.OverloadedError,
}
"""HTTP status to the SDK's class; any other is an `InternalServerError` from 500 on, and an `APIStatusError` below."""


@cache
def _by_code(code: str) -> type[e.APIError] | None:
    found = [name for name, (_, each) in names().errors.items() if each == code]
    return error_class(found[0]) if found else None


@cache
def _exact(ours: type[e.APIError], status: int, code: str | None) -> type[e.APIError]:
    theirs = STATUSES.get(status, named.InternalServerError if status >= 500 else named.APIStatusError)
    coded = _by_code(code) if code else None
    if coded is not None and issubclass(coded, theirs):
        theirs = coded
    if issubclass(ours, theirs):
        return ours
    if issubclass(theirs, ours):
        return theirs

    def reduced(self: e.APIError) -> tuple[Any, ...]:
        return _again, (ours, status, code, self.message, vars(self).copy())

    own = {"retryable": ours.retryable, "__reduce__": reduced, "__module__": ours.__module__, "__doc__": ours.__doc__}
    return type(ours.__name__, (ours, theirs), own)


def _again(
    ours: type[e.APIError], status: int, code: str | None, message: str, state: dict[str, Any]
) -> e.KeybearerError:
    """Restore a pickled error of a class that was made here."""
    return restored(_exact(ours, status, code), message, state)  # type: ignore[arg-type] # a class has a hash


def make_exact(error: e.APIError) -> None:
    """Give an error the class that the SDK has for its status and its code, beside its own."""
    error.__class__ = _exact(type(error), error.status_code, error.error_code)  # type: ignore[arg-type] # as above


class ExactDriver(SyncDriver):
    """Run flows, blocking; an answer that is an error has the SDK's class."""

    def run(self, flow: Flow[Any]) -> Any:
        """Run a flow to its end and return its result."""
        try:
            return super().run(flow)
        except e.APIError as error:
            make_exact(error)
            raise


class ExactAsyncDriver(AsyncDriver):
    """Run flows, awaited; an answer that is an error has the SDK's class."""

    async def run(self, flow: Flow[Any]) -> Any:
        """Run a flow to its end and return its result."""
        try:
            return await super().run(flow)
        except e.APIError as error:
            make_exact(error)
            raise
