"""The tutorial and the how-to pages, done as a reader would: files are written under their names, and run."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keybearer.simulator import Simulator

DOCS = Path(__file__).parents[2] / "docs"
FILE = re.compile(r"`(\w+\.py)`[^\n`]*:\n\n```python\n(.*?)```", re.DOTALL)
TUTORIAL = dict(FILE.findall((DOCS / "tutorial.md").read_text("utf-8")))


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Any]]:
    """Write a file into the reader's folder, and import it; all of them are forgotten at the end."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)

    def write(name: str, text: str) -> Any:
        (tmp_path / name).write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(name.removesuffix(".py"))

    yield write
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_tutorial_works(
    imported: Callable[[str, str], Any], claude_env: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file runs, and each test of the suite that it ends with passes, in the order of the page."""
    assert list(TUTORIAL) == ["first.py", "shop.py", "agent.py", "test_agent.py"]
    imported("first.py", TUTORIAL["first.py"])
    assert "tokens in" in capsys.readouterr().out
    imported("shop.py", TUTORIAL["shop.py"])
    imported("agent.py", TUTORIAL["agent.py"])
    exec(compile(TUTORIAL["agent.py"], "agent.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - our own page
    printed = capsys.readouterr().out
    assert "ended: end_turn" in printed
    assert "find_order {'number': 'A17'} ->" in printed
    tests = run_tests(imported("test_agent.py", TUTORIAL["test_agent.py"]), claude_env)
    assert tests == 4


def run_tests(module: Any, sim: Simulator) -> int:
    """Call each test of a module with a simulator as new; return how many there were."""
    tests = [each for name, each in vars(module).items() if name.startswith("test_")]
    for test in tests:
        sim.reset()
        wanted = inspect.signature(test).parameters
        for fault in (
            [None]
            if "fault" not in wanted
            else next(mark.args[1] for mark in test.pytestmark if mark.args[0] == "fault")
        ):
            test(**{"claude_env": sim} | ({"fault": fault} if fault else {}))
            sim.reset()
    return len(tests)


def test_the_tests_of_the_page_on_testing_pass(imported: Callable[[str, str], Any], claude_env: Simulator) -> None:
    """Each test of its program passes, with every fault."""
    (program,) = re.findall(r"```py\n(.*?)```", (DOCS / "testing.md").read_text("utf-8"), re.DOTALL)
    assert run_tests(imported("test_page.py", program), claude_env) == 3


@pytest.mark.parametrize("page", ["jupyter.md", "workers.md", "keys.md"])
def test_the_programs_of_the_how_to_pages_run(
    page: str,
    claude_env: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What needs no other library runs as it stands, and has an answer to print."""
    monkeypatch.chdir(tmp_path)
    (program,) = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(program, page, "exec"), space)  # noqa: S102 - our own page
    assert capsys.readouterr().out.strip()
    assert claude_env.requests or page == "keys.md"  # which has a simulator of its own
    if page != "keys.md":
        (space["client"]() if page == "workers.md" else space["client"]).close()


def test_the_chat_ends_upstream_when_the_browser_goes(
    imported: Callable[[str, str], Any], claude_env: Simulator
) -> None:
    """An ASGI server says that the browser has gone; the stream from the service is closed in its middle."""
    program = dict(FILE.findall((DOCS / "web.md").read_text("utf-8")))["app.py"]
    app = imported("app.py", program).app
    claude_env.fail("pings; after_events=4; interval=0.02")
    body = json.dumps({"messages": [{"role": "user", "content": "Tell me all about the sea. " * 20}]}).encode()

    async def main() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        written = asyncio.Event()
        came = iter([{"type": "http.request", "body": body}])

        async def receive() -> dict[str, Any]:
            if message := next(came, None):
                return message
            await written.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)
            if message.get("body"):
                written.set()

        scope = {"type": "http", "asgi": {"spec_version": "2.0"}, "method": "POST", "path": "/chat", "headers": []}
        async with app.router.lifespan_context(app):
            await app(scope | {"query_string": b"", "app": app}, receive, send)
            async with asyncio.timeout(10):
                while not (delivered := claude_env.requests[-1].delivered):  # noqa: ASYNC110 - another thread writes it
                    await asyncio.sleep(0.01)
            assert delivered["end"] == "left"
            assert 0 < delivered["events"] < 10
        return sent

    sent = asyncio.run(main())
    assert sent[0]["status"] == 200
    assert not any(message.get("more_body") is False for message in sent)
