"""Flows: the logic of every exchange, written once, for sync and async callers alike.

Strategy: a flow is a generator that yields effects, values that say what it waits for, and is sent back their results. A
driver (`keybearer.shell.drivers`) performs them: one blocks, one awaits. A flow imports no clock, no randomness and no I/O;
it gets them as effects or in `Clocks`, so it is tested as data.

Contract:
  - `result = yield from Send(request)` is how an effect is written; its type is the effect's.
  - A driver throws into the flow whatever performing an effect raised, cancellation included, so `finally` runs.
  - No effect is yielded in a `finally` or after a cancellation: no driver would perform it.
  - An open stream that a flow got by `Send` is closed for it, unless the flow returns the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from msgspec import Struct

from keybearer.types.http import Reply, Request

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = [
    "HOOK_TIMEOUT",
    "Blocking",
    "CallHook",
    "Clocks",
    "Effect",
    "Expired",
    "FinishBody",
    "Flow",
    "Invoke",
    "ReadUntil",
    "Send",
    "Sleep",
    "Stopped",
    "Wait",
    "within",
]

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


def _no_progress() -> int:
    return 0


class ReadUntil(Effect[None], frozen=True):
    """Read an open body until `feed` has seen enough: no effect is yielded for each chunk.

    Attributes:
        body: The open body.
        feed: Takes a chunk (`b""` at the end) and says whether it has seen enough; what it raises is raised in the flow.
        limit: How long to wait without progress, in seconds; then a `TimedOut` is raised in the flow.
        progress: Returns a number that changes with each progress; without it the limit is on the whole of the waiting.
    """

    body: Any
    feed: Callable[[bytes], bool]
    limit: float | None = None
    progress: Callable[[], int] = _no_progress


class FinishBody(Effect[None], frozen=True):
    """Read the rest of a body whose message is complete, so that its connection can serve the next request.

    Attributes:
        body: The open body.
    """

    body: Any


class Invoke(Effect[Any], frozen=True):
    """Call a function of the caller's, and give what it returns; where the caller awaits, a coroutine function is awaited.

    A function that blocks is called where it stalls no event loop. One that is given up goes on by itself: nothing ends it.

    Attributes:
        function: The function.
        args: Its positional arguments.
        kwargs: Its arguments by name.
        limit: How long it may take, in seconds; then an `Expired` is raised in the flow. None for no limit.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
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
    """The clocks and the randomness that a flow is given.

    Attributes:
        monotonic: Seconds on a clock that never goes back; for waits and deadlines.
        wall: Seconds since the epoch; for expiry times and HTTP dates.
        random: A number in [0, 1); for jitter.
    """

    monotonic: Callable[[], float]
    wall: Callable[[], float]
    random: Callable[[], float]


class Expired(TimeoutError):  # noqa: N818 - what happened; it never leaves the flows
    """A time limit passed: the deadline around a flow while it waited, or that of an `Invoke`."""


class Stopped(Exception):  # noqa: N818 - what happened; it never leaves the flows
    """A function that was invoked raised what ends a program or a task, such as SystemExit: it alone has ended.

    Args:
        raised: What it raised.
    """

    def __init__(self, raised: BaseException) -> None:
        super().__init__(raised)
        self.raised = raised


def within(flow: Flow[T], remaining: Callable[[], float]) -> Flow[T]:
    """Run a flow under a deadline: each `Wait` ends with it. The work that is waited for goes on.

    Args:
        flow: The flow.
        remaining: Returns the seconds that are left; infinite for no deadline.

    Raises:
        Expired: A wait was ended by the deadline, and the flow was closed.
    """
    try:
        effect = next(flow)
        while True:
            left = remaining() if isinstance(effect, Wait) else float("inf")
            limited = isinstance(effect, Wait) and left < (float("inf") if effect.timeout is None else effect.timeout)
            try:
                result = yield Wait(effect.future, left) if limited and isinstance(effect, Wait) else effect
            except TimeoutError as late:
                if limited:
                    flow.close()
                    raise Expired from None
                effect = flow.throw(late)
            except BaseException as error:  # noqa: BLE001 - the flow decides
                effect = flow.throw(error)
            else:
                effect = flow.send(result)
    except StopIteration as end:
        value: T = end.value
        return value
