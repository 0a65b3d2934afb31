"""Flows: the logic of every exchange, written once, for sync and async callers alike.

Strategy: a flow is a generator that yields effects, values that say what it waits for, and is sent back their results. A
driver (`keybearer.shell.drivers`) performs them: one blocks, one awaits. A flow imports no clock, no randomness and no I/O;
it gets them as effects or in an `Ambient`, so it is tested as data.

Contract:
  - `result = yield from Send(request)` is how an effect is written; its type is the effect's.
  - A driver throws into the flow whatever performing an effect raised, cancellation included, so `finally` runs.
  - No effect is yielded in a `finally` or after a cancellation: nobody would perform it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from msgspec import Struct

from keybearer.types.http import Reply, Request

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Ambient", "Blocking", "Effect", "Exclusive", "Flow", "Send", "Sleep", "Wait"]

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
    """

    future: Future[T]


class Exclusive(Effect[T], frozen=True):
    """Run a flow while holding the client-wide lock of a key; callers of one key run one after another.

    Attributes:
        key: What is exclusive. A flow that holds one key takes no other, so there is no order to get wrong.
        flow: Makes the flow to run.
    """

    key: str
    flow: Callable[[], Flow[T]]


class Ambient(Struct, frozen=True):
    """The world as a flow may know it.

    Attributes:
        monotonic: Seconds on a clock that never goes back; for waits and deadlines.
        wall: Seconds since the epoch; for expiry times and HTTP dates.
        random: A number in [0, 1); for jitter.
    """

    monotonic: Callable[[], float]
    wall: Callable[[], float]
    random: Callable[[], float]
