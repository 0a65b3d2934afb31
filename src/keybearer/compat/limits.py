"""The official SDK's `Timeout`, its limits of connections, and its defaults.

Source: `_constants.py` of the `anthropic` wheel, and `Timeout` and `Limits` of httpx.
"""

from __future__ import annotations

from typing import Any, Final, Protocol, TypeAlias

from msgspec import Struct, structs

from keybearer.policy.retry import RetryPolicy
from keybearer.types.http import Timeouts

__all__ = [
    "DEFAULT_CONNECTION_LIMITS",
    "DEFAULT_MAX_RETRIES",
    "DEFAULT_TIMEOUT",
    "RETRY",
    "Limits",
    "Timeout",
    "TimeoutLike",
    "timeouts_of",
]


class _Unset(float):
    """The type of what stands for a limit that was not given; None is no limit."""

    __slots__ = ()


_UNSET: Final = _Unset()


class HasLimits(Protocol):
    """What httpx's `Timeout` has too."""

    @property
    def connect(self) -> float | None: ...
    @property
    def read(self) -> float | None: ...
    @property
    def write(self) -> float | None: ...
    @property
    def pool(self) -> float | None: ...


class Timeout:
    """Time limits by kind, in seconds, as httpx's class of this name; None is no limit.

    keybearer keeps to `connect` (DNS, TCP, proxy and TLS together) and `read` (to the first byte, and between two reads). It waits for
    no pool, and limits a write by nothing but the call's deadline, so `write` and `pool` are kept to be read only.

    Args:
        timeout: The limit of each kind that is not named; another `Timeout`; or the four in the order below.
        connect: To open a connection.
        read: Between two reads of the reply.
        write: Between two writes of the request.
        pool: To get a connection of the pool.

    Raises:
        ValueError: Neither a default nor all four are given.
    """

    def __init__(
        self,
        timeout: float | HasLimits | tuple[float | None, ...] | None = _UNSET,
        *,
        connect: float | None = _UNSET,
        read: float | None = _UNSET,
        write: float | None = _UNSET,
        pool: float | None = _UNSET,
    ) -> None:
        named = (connect, read, write, pool)
        default: tuple[float | None, ...]
        if isinstance(timeout, tuple):
            default = (*timeout, None, None)[:4]
        elif timeout is None or isinstance(timeout, float | int):
            default = (timeout,) * 4
        else:
            default = (timeout.connect, timeout.read, timeout.write, timeout.pool)
        if timeout is _UNSET and any(each is _UNSET for each in named):
            raise ValueError("Timeout takes a default, or all of connect, read, write and pool.")
        limits = [other if each is _UNSET else each for each, other in zip(named, default, strict=True)]
        self.connect, self.read, self.write, self.pool = limits

    def as_dict(self) -> dict[str, float | None]:
        """Return the limits by name."""
        return {"connect": self.connect, "read": self.read, "write": self.write, "pool": self.pool}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeout) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash(tuple(self.as_dict().values()))

    def __repr__(self) -> str:
        return f"Timeout({', '.join(f'{name}={value}' for name, value in self.as_dict().items())})"


class Limits(Struct, frozen=True, kw_only=True):
    """How many connections httpx keeps. keybearer's transports have no such limit; this is for programs that read it."""

    max_connections: int | None = None
    max_keepalive_connections: int | None = None
    keepalive_expiry: float | None = 5.0


DEFAULT_TIMEOUT: Final = Timeout(600.0, connect=5.0)
DEFAULT_MAX_RETRIES: Final = 2
RETRY: Final = RetryPolicy(min_delay=0.5, max_delay=8.0, rate_limit_delay=0.0)
"""How soon the SDK sends again: after 0.5 s, then twice as long each time, where the service names no time."""
DEFAULT_CONNECTION_LIMITS: Final = Limits(max_connections=1000, max_keepalive_connections=100)

TimeoutLike: TypeAlias = float | Timeout | Timeouts | HasLimits
"""What a `timeout` may be: seconds, a `Timeout` (httpx's too), or keybearer's `Timeouts`."""


def timeouts_of(timeout: Any) -> Any:
    """Return the time limits that the SDK's `timeout` stands for: each read has its limit, and the whole call has none.

    Args:
        timeout: A `TimeoutLike`, or None for no limit. What is neither is returned as it is, for keybearer's own check.
    """
    if timeout is None or (isinstance(timeout, float | int) and not isinstance(timeout, bool) and timeout > 0):
        timeout = Timeout(timeout)
    if not all(hasattr(timeout, name) for name in ("connect", "read", "write", "pool")):
        return timeout
    default = Timeouts()
    progress = None if timeout.read is None else max(timeout.read, default.progress or 0.0)
    return structs.replace(
        default, connect=timeout.connect, first_byte=timeout.read, idle=timeout.read, progress=progress, total=None
    )
