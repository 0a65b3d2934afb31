"""`AsyncClient`: the client that is awaited."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from keybearer.client.base import BaseClient, check_transport
from keybearer.client.settings import Settings
from keybearer.shell.drivers import AsyncDriver
from keybearer.shell.transports.base import AsyncTransport
from keybearer.shell.transports.default import DefaultAsyncTransport

if TYPE_CHECKING:
    from keybearer.client.resources.files import AsyncFiles
    from keybearer.client.resources.messages import AsyncMessages
    from keybearer.client.resources.models import AsyncModels

__all__ = ["AsyncClient"]


class AsyncClient(BaseClient[AsyncTransport]):
    """A client that is awaited, on asyncio or trio. Tasks may share it.

    Args:
        transport: What sends the requests. Default: aiohttp; on trio, httpx2.
        **options: By name; `keybearer.ClientOptions` has their types and meanings: `api_key`, `credentials`, `base_url`, `model`,
            `timeout`, `max_retries`, `retry`, `requests_per_second`, `concurrency`, `on_overload`, `betas`, `default_headers`,
            `proxy`, `ca_file` and others.

    Raises:
        ConfigError: The base URL is one that a key may not be sent to.
        NoCredentials: There is no credential.

    Example:
        >>> client = AsyncClient(api_key="sk-ant-example", model="claude-haiku-4-5")
    """

    def _connect(self, transport: AsyncTransport | None, settings: Settings) -> None:
        if transport is not None:
            check_transport(transport, awaited=True)
        self._transport = transport or DefaultAsyncTransport(settings.transport)
        self._driver = AsyncDriver(self._transport, self._closing)

    @cached_property
    def messages(self) -> AsyncMessages:
        """The Messages API."""
        from keybearer.api.messages import MessagesAPI
        from keybearer.client.resources.messages import AsyncMessages

        return AsyncMessages(MessagesAPI.of(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def files(self) -> AsyncFiles:
        """The Files API."""
        from keybearer.api.files import FilesAPI
        from keybearer.client.resources.files import AsyncFiles

        return AsyncFiles(FilesAPI(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def models(self) -> AsyncModels:
        """The Models API."""
        from keybearer.api.models import ModelsAPI
        from keybearer.client.resources.models import AsyncModels

        return AsyncModels(ModelsAPI(self._settings.defaults, self._settings.exchange), self._driver)

    async def close(self) -> None:
        """Close every connection. A closed client sends nothing more; a call that waits for its turn or its next attempt ends."""
        self._closing.close()
        self._settings.close()
        for report in self._settings.exchange.usage.settle():
            await self._driver.call_hook(report)
        await self._transport.close()

    async def aclose(self) -> None:
        """Close every connection: `close` by the name that `contextlib.aclosing` and other libraries call."""
        await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
