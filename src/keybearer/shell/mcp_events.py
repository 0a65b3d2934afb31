"""What an MCP server says and asks by itself: that its tools have changed, and for an answer of a model ("sampling").

Contract: a server gets an answer only by the caller's own function, and reads so where there is none. What that function raises
stays here: the server reads that there is no answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, cast

from keybearer.flow import Invoke
from keybearer.shell.invoking import invoke_async
from keybearer.shell.runtime import current_runtime
from keybearer.tools.mcp_content import UnsupportedSampling, sampled, sampling_params

__all__ = ["Sampling", "ServerEvents"]

_log = logging.getLogger("keybearer")

Sampling: TypeAlias = Callable[[dict[str, Any]], Any]
"""Gets a message for a server: called with arguments of `messages.create`; a coroutine function is awaited."""

Changed: TypeAlias = Callable[[], Awaitable[None]]
"""Called when the server's tools have changed."""

CHANGED: Final = "notifications/tools/list_changed"
AGAIN: Final = 5.0
"""How long to wait before a lost subscription is opened again, in seconds."""


class ServerEvents:
    """What one server says and asks by itself.

    Args:
        changed: Lists the tools again.
        sampling: Gets a model's answer; None to refuse.
    """

    def __init__(self, changed: Changed, sampling: Sampling | None) -> None:
        self._changed, self._sampling = changed, sampling
        self._listens = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def options(self) -> dict[str, Any]:
        """What the package's client takes for them."""
        asked = {} if self._sampling is None else {"sampling_callback": self._ask}
        return {"message_handler": self._hear} | asked

    async def listen(self, client: Any) -> None:
        """Wait for changes by the protocol of 2026-07-28, where a server says them to who asks; by older ones it says them unasked."""
        tools = client.server_capabilities.tools
        if tools is None or not tools.list_changed:
            return
        from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost

        while True:
            try:
                async with client.listen(tools_list_changed=True) as events:
                    self._listens = True
                    async for _ in events:
                        await self._list_again()
            except ListenNotSupportedError:
                return
            except SubscriptionLost:
                await asyncio.sleep(AGAIN)
                await self._list_again()
            else:
                return

    async def _hear(self, message: Any) -> None:
        if getattr(message, "method", None) == CHANGED and not self._listens:
            task = asyncio.ensure_future(self._list_again())  # it asks the server, which this handler must not wait for
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _list_again(self) -> None:
        try:
            await self._changed()
        except Exception:  # noqa: BLE001 - the tools that are known stay
            _log.warning("The tools of an MCP server have changed, and could not be listed again.", exc_info=True)

    async def _ask(self, _context: Any, params: Any) -> Any:
        from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, CreateMessageResult, ErrorData

        try:
            asked = sampling_params(params.model_dump(by_alias=True, exclude_none=True))
        except UnsupportedSampling as error:
            return ErrorData(code=INVALID_PARAMS, message=str(error))
        try:
            message = await invoke_async(Invoke(cast("Sampling", self._sampling), (asked,)), current_runtime())
            return CreateMessageResult.model_validate(sampled(message))
        except Exception:  # noqa: BLE001 - whatever it raises, the server reads only that there is none
            _log.exception("An MCP server asked for an answer of a model, and the program's function gave none.")
            return ErrorData(code=INTERNAL_ERROR, message="There is no answer: the program could not get one.")
