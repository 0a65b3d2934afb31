"""What both clients are made of: everything but the waiting."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, Self, TypeVar, Unpack

from keybearer.api.messages import Calls
from keybearer.client.settings import ClientOptions, FromConfig, Settings, mask, resolve
from keybearer.errors import UsageError
from keybearer.exchange.admission import LimitState
from keybearer.shell.closing import Closing, closed_client
from keybearer.wire.request.history import History

__all__ = ["BaseClient", "StreamManager"]

T = TypeVar("T")
"""The transport."""


class BaseClient(Generic[T]):
    """A client's settings and its calls; `Client` and `AsyncClient` add how one waits."""

    _calls: Calls
    _closing: Closing

    def __init__(self, *, transport: T | None = None, **options: Unpack[ClientOptions]) -> None:
        self._set_up(transport, options, None)

    def _set_up(self, transport: T | None, options: ClientOptions, config: FromConfig | None) -> None:
        settings = resolve(options, config)
        self._calls = Calls(settings, History())
        self._closing = Closing()
        self._connect(transport, settings)

    def _connect(self, transport: T | None, settings: Settings) -> None:
        raise NotImplementedError  # each kind of client has its own transport, driver and resources

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

    @property
    def model(self) -> str | None:
        """The model of calls that name none."""
        return self._calls.settings.model

    @property
    def max_tokens(self) -> int | None:
        """The `max_tokens` of calls that name none: the agent's."""
        return self._calls.settings.max_tokens

    @property
    def limits(self) -> LimitState:
        """The present state of this client's limits: its rate, places, retries, breaker, and what the service last said."""
        return self._calls.limits()

    def __repr__(self) -> str:
        if not hasattr(self, "_calls"):
            return f"<{type(self).__name__}, not made>"
        settings = self._calls.settings
        return f"{type(self).__name__}(base_url={settings.endpoint.base_url!r}, model={settings.model!r})"

    def _check_open(self, flow: Any) -> None:
        if self._closing.closed:
            flow.close()
            raise closed_client("This client is closed.")


class StreamManager:
    """What both managers of streams are made of: what they say to whoever takes them for the stream itself."""

    _word: ClassVar[str]
    _opens: ClassVar[type]
    _stream: Any = None

    def __repr__(self) -> str:
        state = "not opened" if self._stream is None else repr(self._stream)
        return f"<{type(self).__name__}: {state}>"

    def _not_yet(self) -> NoReturn:
        raise UsageError(
            f"This is not the stream yet: it is opened by `{self._word}`.",
            hint=f"Write: {self._word} client.messages.stream(...) as stream: ...",
        )

    if not TYPE_CHECKING:  # told by a type checker in its own words

        def __getattr__(self, name: str) -> Any:
            if name == "headers" or (not name.startswith("_") and hasattr(self._opens, name)):
                self._not_yet()
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
