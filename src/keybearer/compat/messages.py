"""`client.messages` and `client.beta.messages` of a compat client: keybearer's own, with what the official SDK's have beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final, TypeVar

from keybearer.client.resources.messages import AsyncMessages, Messages
from keybearer.compat.parsing import asked_format
from keybearer.shell.streams import AsyncRawStream, RawStream
from keybearer.types.parsed import ParsedMessage

if TYPE_CHECKING:
    from keybearer.compat.lib.tools import _beta_runner as runners

__all__ = ["CompatAsyncMessages", "CompatMessages"]


PING: Final = "ping"

F = TypeVar("F", bound=Callable[..., Any])
"""A method."""


def _like(method: Callable[..., Any]) -> Callable[[F], F]:
    """Give a method the name, the parameters and the words of another."""

    def named(function: F) -> F:
        update_wrapper(function, method)
        return function

    return named


def _with_format(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call that gives no value: a type, or a schema as the beta API had it, becomes the request's."""
    wanted = given.get("output_format")
    if isinstance(wanted, Mapping):
        kept = {name: value for name, value in given.items() if name != "output_format"}
        return {**kept, "output_config": {**(kept.get("output_config") or {}), "format": dict(wanted)}}
    kept = asked_format(given)
    found = kept.pop("output_format", None)
    return kept if found is None else found.asked(kept)


def without_pings(events: Iterator[Any]) -> Iterator[Any]:
    """Give the events of a stream but its pings, as the official SDK does."""
    for event in events:
        if event.type != PING:
            yield event


async def without_pings_async(events: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
    """Give the events of a stream but its pings, as the official SDK does."""
    async for event in events:
        if event.type != PING:
            yield event


class CompatMessages(Messages):
    """`client.messages`: the Messages API."""

    @_like(Messages.create)
    def create(self, **given: Any) -> Any:
        """As `keybearer.Client.messages.create`; an `output_format` is sent, and the answer's text is the JSON."""
        answer = super().create(**_with_format(given))
        if isinstance(answer, RawStream):
            answer.pass_through(without_pings)
        return answer

    @_like(Messages.stream)
    def stream(self, **given: Any) -> Any:
        """As `keybearer.Client.messages.stream`, without pings."""
        manager = super().stream(**asked_format(given))
        manager.pass_through(without_pings)
        return manager

    @_like(Messages.parse)
    def parse(self, **given: Any) -> Any:
        """As `keybearer.Client.messages.parse`; without an `output_format` it is `create`."""
        asked = asked_format(given)
        if "output_format" in asked:
            return super().parse(**asked)
        return ParsedMessage.of_message(super().create(**asked), None)

    @_like(Messages.count_tokens)
    def count_tokens(self, **given: Any) -> Any:
        """As `keybearer.Client.messages.count_tokens`; an `output_format` counts too."""
        return super().count_tokens(**_with_format(given))

    def tool_runner(
        self, *, max_iterations: int | None = None, stream: bool = False, run_tools_eagerly: bool = False, **params: Any
    ) -> runners.BetaToolRunner[Any] | runners.BetaStreamingToolRunner[Any]:
        """Make a runner: it gives each reply, and runs the calls in it when the loop's body is done.

        Args:
            max_iterations: How many replies to ask for at the most; None for any number.
            stream: Give streams in place of messages.
            run_tools_eagerly: With `stream`: run each call as soon as the model has moved on from it.
            **params: As of `create`; `tools` takes functions of `beta_tool` too.
        """
        from keybearer.compat.lib.tools._beta_runner import BetaStreamingToolRunner, BetaToolRunner

        if not stream:
            return BetaToolRunner(self, self._driver, params, max_iterations=max_iterations)
        return BetaStreamingToolRunner(
            self, self._driver, params, max_iterations=max_iterations, run_tools_eagerly=run_tools_eagerly
        )


class CompatAsyncMessages(AsyncMessages):
    """`client.messages`: the Messages API."""

    @_like(AsyncMessages.create)
    async def create(self, **given: Any) -> Any:
        """As `keybearer.AsyncClient.messages.create`; an `output_format` is sent, and the answer's text is the JSON."""
        answer = await super().create(**_with_format(given))
        if isinstance(answer, AsyncRawStream):
            answer.pass_through(without_pings_async)
        return answer

    @_like(AsyncMessages.stream)
    def stream(self, **given: Any) -> Any:
        """As `keybearer.AsyncClient.messages.stream`, without pings."""
        manager = super().stream(**asked_format(given))
        manager.pass_through(without_pings_async)
        return manager

    @_like(AsyncMessages.parse)
    async def parse(self, **given: Any) -> Any:
        """As `keybearer.AsyncClient.messages.parse`; without an `output_format` it is `create`."""
        asked = asked_format(given)
        if "output_format" in asked:
            return await super().parse(**asked)
        return ParsedMessage.of_message(await super().create(**asked), None)

    @_like(AsyncMessages.count_tokens)
    async def count_tokens(self, **given: Any) -> Any:
        """As `keybearer.AsyncClient.messages.count_tokens`; an `output_format` counts too."""
        return await super().count_tokens(**_with_format(given))

    def tool_runner(
        self, *, max_iterations: int | None = None, stream: bool = False, run_tools_eagerly: bool = False, **params: Any
    ) -> runners.BetaAsyncToolRunner[Any] | runners.BetaAsyncStreamingToolRunner[Any]:
        """Make a runner: it gives each reply, and runs the calls in it when the loop's body is done.

        Args:
            max_iterations: How many replies to ask for at the most; None for any number.
            stream: Give streams in place of messages.
            run_tools_eagerly: With `stream`: run each call as soon as the model has moved on from it.
            **params: As of `create`; `tools` takes functions of `beta_async_tool` too.
        """
        from keybearer.compat.lib.tools._beta_runner import BetaAsyncStreamingToolRunner, BetaAsyncToolRunner

        if not stream:
            return BetaAsyncToolRunner(self, self._driver, params, max_iterations=max_iterations)
        return BetaAsyncStreamingToolRunner(
            self, self._driver, params, max_iterations=max_iterations, run_tools_eagerly=run_tools_eagerly
        )
