"""`AsyncClient`: the client that is awaited."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn, Self, Unpack, overload

from keybearer.client.base import BaseClient, check_transport
from keybearer.client.settings import Settings
from keybearer.errors import UsageError
from keybearer.shell.drivers import AsyncDriver
from keybearer.shell.transports.base import AsyncTransport
from keybearer.shell.transports.default import DefaultAsyncTransport

if TYPE_CHECKING:
    from keybearer.client.resources.files import AsyncFiles
    from keybearer.client.resources.generated import AsyncBeta, AsyncOrganization, AsyncUserProfiles
    from keybearer.client.resources.messages import AsyncMessages
    from keybearer.client.resources.models import AsyncModels
    from keybearer.client.resources.skills import AsyncSkills
    from keybearer.client.resources.tree import AsyncRunner
    from keybearer.shell.downloads import AsyncDownload, AsyncRows
    from keybearer.shell.event_streams import AsyncEventStream
    from keybearer.types.record import Record
    from keybearer.types.requests import ResourceOptions

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

    _runs_on: ClassVar[type[AsyncDriver]] = AsyncDriver

    def _connect(self, transport: AsyncTransport | None, settings: Settings) -> None:
        if transport is not None:
            check_transport(transport, awaited=True)
        self._transport = transport or DefaultAsyncTransport(settings.transport)
        self._driver = self._runs_on(self._transport, self._closing)

    @cached_property
    def messages(self) -> AsyncMessages:
        """The Messages API."""
        from keybearer.api.messages import MessagesAPI
        from keybearer.client.resources.messages import AsyncMessages

        return self._made(AsyncMessages)(MessagesAPI.of(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def files(self) -> AsyncFiles:
        """The Files API."""
        from keybearer.api.files import FilesAPI
        from keybearer.client.resources.files import AsyncFiles

        return self._made(AsyncFiles)(FilesAPI(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def models(self) -> AsyncModels:
        """The Models API."""
        from keybearer.api.models import ModelsAPI
        from keybearer.client.resources.models import AsyncModels

        return self._made(AsyncModels)(ModelsAPI(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def beta(self) -> AsyncBeta:
        """Every resource of the API, under the official SDK's names."""
        beta: AsyncBeta = self._resource("beta")
        return beta

    @cached_property
    def organization(self) -> AsyncOrganization:
        """Administration of the organization: its members, workspaces, keys, limits and reports."""
        organization: AsyncOrganization = self._resource("organization")
        return organization

    @cached_property
    def skills(self) -> AsyncSkills:
        """The Skills API: skills that are kept with the service, and their versions."""
        from keybearer.api.skills import SkillsAPI
        from keybearer.client.resources.skills import AsyncSkills

        return self._made(AsyncSkills)(SkillsAPI(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def user_profiles(self) -> AsyncUserProfiles:
        """Profiles of the end users that a platform serves."""
        user_profiles: AsyncUserProfiles = self._resource("user_profiles")
        return user_profiles

    def _runner(self) -> AsyncRunner:
        from keybearer.api.generic import GenericAPI
        from keybearer.client.resources.tree import AsyncRunner

        return self._made(AsyncRunner)(GenericAPI(self._settings.defaults, self._settings.exchange), self._driver)

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        query: Mapping[str, Any] | None = ...,
        stream: Literal[False] = ...,
        **options: Unpack[ResourceOptions],
    ) -> Record: ...
    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        query: Mapping[str, Any] | None = ...,
        stream: Literal[True],
        **options: Unpack[ResourceOptions],
    ) -> AsyncEventStream | AsyncRows[Any] | AsyncDownload: ...
    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        stream: bool = False,
        **options: Unpack[ResourceOptions],
    ) -> Any:
        """Send a request to any path of the API: for what is newer than this version.

        It is signed, retried and limited like every other call.

        Args:
            method: The HTTP method.
            path: The path below the base URL, such as `/v1/models`; a whole URL only if it is below the base URL.
            json: The JSON body; None for none.
            query: The query parameters: lists become `name[]`, mappings `name[key]`; one that is None is left out.
            stream: Give the body as it comes: an event stream, JSON lines, or a file, as its media type says.
            **options: What steers the call: `timeout`, `max_retries`, `betas`, `extra_headers`, `extra_query`, `extra_body`.

        Raises:
            UsageError: The path or the method cannot be used; a path that names another host is one.
            KeybearerError: The call failed.
        """
        from keybearer.api.generic import Asked

        return await self._runner().request(Asked(method, path, json, query, options), stream=stream)

    async def close(self) -> None:
        """Close every connection. A closed client sends nothing more; a call that waits for its turn or its next attempt ends."""
        self._closing.close()
        self._settings.close()
        for report in self._settings.exchange.usage.settle():
            await self._driver.call_hook(report)
        if (observers := self._settings.exchange.observers) is not None:
            observers.settle()
        self._settings.release_ledger()
        await self._transport.close()

    async def aclose(self) -> None:
        """Close every connection: `close` by the name that `contextlib.aclosing` and other libraries call."""
        await self.close()

    if not TYPE_CHECKING:  # a type checker reports it in its own words

        def __enter__(self) -> NoReturn:
            raise UsageError(
                "An AsyncClient is not entered by `with`.", hint="Write: async with AsyncClient(...) as client: ..."
            )

        def __exit__(self, *_: object) -> None:
            """Python looks for it before it enters."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
