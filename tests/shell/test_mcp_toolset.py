"""The tools of an MCP server in a run: named apart, limited, cancelled; the real servers are in `make test-e2e`."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, Self

import pytest

from keybearer import Client, MCPToolset, UsageError
from keybearer.shell.drivers import AsyncDriver
from keybearer.shell.runtime import current_runtime
from keybearer.shell.tool_calls import TaskCalls
from keybearer.simulator import Simulator
from keybearer.tools.options import RunOptions
from keybearer.tools.run import Run
from keybearer.tools.state import RunState
from keybearer.tools.toolset import Toolset
from support.tool_runs import Script, answer, call, run


class Said(SimpleNamespace):
    """A value of the package mcp."""

    def model_dump(self, **_: Any) -> dict[str, Any]:
        """Return it as JSON has it."""
        return dict(self.json)


class Server:
    """A server with tools on two pages.

    Attributes:
        log: What became of its calls.
    """

    server_info = SimpleNamespace(name="my files!")
    server_capabilities = SimpleNamespace(tools=None)

    def __init__(self) -> None:
        self.log: list[str] = []
        self.begun = threading.Event()
        self.names = ["read", "read_" + "x" * 70]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.log.append("closed")

    async def list_tools(self, *, cursor: str | None) -> Any:
        """List a page."""
        names = self.names if cursor is None else ["wait", "fail", "gone"]
        tools = [Said(json={"name": each, "annotations": {"readOnlyHint": each == "read"}}) for each in names]
        return SimpleNamespace(tools=tools, next_cursor="2" if cursor is None else None)

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> Said:
        """Call a tool."""
        if name == "wait":
            self.begun.set()
            try:
                await asyncio.sleep(600)
            finally:
                self.log.append("cancelled")
        if name == "gone":
            raise ConnectionError("Connection closed")
        text = f"{name} with {arguments}"
        return Said(json={"content": [{"type": "text", "text": text}], "isError": name == "fail"})


def toolset(monkeypatch: pytest.MonkeyPatch, **options: Any) -> tuple[Server, MCPToolset]:
    """Make a toolset of such a server."""
    server = Server()
    made = MCPToolset(["server"], **options)
    monkeypatch.setattr(made._session, "_connect", lambda: server)
    return server, made


def test_the_tools_are_those_of_all_pages_named_after_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names fit the API, and those of another server are others; there are none before and after the block."""
    server, tools = toolset(monkeypatch)
    assert list(tools) == []
    with tools, toolset(monkeypatch, name="work")[1] as others, toolset(monkeypatch, name="")[1] as bare:
        names = [each.name for each in tools]
        assert len(names) == len(tools) == 5
        assert names[0].startswith("my_files___read_")
        assert all(len(each) <= 64 for each in names)
        assert [each.read_only for each in tools] == [True, False, False, False, False]
        assert [each.name for each in (others[0], bare[0])] == ["work__read", "read"]
        assert len(Toolset([*tools, *others, *bare]).params) == 15
    assert list(tools) == []
    assert server.log == ["closed"]


def test_tools_that_are_listed_again_are_others_only_where_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that is the same keeps the prompt cache of a run; another one is the next turn's, under the same names."""
    server, tools = toolset(monkeypatch, name="s")
    with tools:
        kept, version = list(tools), tools.version
        tools._session.submit(lambda _: tools._changed()).result(5)
        assert (list(tools), tools.version) == (kept, version)
        server.names = ["read", "write"]
        tools._session.submit(lambda _: tools._changed()).result(5)
        assert tools.version == version + 1
        assert [each.name for each in tools][:2] == ["s__read", "s__write"]


def test_a_call_reaches_the_server_and_its_result_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the tool, and a server that has gone, are errors that the model reads; the run goes on."""
    with toolset(monkeypatch, name="s")[1] as tools:
        calls = [call("s__read", path="a"), call("s__fail"), call("s__gone")]
        result, _ = run([answer(*calls), answer("Done.")], tools)
    said = [(each.is_error, each.content) for each in result.steps[0].outcomes]
    assert said == [
        (False, "read with {'path': 'a'}"),
        (True, "fail with {}"),
        (True, "The tool's server did not answer the call: Connection closed"),
    ]


def test_a_call_ends_within_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is asked to end it, with a client that blocks too."""
    server, tools = toolset(monkeypatch, name="s", timeout=0.02)
    with tools:
        result, _ = run([answer(call("s__wait")), answer("Done.")], tools)
    assert "given up after" in str(result.steps[0].outcomes[0].content)
    assert server.log == ["cancelled", "closed"]


def test_a_cancelled_run_cancels_its_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the block that it is in closes the connection."""
    server, tools = toolset(monkeypatch, name="s")

    async def main() -> None:
        async with tools, current_runtime().tasks() as start:
            nothing: Any = None
            driver = AsyncDriver(nothing)  # it sends nothing
            going = Run(
                Toolset(tools),
                RunOptions(),
                {"messages": [{"role": "user", "content": "Go."}]},
                ask=Script([answer(call("s__wait"))]).ask,
                runner=TaskCalls(driver, start),
                clock=iter(range(1000)).__next__,
                state=RunState(),
            )
            task = asyncio.create_task(driver.run(going.to_end()))
            await asyncio.to_thread(server.begun.wait, 30)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    assert server.log in (["cancelled", "closed"], ["closed", "cancelled"])


def test_the_whole_over_the_wire(monkeypatch: pytest.MonkeyPatch, sim: Simulator) -> None:
    """A run of a client's takes the toolset as it takes a list."""
    sim.script({"tool_use": [{"name": "s__read", "input": {"path": "a"}}]})
    sim.script("Read.")
    with (
        Client(api_key=sim.api_key, base_url=sim.base_url, model="claude-haiku-4-5") as client,
        toolset(monkeypatch, name="s")[1] as tools,
    ):
        result = client.messages.run(max_tokens=100, messages=[{"role": "user", "content": "Go."}], tools=tools)
    assert [each.content for each in result.steps[0].outcomes] == ["read with {'path': 'a'}"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "a command or a url"),
        ({"command": ["a"], "url": "http://x"}, "a command or a url"),
        ({"command": "mcp-server-time"}, "is a list"),
        ({"command": []}, "is a list"),
        ({"url": "http://x", "env": {}}, "`env` and `cwd`"),
        ({"command": ["a"], "headers": {}}, "`headers` are for a url"),
    ],
)
def test_what_makes_no_server_is_refused(options: dict[str, Any], words: str) -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match=words):
        MCPToolset(**options)


def test_a_secret_is_in_no_repr() -> None:
    """Neither a header nor a variable."""
    secret = "sk-ant-fake-1234"
    made = [MCPToolset(["a"], env={"KEY": secret}), MCPToolset(url=f"http://u:{secret}@x/mcp", headers={"a": secret})]
    assert not [each for each in made if secret in repr(each) or secret in str(vars(each._session))]
