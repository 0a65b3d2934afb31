"""docs/web.md: its files, called as an ASGI server calls them; tests/e2e/test_servers.py runs them in real ones."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer import errors, tool
from keybearer.simulator import Simulator

PAGE = (Path(__file__).parents[2] / "docs" / "web.md").read_text("utf-8")
FILES = dict(re.findall(r"`(\w+\.py)`[^\n`]*:\n\n```python\n(.*?)```", PAGE, re.DOTALL))
ASKED = [{"role": "user", "content": "Tell me all about the sea. " * 20}]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's files, in the reader's folder; what was imported of them is forgotten at the end."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    importlib.invalidate_caches()
    yield
    for name in FILES:
        sys.modules.pop(name.removesuffix(".py"), None)


async def browse(
    module: Any, path: str, messages: list[Any], *, leave: Callable[[], bool] | None = None
) -> list[dict[str, Any]]:
    """Post a question to an app, and return what it sent.

    Args:
        module: The module of the app.
        path: The path.
        messages: The turns.
        leave: Whether the browser goes now; None for one that stays.
    """
    sent: list[dict[str, Any]] = []
    came = iter([{"type": "http.request", "body": json.dumps({"messages": messages}).encode()}])

    async def receive() -> dict[str, Any]:
        if message := next(came, None):
            return message
        while leave is None or not (sent and leave()):  # noqa: ASYNC110 - a condition of the test's
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "asgi": {"spec_version": "2.0"}, "method": "POST", "path": path, "headers": []}
    async with asyncio.timeout(20):
        await module.app(scope | {"query_string": b"", "app": module.app}, receive, send)
    return sent


def asked(
    name: str, messages: list[Any], sim: Simulator, *, leave: Callable[[], bool] | None = None
) -> tuple[int, str, bool]:
    """Serve one request, with the app's client made and closed as the server does; return its status, its text, whether it ended."""
    module = importlib.import_module(name)

    async def main() -> list[dict[str, Any]]:
        async with module.app.router.lifespan_context(module.app):
            sent = await browse(module, "/chat" if name == "app" else "/agent", messages, leave=leave)
            async with asyncio.timeout(10):
                while sim.requests and not sim.requests[-1].delivered:  # noqa: ASYNC110 - another thread writes it
                    await asyncio.sleep(0.01)
            return sent

    sent = asyncio.run(main())
    text = b"".join(message.get("body", b"") for message in sent).decode()
    return sent[0]["status"], text, sent[-1]["type"] == "http.response.body" and not sent[-1].get("more_body")


def events(text: str) -> list[tuple[str, Any]]:
    """Return server-sent events, by their names."""
    return [(name, json.loads(data)) for name, data in re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("name", ["app", "agent"])
def test_the_request_ends_when_the_browser_goes(name: str, claude_env: Simulator) -> None:
    """The stream from the service is closed in its middle, and the response has no end mark."""
    claude_env.fail("pings; after_events=4; interval=0.02")
    status, text, ended = asked(name, ASKED, claude_env, leave=lambda: True)
    assert (status, ended) == (200, False)
    assert "ended" not in text
    delivered = claude_env.requests[-1].delivered
    assert delivered is not None
    assert delivered["end"] == "left"
    assert 0 < delivered["events"] < 10


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("name", ["app", "agent"])
def test_an_empty_question_is_the_browser_s_fault(
    name: str, claude_env: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a 400 before anything is sent, with one line in the log."""
    status, text, ended = asked(name, [{"role": "user", "content": ""}], claude_env)
    assert (status, json.loads(text), ended) == (400, {"error": "LintError"}, True)
    assert claude_env.requests == []
    assert [record.levelname for record in caplog.records if record.name == "chat"] == ["WARNING"]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (errors.PromptTooLong("m", status=400), 400, None),
        (errors.SpendLimitExceeded("m"), 402, None),
        (errors.RateLimited("m", status=429, retry_after=2.5), 503, "3"),
        (errors.Overloaded("m", status=529), 503, None),
        (errors.ConnectionFailed("m"), 502, None),
        (errors.AuthenticationFailed("m", status=401), 502, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_has_the_status_of_the_page(error: Exception, status: int, retry_after: str | None) -> None:
    """The caller's own fault, a full limit, a wait, or anything else."""
    response = importlib.import_module("app").refused(error)
    assert (response.status_code, response.headers.get("retry-after")) == (status, retry_after)
    assert json.loads(response.body) == {"error": type(error).__name__}


@pytest.mark.usefixtures("written")
def test_a_run_is_streamed_to_its_end(claude_env: Simulator) -> None:
    """The browser gets the call, the text, and how the run ended."""
    claude_env.script({"tool_use": {"name": "find_order", "input": {"number": "A17"}}})
    claude_env.script("It was delivered.", match={"tool_result": "delivered"})
    status, text, ended = asked("agent", [{"role": "user", "content": "Where is A17?"}], claude_env)
    found = events(text)
    assert (status, ended) == (200, True)
    assert found[0] == ("tool", {"name": "find_order", "input": {"number": "A17"}})
    assert "".join(data["text"] for name, data in found if name == "text") == "It was delivered."
    assert found[-1] == ("ended", {"why": "end_turn"})


@pytest.mark.usefixtures("written")
def test_an_error_in_the_middle_of_a_run_is_said(claude_env: Simulator) -> None:
    """The status is sent by then: the last event names the error."""
    claude_env.script({"tool_use": {"name": "find_order", "input": {"number": "A17"}}})
    claude_env.fail("400; skip=1")
    status, text, ended = asked("agent", [{"role": "user", "content": "Where is A17?"}], claude_env)
    assert (status, ended) == (200, True)
    assert [name for name, _ in events(text)] == ["tool", "error"]
    assert events(text)[-1] == ("error", {"error": "InvalidRequest"})


@pytest.mark.usefixtures("written")
def test_a_tool_is_cancelled_when_the_browser_goes(claude_env: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tool at work ends, and nothing more is asked."""
    said: list[str] = []

    @tool
    async def find_order(number: str) -> str:
        """Look an order up."""
        said.append(number)
        try:
            await asyncio.sleep(60)
        finally:
            said.append("cancelled")
        return ""

    monkeypatch.setattr(importlib.import_module("agent"), "find_order", find_order)
    claude_env.script({"tool_use": {"name": "find_order", "input": {"number": "A17"}}})
    question = [{"role": "user", "content": "Where is A17?"}]
    assert asked("agent", question, claude_env, leave=lambda: bool(said)) == (200, "", False)
    assert said == ["A17", "cancelled"]
    assert len(claude_env.requests) == 1
