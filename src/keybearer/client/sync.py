"""`Client`: the client that blocks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from keybearer.client.base import BaseClient, check_transport
from keybearer.client.settings import Settings
from keybearer.shell.drivers import SyncDriver
from keybearer.shell.transports.base import Transport
from keybearer.shell.transports.default import DefaultTransport

if TYPE_CHECKING:
    from keybearer.client.resources.files import Files
    from keybearer.client.resources.messages import Messages
    from keybearer.client.resources.models import Models

__all__ = ["Client"]


class Client(BaseClient[Transport]):
    """A client that blocks. Threads may share it.

    Args:
        transport: What sends the requests. Default: http.client.
        **options: By name; `keybearer.ClientOptions` has their types and meanings: `api_key`, `credentials`, `base_url`, `model`,
            `timeout`, `max_retries`, `retry`, `requests_per_second`, `concurrency`, `on_overload`, `betas`, `default_headers`,
            `proxy`, `ca_file` and others.

    Raises:
        ConfigError: The base URL is one that a key may not be sent to.
        NoCredentials: There is no credential.

    Example:
        >>> client = Client(api_key="sk-ant-example", model="claude-haiku-4-5")
        >>> client.close()
    """

    def _connect(self, transport: Transport | None, settings: Settings) -> None:
        if transport is not None:
            check_transport(transport, awaited=False)
        self._transport = transport or DefaultTransport(settings.transport)
        self._driver = SyncDriver(self._transport, self._closing)

    @cached_property
    def messages(self) -> Messages:
        """The Messages API."""
        from keybearer.api.messages import MessagesAPI
        from keybearer.client.resources.messages import Messages

        return Messages(MessagesAPI.of(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def files(self) -> Files:
        """The Files API."""
        from keybearer.api.files import FilesAPI
        from keybearer.client.resources.files import Files

        return Files(FilesAPI(self._settings.defaults, self._settings.exchange), self._driver)

    @cached_property
    def models(self) -> Models:
        """The Models API."""
        from keybearer.api.models import ModelsAPI
        from keybearer.client.resources.models import Models

        return Models(ModelsAPI(self._settings.defaults, self._settings.exchange), self._driver)

    def close(self) -> None:
        """Close every connection. A closed client sends nothing more; a call that waits for its turn or its next attempt ends."""
        self._closing.close()
        self._settings.close()
        for report in self._settings.exchange.usage.settle():
            self._driver.call_hook(report)
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
