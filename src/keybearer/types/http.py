"""Requests and replies as values, which flows and transports exchange.

A `Draft` has no credential. Signing it makes a `Request`, whose repr masks the credential's headers.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

__all__ = [
    "AWS_EVENT_STREAM",
    "DEFAULT_TOTAL",
    "EVENT_STREAMS",
    "PROVIDER",
    "BodySource",
    "DefaultSeconds",
    "Draft",
    "Headers",
    "Reply",
    "Request",
    "Timeouts",
    "media_type",
]

SECRET_HEADERS: Final = frozenset(
    {"api-key", "authorization", "cookie", "proxy-authorization", "set-cookie", "x-amz-security-token", "x-api-key"}
)
"""Headers whose values are masked in every repr."""


PROVIDER: Final = "keybearer-provider"
"""The header that keybearer itself adds to a reply: the name of the provider that it came from, where one is named."""

AWS_EVENT_STREAM: Final = "application/vnd.amazon.eventstream"
"""The media type of AWS's binary framing of events."""

EVENT_STREAMS: Final = frozenset({"text/event-stream", AWS_EVENT_STREAM})
"""The media types of a message's stream."""


class Headers(Mapping[str, str]):
    """Reply headers. Names are not case-sensitive; repeated headers are joined with `, ` (RFC 9110, section 5.3).

    Args:
        pairs: Names and values, in the order of the reply.
    """

    __slots__ = ("_values", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        self._values: dict[str, str] = {}
        for name, value in self.pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __reduce__(self) -> tuple[type[Headers], tuple[tuple[tuple[str, str], ...]]]:
        return Headers, (self.pairs,)  # the oldest pickle protocols cannot store slots

    if not TYPE_CHECKING:  # type checkers know `Mapping`'s, which takes twice as long

        def get(self, name: str, default: Any = None) -> Any:
            """Return a header's value, or the default."""
            return self._values.get(name.lower(), default)

    def items(self) -> ItemsView[str, str]:
        """Return the names, in lower case, and values."""
        return self._values.items()

    def __repr__(self) -> str:
        return f"Headers({masked(self._values)!r})"


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with `***` for the values of `SECRET_HEADERS`."""
    return {name: "***" if name.lower() in SECRET_HEADERS else value for name, value in headers.items()}


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of `content-type`, in lower case and without parameters; empty without that header."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


class DefaultSeconds(float):
    """A default time limit. Its type shows that no caller set it."""

    __slots__ = ()


DEFAULT_TOTAL: Final = DefaultSeconds(600.0)
"""The default deadline of a call, in seconds. A call that may have a long answer has a later one."""


class Timeouts(Struct, frozen=True, kw_only=True):
    """Time limits of one request, in seconds; None means no limit of that kind.

    Attributes:
        connect: To open a connection: DNS, TCP, proxy and TLS together.
        first_byte: From the end of the request to the first byte of the reply.
        idle: Between two reads of the body.
        progress: Between two events of a stream that are not pings.
        total: The whole call, with its waits and retries. The default is longer for a call that may have a long answer.
    """

    connect: float | None = 10.0
    first_byte: float | None = 600.0
    idle: float | None = 120.0
    progress: float | None = 300.0
    total: float | None = DEFAULT_TOTAL


class BodySource(Protocol):
    """A body that is read while it is sent, such as an upload."""

    def __len__(self) -> int:
        """Return its length in bytes: at least 1."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Read it from its start, as often as it is asked for: a request may be sent again.

        Raises:
            KeybearerError: While it is read; the request ends with it.
        """
        ...


class Draft(Struct, frozen=True, kw_only=True):
    """A request before a credential has signed it.

    Attributes:
        method: The HTTP method.
        url: The absolute URL.
        headers: Header names in lower case.
        body: The encoded body.
        upload: What the body is read from while it is sent, in place of `body`.
        stream: Whether an event stream is asked for.
        opened: Whether the body of a successful reply is left open, whatever its type: for a download.
        timeouts: The time limits. In a signed request, `total` is what is left of the call's deadline.
        deadline: The call's whole deadline, in seconds, for error messages; None where `timeouts.total` is that.
        look_first: For a request that is not sent again while nobody knows what came of it: where to look for what it may have made.
            Empty for any other.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""
    upload: BodySource | None = None
    stream: bool = False
    opened: bool = False
    timeouts: Timeouts = Timeouts()
    deadline: float | None = None
    look_first: str = ""

    @property
    def size(self) -> int:
        """The length of the body in bytes."""
        return len(self.body if self.upload is None else self.upload)


class Request(Draft, frozen=True, kw_only=True):
    """A signed request: what a transport sends."""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url}, headers={masked(self.headers)!r}, {self.size} bytes)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        body = f"{self.size} bytes"
        return [("method", self.method), ("url", self.url), ("headers", masked(self.headers)), ("body", body)]


class Reply(Struct, frozen=True, kw_only=True):
    """The reply to a request.

    Attributes:
        status: The HTTP status.
        headers: The reply's headers.
        body: The whole body; empty when `stream` is set.
        stream: The open body of an event stream or a download, a `ByteStream` or an `AsyncByteStream` of the transport; None for any
            other reply.
        describe: Sets on an error the request that this reply answers, and takes the credential out of the error; None where the reply
            has gone through no exchange.
        observed: The call that it answers, as its observers follow it; whoever reads the reply ends it. None where nobody does.
    """

    status: int
    headers: Headers
    body: bytes = b""
    stream: Any = None
    describe: Callable[[Any, Reply], None] | None = None
    observed: Any = None

    def __repr__(self) -> str:
        # A token reply's body is a secret, and a service may repeat a key in any header.
        return f"Reply({self.status}, headers {', '.join(self.headers)}, {len(self.body)} bytes)"
