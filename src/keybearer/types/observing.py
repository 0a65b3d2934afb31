"""What an observer of a client hears: the values, and the protocol.

Strategy: whatever happens to a call is said once, as a value, to every observer. The log, the hooks and the telemetry hear the same
values. Each that belongs to a call has its `call_id`; each that belongs to a run has its `run_id`.

Contract: an observer is called where the thing happens, in the thread or the task of the caller, and outside of every lock. It must
not block. What it raises is logged once, and the call goes on. `CallStarted` and `CallEnded` come once each for a call, however it
ends, and so do the others that come in pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from msgspec import Struct

from keybearer.types.hooks import (
    FleetChanged,
    LimitCrossed,
    RequestSent,
    ResponseReceived,
    RetryPlanned,
    UsageReported,
)

if TYPE_CHECKING:
    from keybearer.tools.calls import CallOutcome
    from keybearer.tools.result import RunResult
    from keybearer.tools.tool import ToolCall
    from keybearer.types.messages import Message

__all__ = [
    "AttemptEnded",
    "CallEnded",
    "CallStarted",
    "ChunkReceived",
    "LimiterWaited",
    "Observed",
    "Observer",
    "RefreshEnded",
    "RefreshStarted",
    "RunEnded",
    "RunStarted",
    "ToolEnded",
    "ToolStarted",
]


class CallStarted(Struct, frozen=True, kw_only=True):
    """A call of the API begins: one request with all its attempts, and the reading of the stream that it opens.

    Attributes:
        call_id: The call's id, which is in every other value of it.
        method: The HTTP method.
        url: Where it goes.
        betas: Its beta tags.
        stream: Whether an event stream is asked for.
        body: Returns the request's JSON body, decoded anew at each call; None where it has none. It holds the prompt.
        provider: The provider's name; empty for Anthropic's own API.
        run_id: The run that it belongs to; empty for none.
    """

    call_id: str
    method: str
    url: str
    betas: tuple[str, ...]
    stream: bool
    body: Callable[[], Any]
    provider: str = ""
    run_id: str = ""


class LimiterWaited(Struct, frozen=True, kw_only=True):
    """A call has waited for its turn.

    Attributes:
        call_id: The call's id.
        limiter: What it waited for: `concurrency`, a permit; `rate`, the client's own rate; `service`, what the service's headers say;
            `fleet`, the limits that processes share; `spend`, a spend limit.
        seconds: How long.
    """

    call_id: str
    limiter: str
    seconds: float


class AttemptEnded(Struct, frozen=True, kw_only=True):
    """An attempt has ended, which a `RequestSent` with the same number began.

    It ends with the reply, with the head and the first content of a stream, or with an error.

    Attributes:
        call_id: The call's id.
        attempt: The attempt's number, from 1.
        seconds: From its sending.
        error: What ended it; None for an answer.
    """

    call_id: str
    attempt: int
    seconds: float
    error: BaseException | None = None


class ChunkReceived(Struct, frozen=True, kw_only=True):
    """A stream's next piece of content has come: one `content_block_delta`.

    Attributes:
        call_id: The call's id.
        number: Its number in the stream, from 1.
        seconds: For the first, since the call began; for another, since the one before. 0 where both came in one read.
    """

    call_id: str
    number: int
    seconds: float


class CallEnded(Struct, frozen=True, kw_only=True):
    """A call has ended. For a stream: it was read to its end, closed, cut or left behind.

    Attributes:
        call_id: The call's id.
        seconds: Since it began.
        error: What ended it; None for an answer, and for a stream that was closed.
        message: The message, as far as it came; None for other calls. It holds the answer.
        complete: Whether the answer is whole. False without an error: the caller has closed the stream, or left it behind.
        attempts: How many attempts were sent.
        answer: Returns the JSON of an answer that is no message, decoded anew at each call; None where it has none.
    """

    call_id: str
    seconds: float
    error: BaseException | None = None
    message: Message | None = None
    complete: bool = True
    attempts: int = 0
    answer: Callable[[], Any] | None = None

    def __repr__(self) -> str:
        ended = "complete" if self.complete else "not complete"
        error = "" if self.error is None else f", {type(self.error).__name__}"
        return f"CallEnded(call_id={self.call_id!r}, {self.seconds:.3f} s, {ended}{error})"


class RunStarted(Struct, frozen=True, kw_only=True):
    """A run begins, or goes on from what was saved.

    Attributes:
        run_id: The run's id.
        model: The model that it asks; None where the client's own is.
        tools: The names of its tools.
    """

    run_id: str
    model: str | None
    tools: tuple[str, ...]


class ToolStarted(Struct, frozen=True, kw_only=True):
    """A tool begins to work, in the thread or the task that it is called in.

    Attributes:
        run_id: The run's id.
        call: What the model asked for: name, id and input.
        description: What the tool is for, as the model reads it.
        mcp: Whether it is a tool of an MCP server.
    """

    run_id: str
    call: ToolCall
    description: str = ""
    mcp: bool = False


class ToolEnded(Struct, frozen=True, kw_only=True):
    """A tool has ended, in the thread or the task that it was called in.

    Attributes:
        run_id: The run's id.
        call: What the model asked for.
        seconds: How long it took.
        outcome: What came of it; None where it was cancelled.
        error: What cancelled it; None for an outcome.
    """

    run_id: str
    call: ToolCall
    seconds: float
    outcome: CallOutcome | None = None
    error: BaseException | None = None


class RunEnded(Struct, frozen=True, kw_only=True):
    """A run has ended, or was stopped.

    Attributes:
        run_id: The run's id.
        seconds: Since it began in this process.
        why: Why it ended, as `RunResult.ended` has it; `stopped` where its stream was closed.
        result: What it came to; None where an error ended it.
        error: What ended it; None for a result.
    """

    run_id: str
    seconds: float
    why: str
    result: RunResult | None = None
    error: BaseException | None = None


class RefreshStarted(Struct, frozen=True, kw_only=True):
    """A refresh of a login begins, on a thread of its own.

    Attributes:
        refresh_id: Its id.
        login: The login's name, such as the path of its file.
    """

    refresh_id: str
    login: str


class RefreshEnded(Struct, frozen=True, kw_only=True):
    """A refresh of a login has ended.

    Attributes:
        refresh_id: Its id.
        login: The login's name.
        seconds: How long it took.
        error: Why there is no new token; None where there is.
    """

    refresh_id: str
    login: str
    seconds: float
    error: BaseException | None = None


Observed: TypeAlias = (
    CallStarted
    | LimiterWaited
    | RequestSent
    | ResponseReceived
    | AttemptEnded
    | RetryPlanned
    | ChunkReceived
    | CallEnded
    | UsageReported
    | LimitCrossed
    | FleetChanged
    | RunStarted
    | ToolStarted
    | ToolEnded
    | RunEnded
    | RefreshStarted
    | RefreshEnded
)
"""All that an observer hears."""


class Observer(Protocol):
    """Hears what happens in a client: `Client(observers=[...])`.

    Example:
        >>> from keybearer.types.observing import CallEnded
        >>> class Slow:
        ...     def observe(self, event):
        ...         if isinstance(event, CallEnded) and event.seconds > 30:
        ...             print(f"{event.call_id} took {event.seconds:.0f} s")
        >>> client = Client(api_key="sk-ant-example", observers=[Slow()])
        >>> client.close()
    """

    def observe(self, event: Observed, /) -> None:
        """Take note of what has happened. It is called often, for each chunk of a stream too, and must not block."""
        ...
