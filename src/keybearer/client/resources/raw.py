"""`with_raw_response`: the methods of a resource, each giving its answer with the HTTP reply that brought it.

Strategy: the same resource, on a driver that keeps the last reply. Its methods are called as ever, so nothing is written twice.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.types.http import Headers, Reply

if TYPE_CHECKING:
    from keybearer.shell.recording import AsyncReplyKeeper, ReplyKeeper

__all__ = ["AsyncResourceBase", "MethodsWithReply", "RawMethods", "RawResponse", "ResourceBase"]

T = TypeVar("T")
"""What a method gives."""

A = TypeVar("A")
"""The flows of a resource."""

R = TypeVar("R")
"""A resource."""


class RawResponse(Generic[T]):
    """An answer, with the reply that brought it.

    Attributes:
        status_code: The reply's HTTP status.
        headers: The reply's headers.
    """

    def __init__(self, answer: T, reply: Reply | None) -> None:
        self._answer = answer
        self.status_code: int = reply.status if reply is not None else 0
        self.headers: Headers = reply.headers if reply is not None else Headers(())

    @property
    def request_id(self) -> str | None:
        """The service's id of the request."""
        return self.headers.get("request-id")

    def parse(self) -> T:
        """Return the answer, as the method gives it without `with_raw_response`."""
        return self._answer

    def __repr__(self) -> str:
        return f"<RawResponse: {self.status_code}, {type(self._answer).__name__}, request_id={self.request_id!r}>"


class MethodsWithReply:
    """The methods of a resource, each giving its answer in another form, with the reply that brought it.

    Args:
        kept: Makes the resource anew, with what keeps the reply.
    """

    below = "with_raw_response"
    """The attribute of a resource below this one that has the same of its methods."""

    def __init__(self, kept: Callable[[], tuple[Any, Any]]) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        resource, keeper = self._kept()
        method = getattr(resource, name)
        if not callable(method):
            return getattr(method, self.below)

        @wraps(method)
        def call(*args: Any, **given: Any) -> Any:
            return self._answered(lambda: method(*args, **given), keeper)

        return call

    def _answered(self, call: Callable[[], Any], keeper: Any) -> Any:
        raise NotImplementedError  # each has its own answer


class RawMethods(MethodsWithReply):
    """The methods of a resource, each giving a `RawResponse`; what is awaited gives it when it is awaited."""

    def _answered(self, call: Callable[[], Any], keeper: ReplyKeeper | AsyncReplyKeeper) -> Any:
        from keybearer.shell.recording import AsyncReplyKeeper

        answer = call()
        if inspect.isawaitable(answer) and isinstance(keeper, AsyncReplyKeeper):
            return _awaited(answer, keeper)
        return RawResponse(answer, keeper.reply)


async def _awaited(answer: Any, keeper: AsyncReplyKeeper) -> RawResponse[Any]:
    return RawResponse(await answer, keeper.reply)


class ResourceBase(Generic[A]):
    """A resource of the client that blocks.

    Args:
        api: Its flows.
        driver: Runs them.
    """

    def __init__(self, api: A, driver: SyncDriver) -> None:
        self._api = api
        self._driver = driver

    def _made(self, cls: type[R]) -> type[R]:
        """Return the class that a resource below this one is made of."""
        return cls

    @property
    def with_raw_response(self) -> RawMethods:
        """The same methods, each giving its answer with the HTTP reply: `.headers`, `.status_code`, `.request_id`, `.parse()`."""
        return RawMethods(self._with_keeper)

    def _with_keeper(self) -> tuple[Any, ReplyKeeper]:
        driver, keeper = self._driver.recording()
        return type(self)(self._api, driver), keeper


class AsyncResourceBase(Generic[A]):
    """A resource of the client that is awaited.

    Args:
        api: Its flows.
        driver: Runs them.
    """

    def __init__(self, api: A, driver: AsyncDriver) -> None:
        self._api = api
        self._driver = driver

    def _made(self, cls: type[R]) -> type[R]:
        """Return the class that a resource below this one is made of."""
        return cls

    @property
    def with_raw_response(self) -> RawMethods:
        """The same methods, each giving its answer with the HTTP reply: `.headers`, `.status_code`, `.request_id`, `.parse()`."""
        return RawMethods(self._with_keeper)

    def _with_keeper(self) -> tuple[Any, AsyncReplyKeeper]:
        driver, keeper = self._driver.recording()
        return type(self)(self._api, driver), keeper
