"""`Anthropic` and `AsyncAnthropic`: keybearer's clients, with the official SDK's arguments and defaults.

Contract: what is other than in `Client` is here: a key that is given or set wins over a login; a client without a credential fails at
its first call; `timeout` limits each read and not the whole call; a call is tried three times at the most; sampling parameters are
sent under the version that takes them; the SDK's sentinels are taken out wherever they stand.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeVar, Unpack

from keybearer.client.aio import AsyncClient as KeybearerAsyncClient
from keybearer.client.base import BaseClient
from keybearer.client.settings import FromConfig, mask
from keybearer.client.sync import Client as KeybearerClient
from keybearer.compat.arguments import ANSWERS, Sampling, options, translating
from keybearer.compat.exact_errors import ExactAsyncDriver, ExactDriver
from keybearer.compat.inline import with_files_read
from keybearer.compat.limits import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, RETRY, TimeoutLike
from keybearer.compat.low_level import AsyncLowLevel, LowLevel
from keybearer.compat.options import CompatOptions
from keybearer.compat.sentinels import without_sentinels
from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.credential import SETUP_TOKEN, Credential
from keybearer.errors import NoCredentials, UsageError
from keybearer.flow import Flow
from keybearer.types.http import Headers
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.compat.answering import ResponseMethods, StreamedMethods
    from keybearer.compat.typed import AsyncBeta, AsyncMessages, Beta, Messages
    from keybearer.shell.transports.base import AsyncTransport, Transport

__all__ = ["Anthropic", "AsyncAnthropic", "AsyncClient", "Client"]

T = TypeVar("T")
"""The transport."""

R = TypeVar("R")
"""A resource, or what runs the calls of one."""

REFUSED: Final = {
    "http_client": "keybearer brings its own HTTP; transport=..., proxy=..., ca_file=... and timeout=... take its place.",
    "middleware": "on_request=..., on_response=... and on_retry=... are called around each request.",
    "open_telemetry": "on_request=... and on_response=... are called around each request.",
    "config": "Client.from_config(...) reads an llm.yaml.",
    "profile": "ANTHROPIC_PROFILE in the environment names one.",
    "webhook_key": "Webhooks are checked with the official SDK.",
    "_strict_response_validation": "An answer that is not the API's always raises.",
}
"""The SDK's arguments that a client here does not take, and what to do instead."""

_CREDENTIALS: Final = frozenset({"api_key", "auth_token", "credentials"})
"""The arguments that say who sends a request."""


class NoneYet:
    """The provider of a client that was made without a credential: it raises at the first call, as the SDK does.

    Args:
        error: What was looked for, and not found.
    """

    def __init__(self, error: NoCredentials) -> None:
        self._error = error

    def current(self) -> Flow[Credential]:
        """Raise.

        Raises:
            NoCredentials: Always.
        """
        raise copy.copy(self._error)

    def rejected(self, credential: Credential) -> NoReturn:
        """Never called: there was no credential."""
        raise AssertionError(credential)


class SDKClient(BaseClient[T]):
    """What both clients have of the SDK's."""

    _sampling: Sampling
    _given: dict[str, Any]
    _query: Mapping[str, Any]

    def _begin(self, transport: T | None, given: Mapping[str, Any]) -> None:
        kept = without_sentinels(given)
        _refuse_theirs(type(self).__name__, kept)
        taken: Any = options(kept)
        mask(taken)
        self._given = {**kept, **{name: taken[name] for name in _CREDENTIALS & taken.keys()}}
        self._sampling = Sampling()
        self._query = taken.pop("default_query", None) or {}
        if (base_url := taken.get("base_url")) is not None:
            taken["base_url"] = str(base_url)  # httpx has a class for them
        # A key of the environment is Anthropic's own, and goes to no platform.
        found = None if taken.get("platform") is not None else _of_function(taken) or _from_environment()
        taken["default_headers"] = {**_headers_of_environment(), **(taken.get("default_headers") or {})}
        taken.setdefault("max_retries", DEFAULT_MAX_RETRIES)
        taken.setdefault("retry", RETRY)
        try:
            self._set_up(transport, taken, found)
        except NoCredentials as error:
            taken["credentials"] = NoneYet(error)
            self._set_up(transport, taken, None)

    def _made(self, cls: type[R]) -> type[R]:
        # Made once a client: those that `with_options` makes share what begins with an underscore, and translate by themselves.
        made: dict[type, Any] = self.__dict__.setdefault("made", {})
        if cls not in made:
            made[cls] = translating(_with_more(cls), self._translated)
            made[cls].__name__ = cls.__name__
        found: type[R] = made[cls]
        return found

    def _translated(self, given: Mapping[str, Any]) -> dict[str, Any]:
        endpoint = self._settings.defaults.endpoint
        chosen = "api_version" in self._given or "anthropic-version" in endpoint.headers
        kept = self._sampling.versioned(options(given), chosen=chosen)
        if "display_title" in kept:  # of skills, before version 2026-10-21
            kept["display_name"] = kept.pop("display_title")
        if "messages" in kept:
            kept["messages"] = with_files_read(kept["messages"])
        if self._query:
            kept["extra_query"] = {**self._query, **(kept.get("extra_query") or {})}
        return kept

    def with_options(self, **given: Any) -> Self:
        """Return this client with other options, as the SDK's `with_options` and `copy` do; it shares the connections.

        Closing either closes both.

        Args:
            **given: As of the client. `default_headers` and `default_query` are added to this client's, and
                `set_default_headers` and `set_default_query` take their place. With another credential it has limits of its own.

        Raises:
            TypeError: What it decides is decided where the client is made.
            ConfigError: A value cannot work.
        """
        taken = {
            name: value for name, value in without_sentinels(given).items() if value is not None or name == "timeout"
        }
        _refuse_theirs(type(self).__name__, taken)
        mask(taken)  # type: ignore[arg-type] # of the SDK's arguments too
        query = taken.pop("set_default_query", {**self._query, **taken.pop("default_query", {})})
        headers = taken.pop("set_default_headers", None)
        credential = _CREDENTIALS & taken.keys()
        before = {name: value for name, value in self._given.items() if not credential or name not in _CREDENTIALS}
        now = {**before, **taken, "default_query": query}
        if headers is None:
            headers = {**before.get("default_headers", {}), **taken.get("default_headers", {})}
            remade = bool(credential)
        else:
            remade = True
        now["default_headers"] = headers
        if remade:
            other = type(self).__new__(type(self))
            other._begin(self._shared_transport(), now)  # noqa: SLF001 - another of this class
        else:
            other = super().with_options(**options(taken))
            other._given, other._query = now, query  # noqa: SLF001 - as above
        return other

    copy = with_options

    def _shared_transport(self) -> T:
        raise NotImplementedError  # each kind of client has its own

    @property
    def timeout(self) -> TimeoutLike | None:  # type: ignore[override] # the SDK gives back what it was given
        """The time limits of calls that name none, as they were given."""
        timeout: TimeoutLike | None = self._given.get("timeout", DEFAULT_TIMEOUT)
        return timeout

    @property
    def max_retries(self) -> int:
        """The most retries of calls that name none."""
        retries = super().max_retries
        return DEFAULT_MAX_RETRIES if retries is None else retries

    @property
    def api_key(self) -> str | None:
        """The API key that was given or is set in the environment; its repr shows `***`."""
        return self._secret("api_key", "ANTHROPIC_API_KEY")

    @property
    def auth_token(self) -> str | None:
        """The bearer token that was given or is set in the environment; its repr shows `***`."""
        return self._secret("auth_token", "ANTHROPIC_AUTH_TOKEN")

    @property
    def default_headers(self) -> Mapping[str, str]:
        """The headers of every call, without the credential; a name's case does not count."""
        return Headers(self._settings.defaults.endpoint.default_headers.items())

    def platform_headers(self) -> dict[str, str]:
        """Return the headers that say what the client runs on: none, for keybearer sends none."""
        return {}

    def is_closed(self) -> bool:
        """Return whether the client was closed."""
        return self._closing.closed

    def _secret(self, name: str, variable: str) -> str | None:
        text = self._given.get(name)
        if text is None and all(self._given.get(each) is None for each in _CREDENTIALS):
            text = os.environ.get(variable)
        return Secret(text).reveal() if text else None

    @property
    def default_query(self) -> Mapping[str, Any]:
        """The query parameters of every call."""
        return dict(self._query)

    with_raw_response: ResponseMethods = ANSWERS["with_raw_response"]  # type: ignore[assignment] # a property
    """The client's resources, whose methods give their answers with the HTTP reply."""

    with_streaming_response: StreamedMethods = ANSWERS["with_streaming_response"]  # type: ignore[assignment] # a property
    """The client's resources, whose methods give a context of their answer."""

    def _with_keeper(self) -> tuple[Any, Any]:
        return self, None  # the resources have their own


def _with_more(cls: type[R]) -> type[R]:
    """Return a resource's class with what the SDK's has beside it."""
    from keybearer.client.resources.messages import AsyncMessages, Messages
    from keybearer.compat.messages import CompatAsyncMessages, CompatMessages

    more: dict[type, Any] = {Messages: CompatMessages, AsyncMessages: CompatAsyncMessages}
    found: type[R] = more.get(cls, cls)
    return found


def _refuse_theirs(client: str, given: dict[str, Any]) -> None:
    """Take the SDK's arguments without a counterpart out of the given ones, and refuse them unless they ask for nothing."""
    for name, instead in REFUSED.items():
        value = given.pop(name, None)
        if value is not None and value is not False:
            raise UsageError(f"{client}({name}=...) is the official SDK's. {instead}")


def _of_function(taken: dict[str, Any]) -> FromConfig | None:
    """Make a function that returns tokens a provider; return the configuration with which a refused token is replaced at once."""
    function = taken.get("credentials")
    if not callable(function):
        return None
    from keybearer.compat.lib.credentials import TokenProvider

    taken["credentials"] = TokenProvider(function, taken.get("base_url") or os.environ.get("ANTHROPIC_BASE_URL"))
    return FromConfig(auth=AuthConfig(retry_on_401=True))


def _from_environment() -> FromConfig | None:
    """Return what stands for the environment's key or token as a configuration; None where there is neither."""
    text = os.environ.get("ANTHROPIC_API_KEY", "").strip()
    if text:
        auth = AuthConfig(mode="setup_token" if text.startswith(SETUP_TOKEN) else "static")
        return FromConfig(auth=auth, key=Secret(text), key_source="ANTHROPIC_API_KEY")
    if os.environ.get("ANTHROPIC_AUTH_TOKEN", "").strip():
        return FromConfig(auth=AuthConfig(mode="auth_token"))
    return None


def _headers_of_environment() -> dict[str, str]:
    """Return the headers of `ANTHROPIC_CUSTOM_HEADERS`: one a line, `name: value`."""
    lines = [line.partition(":") for line in os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").splitlines()]
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


class Anthropic(LowLevel, SDKClient["Transport"], KeybearerClient):
    """`keybearer.Client`, as the official SDK's client of this name is used.

    Args:
        transport: What sends the requests.
        **given: As of the SDK's client and of `keybearer.Client`.

    Raises:
        UsageError: An argument of the SDK that has no counterpart, such as `http_client`.
        ConfigError: A value cannot work.
    """

    def __init__(self, *, transport: Transport | None = None, **given: Unpack[CompatOptions]) -> None:
        self._begin(transport, given)

    _runs_on = ExactDriver

    def _shared_transport(self) -> Transport:
        return self._transport

    if TYPE_CHECKING:  # at run time they are keybearer's own, of classes that translate arguments
        messages: Messages
        beta: Beta


class AsyncAnthropic(AsyncLowLevel, SDKClient["AsyncTransport"], KeybearerAsyncClient):
    """`keybearer.AsyncClient`, as the official SDK's client of this name is used.

    Args:
        transport: What sends the requests.
        **given: As of the SDK's client and of `keybearer.AsyncClient`.

    Raises:
        UsageError: An argument of the SDK that has no counterpart, such as `http_client`.
        ConfigError: A value cannot work.
    """

    def __init__(self, *, transport: AsyncTransport | None = None, **given: Unpack[CompatOptions]) -> None:
        self._begin(transport, given)

    _runs_on = ExactAsyncDriver

    def _shared_transport(self) -> AsyncTransport:
        return self._transport

    if TYPE_CHECKING:  # at run time they are keybearer's own, of classes that translate arguments
        messages: AsyncMessages
        beta: AsyncBeta


Client = Anthropic
AsyncClient = AsyncAnthropic
