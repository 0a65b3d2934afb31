"""`with_raw_response` and `with_streaming_response`: the methods of a resource, each giving its answer with the HTTP reply.

Strategy: the method is called on a resource that keeps the reply, as in keybearer's own clients. `with_raw_response` gives the answer
when it has come; `with_streaming_response` gives a context of it.

Source: `_response.py` of the `anthropic` wheel.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from keybearer.client.resources.raw import MethodsWithReply
from keybearer.compat.responses import APIResponse, AsyncAPIResponse, Keeper
from keybearer.shell.recording import AsyncReplyKeeper

__all__ = ["ResponseContext", "ResponseMethods", "StreamedMethods"]


class ResponseContext:
    """A call as a context: it is made when the context is entered, and what it left open is closed at the end.

    Args:
        call: Makes the call.
        keeper: Keeps its reply.
    """

    def __init__(self, call: Callable[[], Any], keeper: Keeper) -> None:
        self._call, self._keeper = call, keeper
        self._response: Any = None

    def __enter__(self) -> APIResponse:
        self._response = APIResponse(self._call(), self._keeper, context=True)
        return self._response  # type: ignore[no-any-return] # it was made here

    def __exit__(self, *_: object) -> None:
        self._response.close()

    async def __aenter__(self) -> AsyncAPIResponse:
        answer = self._call()
        answer = await answer if inspect.isawaitable(answer) else answer
        self._response = AsyncAPIResponse(answer, self._keeper, context=True)
        return self._response  # type: ignore[no-any-return] # it was made here

    async def __aexit__(self, *_: object) -> None:
        await self._response.close()


class ResponseMethods(MethodsWithReply):
    """The methods of a resource, each giving an `APIResponse`; what is awaited gives it when it is awaited."""

    def _answered(self, call: Callable[[], Any], keeper: Keeper) -> APIResponse | Awaitable[AsyncAPIResponse]:
        answer = call()
        if isinstance(keeper, AsyncReplyKeeper):
            return _awaited(answer, keeper)
        return APIResponse(answer, keeper)


async def _awaited(answer: Any, keeper: AsyncReplyKeeper) -> AsyncAPIResponse:
    return AsyncAPIResponse(await answer if inspect.isawaitable(answer) else answer, keeper)


class StreamedMethods(MethodsWithReply):
    """The methods of a resource, each giving a context of its answer."""

    below = "with_streaming_response"

    def _answered(self, call: Callable[[], Any], keeper: Keeper) -> ResponseContext:
        return ResponseContext(call, keeper)
