"""Flows: the logic of every exchange, written once, for sync and async callers alike.

Strategy: a flow is a generator that yields effects, values that say what it waits for, and is sent back their results. A
driver (`keybearer.shell.drivers`) performs them: one blocks, one awaits. A flow imports no clock, no randomness and no I/O;
it gets them as effects or in an `Ambient`, so it is tested as data.

Contract:
  - `result = yield from Send(request)` is how an effect is written; its type is the effect's.
  - A driver throws into the flow whatever performing an effect raised, cancellation included, so `finally` runs.
  - No effect is yielded in a `finally` or after a cancellation: nobody would perform it.
  - An open stream that a flow got by `Send` is closed for it, unless the flow returns the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from msgspec import Struct

from keybearer.types.http import Reply, Request

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["HOOK_TIMEOUT", "Blocking", "CallHook", "Clocks", "Effect", "Flow", "ReadUntil", "Send", "Sleep", "Wait"]

T = TypeVar("T")


class Effect(Struct, Generic[T], frozen=True):
    """Something to wait for, whose result is a `T`."""

    def __iter__(self) -> Generator[Effect[Any], Any, T]:
        return cast("T", (yield self))


Flow: TypeAlias = Generator[Effect[Any], Any, T]
"""A generator of effects that returns a `T`."""


class Send(Effect[Reply], frozen=True):
    """Send a signed request and give the reply.

    An event stream with status 200 comes as an open `Reply.stream`; every other reply comes with its whole body.

    Raises:
        TransportError: In the flow, when no complete reply came.
    """

    request: Request


class Sleep(Effect[None], frozen=True):
    """Wait that many seconds."""

    seconds: float


class Blocking(Effect[T], frozen=True):
    """Call a function that blocks (disk, a file lock) where it stalls no event loop, and give its result."""

    function: Callable[[], T]


class Wait(Effect[T], frozen=True):
    """Wait for work that goes on elsewhere and give its result. Giving up the wait leaves the work alone.

    Attributes:
        future: The `concurrent.futures.Future` of the work.
        timeout: How long to wait at the most, in seconds; then a `TimeoutError` is raised in the flow.
    """

    future: Future[T]
    timeout: float | None = None


class ReadUntil(Effect[None], frozen=True):
    """Read the open stream of a reply until `feed` has seen enough: no effect is yielded for each chunk.

    Attributes:
        reply: The reply whose stream is open.
        feed: Takes a chunk (`b""` at the end) and says whether it has seen enough; what it raises is raised in the flow.
        limit: How long that may take, in seconds; then a `TimedOut` is raised in the flow.
    """

    reply: Reply
    feed: Callable[[bytes], bool]
    limit: float | None = None


HOOK_TIMEOUT: Final = 10.0
"""How long a hook that is awaited may take, in seconds."""


class CallHook(Effect[None], frozen=True):
    """Call a hook; what it raises is logged, and the flow goes on.

    Attributes:
        hook: A function, or where the caller awaits a coroutine function.
        value: What it is given.
        limit: How long one that is awaited may take, in seconds; then it is cancelled. Nothing ends a function that blocks.
    """

    hook: Callable[[Any], Any]
    value: Any
    limit: float = HOOK_TIMEOUT


class Clocks(Struct, frozen=True):
    """The world as a flow may know it.

    Attributes:
        monotonic: Seconds on a clock that never goes back; for waits and deadlines.
        wall: Seconds since the epoch; for expiry times and HTTP dates.
        random: A number in [0, 1); for jitter.
    """

    monotonic: Callable[[], float]
    wall: Callable[[], float]
    random: Callable[[], float]
