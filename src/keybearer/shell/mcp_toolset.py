"""`MCPToolset`: the tools of an MCP server in a run's list of tools.

Contract: names of two servers differ by the servers' names before them, and fit the API. A call ends within its time, and when its run
is cancelled; the server is asked to end it. Nothing of this program's environment reaches a server that is started here, but for what
is named.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final, Self
from urllib.parse import urlsplit

from keybearer.errors import UsageError
from keybearer.policy.deadline import format_seconds
from keybearer.shell.mcp_events import Sampling, ServerEvents
from keybearer.shell.mcp_session import MCPSession
from keybearer.shell.runtime import current_runtime
from keybearer.shell.tool_threads import in_thread
from keybearer.tools.mcp_content import ServedTool, call_result, served_tool
from keybearer.tools.tool import Tool, ToolError

__all__ = ["MCPToolset"]

MOST_PAGES: Final = 100
"""How many pages a server's list of tools may have."""


class MCPToolset(Sequence[Tool[..., Any]]):
    """The tools of an MCP server, as a sequence, while its `with` (or `async with`) block lasts.

    When the server says that its tools have changed, they are listed again. In `tools=[clock, add]` it stands for the tools that it
    has at each turn of a run; `tools=[*clock, add]` has those that it has now, for the whole run.

    Args:
        command: The program of a server that is started here and spoken to over its standard input and output, and its arguments.
        url: The address of a server that is spoken to over HTTP (streamable HTTP), in place of a command.
        name: What stands before the tools' names, with two underscores; the server's own name by default, nothing if empty.
        env: Variables for the command, beside the few that every program needs (`PATH`, `HOME`, ...): others are not passed on.
        cwd: The folder that the command runs in.
        headers: Headers of every HTTP request, such as one with a token.
        timeout: How long a call may take, in seconds.
        start_timeout: How long the server may take to be there, in seconds.
        needs_approval: Whether somebody must allow each call.
        sampling: Gets a model's answer that the server asks for, with your account: called with arguments of `messages.create`
            (`messages`, `max_tokens`, `system`, `stop_sequences`), and returns the message. Without it such requests are refused.

    Raises:
        UsageError: There is no command and no URL, or both, or the package mcp is not installed.
        ConnectionFailed: On entering: the server cannot be started or reached.
        TimedOut: On entering: it does not answer.

    Example:
        with Client() as client, MCPToolset(["mcp-server-time"]) as clock:
            client.messages.run(tools=[clock, add], ...)
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        url: str | None = None,
        name: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        start_timeout: float = 30.0,
        needs_approval: bool = False,
        sampling: Sampling | None = None,
    ) -> None:
        if (command is None) == (url is None):
            raise UsageError("An MCP server has a command or a url.", hint='MCPToolset(["mcp-server-time"])')
        if isinstance(command, str) or (command is not None and not command):
            raise UsageError("The command of an MCP server is a list.", hint='MCPToolset(["uvx", "mcp-server-time"])')
        if url is not None and (env is not None or cwd is not None):
            raise UsageError("`env` and `cwd` are for a command; a server at a url has its own.")
        if url is None and headers is not None:
            raise UsageError("`headers` are for a url; give a command its secrets by `env`.")
        self._command, self._url, self._name = command, url, name
        self._env, self._cwd, self._headers = env, cwd, headers
        self._timeout, self._start_timeout, self._needs_approval = timeout, start_timeout, needs_approval
        self._events = ServerEvents(self._changed, sampling)
        called = PurePath(command[0]).name if command is not None else urlsplit(str(url)).netloc.rpartition("@")[2]
        self._session = MCPSession(self._connect, repr(called))
        self._served: list[ServedTool] = []
        self._tools: list[Tool[..., Any]] = []
        self._version = 0
        self._prefix = ""

    def __enter__(self) -> Self:
        client = self._session.open(self._start_timeout)
        try:
            before = self._name if self._name is not None else str(getattr(client.server_info, "name", "") or "mcp")
            self._prefix = f"{before}__" if before else ""
            self._session.submit(self._list).result(self._start_timeout)
            self._session.submit(self._events.listen)
        except BaseException:
            self._session.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._served, self._tools = [], []
        self._session.close()

    async def __aenter__(self) -> Self:
        try:
            await current_runtime().blocking(self.__enter__)
        except BaseException:
            in_thread(self._session.close)  # the thread that opens it goes on where this task was cancelled
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await current_runtime().blocking(self.__exit__)

    @property
    def version(self) -> int:
        """How often the tools have changed."""
        return self._version

    def __len__(self) -> int:
        return len(self._tools)

    def __getitem__(self, index: Any) -> Any:
        return self._tools[index]

    def __iter__(self) -> Iterator[Tool[..., Any]]:
        return iter(self._tools)

    def __repr__(self) -> str:
        return f"<MCPToolset {', '.join(each.name for each in self._tools) or 'not open'}>"

    async def _list(self, client: Any) -> None:
        served = await _list_tools(client)
        if served != self._served:
            self._served, self._tools = served, [self._tool(each) for each in served]
            self._version += 1

    async def _changed(self) -> None:
        if self._session.is_open:
            await current_runtime().wait(self._session.submit(self._list))

    def _connect(self) -> Any:
        try:
            import mcp
            from mcp.client.streamable_http import streamable_http_client
        except ImportError as error:
            raise UsageError(
                f"MCP servers need {error.name}, which is not installed. Install keybearer with its extra: 'keybearer[mcp]'"
            ) from None
        options = self._events.options
        if self._command is not None:
            program, *arguments = self._command
            env = None if self._env is None else dict(self._env)
            cwd = None if self._cwd is None else os.fspath(self._cwd)
            return mcp.Client(mcp.StdioServerParameters(command=program, args=arguments, env=env, cwd=cwd), **options)
        import httpx2

        # As the package makes its own, with the headers; an answer may be a stream that is quiet for long.
        limits = httpx2.Timeout(30.0, read=max(300.0, self._timeout))
        http = httpx2.AsyncClient(headers=dict(self._headers or {}), timeout=limits)
        return _Closing(mcp.Client(streamable_http_client(str(self._url), http_client=http), **options), http)

    def _tool(self, served: ServedTool) -> Tool[..., Any]:
        async def call(arguments: dict[str, Any]) -> Any:
            future = self._session.submit(lambda client: _call(client, served.name, arguments, self._timeout))
            try:
                said = await current_runtime().wait(future)
            finally:
                future.cancel()  # nothing where it has ended
            result = call_result(said)
            if result.is_error:
                raise ToolError(result.content)
            return result.content

        made = Tool(
            call,
            name=self._prefix + served.name,
            description=served.description,
            input_schema=served.input_schema,
            read_only=served.read_only,
            idempotent=served.idempotent,
            needs_approval=self._needs_approval,
        )
        made.mcp = True
        return made


class _Closing:
    """A client with the HTTP client that was made for it."""

    def __init__(self, client: Any, http: Any) -> None:
        self._client, self._http = client, http

    async def __aenter__(self) -> Any:
        await self._http.__aenter__()
        try:
            return await self._client.__aenter__()
        except BaseException:
            await self._http.__aexit__(None, None, None)
            raise

    async def __aexit__(self, *raised: object) -> None:
        try:
            await self._client.__aexit__(*raised)
        finally:
            await self._http.__aexit__(None, None, None)


async def _list_tools(client: Any) -> list[ServedTool]:
    found: list[ServedTool] = []
    cursor = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += (served_tool(each.model_dump(by_alias=True, exclude_none=True)) for each in page.tools)
        cursor = page.next_cursor
        if not cursor:
            break
    return found


async def _call(client: Any, name: str, arguments: dict[str, Any], limit: float) -> dict[str, Any]:
    """Call a tool.

    Raises:
        ToolError: It took too long, or the server refuses the call or has gone.
    """
    try:
        async with asyncio.timeout(limit):
            result = await client.call_tool(name, arguments)
    except TimeoutError:
        words = f"The tool was given up after {format_seconds(limit)}. It may still be at work."
        raise ToolError(words) from None
    except _refusals() as error:
        raise ToolError(f"The tool's server did not answer the call: {error}") from None
    said: dict[str, Any] = result.model_dump(by_alias=True, exclude_none=True)
    return said


_REFUSALS: Final = (("mcp", "MCPError"), ("anyio", "ClosedResourceError"), ("anyio", "BrokenResourceError"))


def _refusals() -> tuple[type[Exception], ...]:
    """Return what the package mcp raises for a call that has no answer; packages that are not loaded raise nothing."""
    found = (getattr(sys.modules.get(module), name, None) for module, name in _REFUSALS)
    return (ConnectionError, *(each for each in found if each is not None))
