"""What both clients are made of: everything but the waiting."""

from __future__ import annotations

import os
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack

from keybearer.api.checks import kind
from keybearer.client.options import ClientOptions
from keybearer.client.settings import FromConfig, Settings, derived, mask, resolve
from keybearer.errors import ConfigError
from keybearer.exchange.admission import LimitState
from keybearer.shell.closing import Closing
from keybearer.types.http import Timeouts

if TYPE_CHECKING:
    from keybearer.client.resources.tree import AsyncRunner, Runner

__all__ = ["BaseClient", "check_transport"]

T = TypeVar("T")
"""The transport."""

R = TypeVar("R")
"""A resource, or what runs the calls of one."""


class BaseClient(Generic[T]):
    """A client's settings and its calls; `Client` and `AsyncClient` add how one waits."""

    _settings: Settings
    _closing: Closing

    def __init__(self, *, transport: T | None = None, **options: Unpack[ClientOptions]) -> None:
        self._set_up(transport, options, None)

    def _set_up(self, transport: T | None, options: ClientOptions, config: FromConfig | None) -> None:
        self._settings = resolve(options, config)
        self._closing = Closing()
        self._connect(transport, self._settings)

    def _connect(self, transport: T | None, settings: Settings) -> None:
        raise NotImplementedError  # each kind of client has its own transport, driver and resources

    def _runner(self) -> Runner | AsyncRunner:
        raise NotImplementedError  # it waits as its client does

    def _resource(self, name: str) -> Any:
        """Return a resource that is served from the table of methods."""
        from keybearer.client.resources.tree import TYPED, Resource

        def typed(dotted: str) -> Any:
            return getattr(self, TYPED[dotted]) if dotted in TYPED else None

        return self._made(Resource)(name, self._runner(), typed)

    def _made(self, cls: type[R]) -> type[R]:
        """Return the class that a resource of this client is made of."""
        return cls

    @classmethod
    def from_config(
        cls,
        path: str | os.PathLike[str] = "config/llm.yaml",
        *,
        agent: str | os.PathLike[str] | None = None,
        provider: str | None = None,
        transport: T | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Make a client from `llm.yaml`.

        Args:
            path: The file.
            agent: An agent's name, for `agents/<name>.yaml` beside the file, or the path of its file: it names provider and model.
            provider: The provider; the agent's when omitted, else the only one there is.
            transport: What sends the requests.
            **options: As of `Client`; they win over the file.

        Raises:
            ConfigError: The files cannot be used.
            NoCredentials: There is no credential.
        """
        from keybearer.client.from_config import configured

        mask(options)
        self = cls.__new__(cls)
        self._set_up(transport, options, configured(path, agent, provider))
        return self

    def with_options(self, **options: Unpack[ClientOptions]) -> Self:
        """Return this client with other defaults of its calls: it shares the connections, the credential and the limits.

        Closing either closes both.

        Args:
            **options: `timeout`, `max_retries`, `model`, `base_url`, `api_version`, `default_headers`, `betas`, `on_overload`,
                `stream_limits`, `strict_streams` and `stream_long_requests`, as of the client. A header replaces one of its name.

        Raises:
            TypeError: Another argument: what it decides is decided where the client is made.
            ConfigError: A value cannot work.

        Example:
            >>> client = Client(api_key="sk-ant-example")
            >>> client.with_options(timeout=20, max_retries=0).timeout.total
            20.0
            >>> client.close()
        """
        other = type(self).__new__(type(self))
        made_of = {name: value for name, value in self.__dict__.items() if name.startswith("_")}
        other.__dict__.update(made_of, _settings=derived(self._settings, options))
        return other

    copy = with_options

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._settings.defaults.endpoint.base_url

    @property
    def timeout(self) -> Timeouts:
        """The time limits of calls that name none."""
        return self._settings.defaults.timeouts

    @property
    def max_retries(self) -> int | None:
        """The most retries of calls that name none; None for what the retry policy says."""
        return self._settings.defaults.max_retries

    @property
    def model(self) -> str | None:
        """The model of calls that name none."""
        return self._settings.defaults.model

    @property
    def max_tokens(self) -> int | None:
        """The `max_tokens` of calls that name none: the agent's."""
        return self._settings.defaults.max_tokens

    @property
    def limits(self) -> LimitState:
        """The present state of this client's limits: its rate, permits, retries, breaker, and what the service last said."""
        exchange = self._settings.exchange
        return exchange.admission.state(exchange.clocks.monotonic())

    def __repr__(self) -> str:
        if not hasattr(self, "_settings"):
            return f"<{type(self).__name__}, not made>"
        defaults = self._settings.defaults
        return f"{type(self).__name__}(base_url={defaults.endpoint.base_url!r}, model={defaults.model!r})"


def check_transport(transport: Any, *, awaited: bool) -> None:
    """Refuse a transport that is none, or one for the other kind of client.

    Args:
        transport: What the caller gave as one.
        awaited: Whether the client is awaited.

    Raises:
        ConfigError: It cannot send this client's requests.
    """
    send, close = getattr(transport, "send", None), getattr(transport, "close", None)
    if not callable(send) or not callable(close):
        raise ConfigError(
            f"Client(transport=...) is {kind(transport)}; it takes an object with send(request) and close().",
            key="transport",
        )
    if iscoroutinefunction(send) and not awaited:
        raise ConfigError(
            f"Client(transport=...) is {kind(transport)}, which is awaited; it takes one that blocks.",
            key="transport",
            hint="AsyncClient takes it.",
        )
    if awaited and not iscoroutinefunction(send) and not iscoroutinefunction(close):
        raise ConfigError(
            f"AsyncClient(transport=...) is {kind(transport)}, which blocks; it takes one that is awaited.",
            key="transport",
            hint="Client takes it.",
        )
