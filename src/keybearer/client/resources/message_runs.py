"""`client.messages.run` and `run_stream`, for both clients; what they do is in `keybearer.client.resources.runs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from keybearer.api.messages import MessagesAPI
from keybearer.client.resources.raw import AsyncResourceBase, ResourceBase

if TYPE_CHECKING:
    from keybearer.client.resources.runs import AsyncRunStreamManager, RunStreamManager
    from keybearer.tools.options import RunCallParams
    from keybearer.tools.result import ParsedRunResult, RunResult

__all__ = ["AsyncMessageRuns", "MessageRuns"]

T = TypeVar("T")
"""The type of the answer that a run ends with."""


class MessageRuns(ResourceBase[MessagesAPI]):
    """The methods of `client.messages` that run tools."""

    @overload
    def run(self, *, output_format: None = ..., reask: int = ..., **params: Unpack[RunCallParams]) -> RunResult: ...
    @overload
    def run(
        self, *, output_format: type[T], reask: int = ..., **params: Unpack[RunCallParams]
    ) -> ParsedRunResult[T]: ...
    @overload
    def run(self, *, output_format: Any, reask: int = ..., **params: Unpack[RunCallParams]) -> ParsedRunResult[Any]: ...
    def run(self, *, output_format: Any = None, reask: int = 0, **params: Unpack[RunCallParams]) -> RunResult:
        """Ask the model, run the tools that it calls, and send it their results, until it has ended.

        Args:
            output_format: The type of the answer that the run ends with, as of `parse`: `parsed_output` of the result. That is None
                where the run ended before its answer, such as at a limit.
            reask: How often to ask again at the most, with what is wrong, when the answer does not fit.
            **params: As of `create`; `tools` takes functions and `@tool`s too. How the run is to go; `keybearer.RunParams` has types
                and meanings: `max_turns`, `token_limit`, `time_limit`, `max_parallel`, `tool_timeout`, `run_tools_eagerly`, `approve`,
                `approve_all`, `decisions`, `on_tool_error`, `on_max_tokens`, `on_context_full`, `on_unknown`, `journal`, `resume`.

        Raises:
            UsageError: A tool or an option cannot be used, or the journal is another run's.
            AnswerError: The model refused, or its answer was cut or does not fit; `run` of the error is what the run has come to.
            KeybearerError: A request failed; `run` of the error is what the run has come to.
        """
        from keybearer.client.resources.runs import run

        return run(self._api, self._driver, params, output_format, reask)

    @overload
    def run_stream(
        self, *, output_format: None = ..., reask: int = ..., **params: Unpack[RunCallParams]
    ) -> RunStreamManager[RunResult]: ...
    @overload
    def run_stream(
        self, *, output_format: type[T], reask: int = ..., **params: Unpack[RunCallParams]
    ) -> RunStreamManager[ParsedRunResult[T]]: ...
    @overload
    def run_stream(
        self, *, output_format: Any, reask: int = ..., **params: Unpack[RunCallParams]
    ) -> RunStreamManager[ParsedRunResult[Any]]: ...
    def run_stream(
        self, *, output_format: Any = None, reask: int = 0, **params: Unpack[RunCallParams]
    ) -> RunStreamManager[Any]:
        """Run tools as `run` does, and get each reply as it is written, with the results of its calls between the replies.

        Args:
            output_format: As of `run`; the `parsed_snapshot()` of each text event is the value so far.
            reask: As of `run`.
            **params: As of `run`.

        Example:
            with client.messages.run_stream(model="claude-haiku-4-5", max_tokens=500, messages=[...], tools=[search]) as run:
                for event in run:
                    print(event)
            print(run.result.text)
        """
        from keybearer.client.resources.runs import RunStreamManager

        return RunStreamManager(self._api, self._driver, params, output_format, reask)


class AsyncMessageRuns(AsyncResourceBase[MessagesAPI]):
    """The methods of `client.messages` that run tools."""

    @overload
    async def run(
        self, *, output_format: None = ..., reask: int = ..., **params: Unpack[RunCallParams]
    ) -> RunResult: ...
    @overload
    async def run(
        self, *, output_format: type[T], reask: int = ..., **params: Unpack[RunCallParams]
    ) -> ParsedRunResult[T]: ...
    @overload
    async def run(
        self, *, output_format: Any, reask: int = ..., **params: Unpack[RunCallParams]
    ) -> ParsedRunResult[Any]: ...
    async def run(self, *, output_format: Any = None, reask: int = 0, **params: Unpack[RunCallParams]) -> RunResult:
        """Ask the model, run the tools that it calls, and send it their results, until it has ended.

        Args:
            output_format: The type of the answer that the run ends with, as of `parse`: `parsed_output` of the result. That is None
                where the run ended before its answer, such as at a limit.
            reask: How often to ask again at the most, with what is wrong, when the answer does not fit.
            **params: As of `create`; `tools` takes functions and `@tool`s too. How the run is to go; `keybearer.RunParams` has types
                and meanings: `max_turns`, `token_limit`, `time_limit`, `max_parallel`, `tool_timeout`, `run_tools_eagerly`, `approve`,
                `approve_all`, `decisions`, `on_tool_error`, `on_max_tokens`, `on_context_full`, `on_unknown`, `journal`, `resume`.

        Raises:
            UsageError: A tool or an option cannot be used, or the journal is another run's.
            AnswerError: The model refused, or its answer was cut or does not fit; `run` of the error is what the run has come to.
            KeybearerError: A request failed; `run` of the error is what the run has come to.
        """
        from keybearer.client.resources.runs import run_async

        return await run_async(self._api, self._driver, params, output_format, reask)

    @overload
    def run_stream(
        self, *, output_format: None = ..., reask: int = ..., **params: Unpack[RunCallParams]
    ) -> AsyncRunStreamManager[RunResult]: ...
    @overload
    def run_stream(
        self, *, output_format: type[T], reask: int = ..., **params: Unpack[RunCallParams]
    ) -> AsyncRunStreamManager[ParsedRunResult[T]]: ...
    @overload
    def run_stream(
        self, *, output_format: Any, reask: int = ..., **params: Unpack[RunCallParams]
    ) -> AsyncRunStreamManager[ParsedRunResult[Any]]: ...
    def run_stream(
        self, *, output_format: Any = None, reask: int = 0, **params: Unpack[RunCallParams]
    ) -> AsyncRunStreamManager[Any]:
        """Run tools as `run` does, and get each reply as it is written, with the results of its calls between the replies.

        Args:
            output_format: As of `run`; the `parsed_snapshot()` of each text event is the value so far.
            reask: As of `run`.
            **params: As of `run`.

        Example:
            async with client.messages.run_stream(model="claude-haiku-4-5", max_tokens=500, messages=[...], tools=[search]) as run:
                async for event in run:
                    print(event)
            print(run.result.text)
        """
        from keybearer.client.resources.runs import AsyncRunStreamManager

        return AsyncRunStreamManager(self._api, self._driver, params, output_format, reask)
