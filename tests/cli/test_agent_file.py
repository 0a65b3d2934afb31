"""An agent with tools as a file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Self

import pytest

from keybearer.cli.agent_file import found_agent, open_tools, read_agent
from keybearer.cli.trusted import Trusted
from keybearer.config.files import ConfigFiles
from keybearer.errors import ConfigError

WHOLE = """
model: {provider: work, model: haiku, max_tokens: 900}
system: Be brief.
tools: [t.py:look, web_search]
mcp_servers:
  clock: {command: mcp-server-time, args: [--zone, "${ZONE:-UTC}"], env: {KEY: "${MY_KEY}"}}
  work: {url: "https://mcp.example/mcp", headers: {authorization: "Bearer ${MY_KEY}"}, timeout: 5}
yes_to: [read]
thinking: 2000
max_budget_usd: 0.5
"""


class FakeToolset:
    """An MCP server that notes how it was started, and that it was ended."""

    notes: list[Any] = []  # noqa: RUF012 - the test's own

    def __init__(self, command: list[str] | None, **given: Any) -> None:
        self.notes.append((command, {name: value for name, value in given.items() if value is not None}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.notes.append("ended")

    def __iter__(self) -> Any:
        return iter([{"name": "now", "input_schema": {}}])


def test_all_that_a_file_may_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables are put in; tools are beside the file; servers have the names that they are given, and end with the stack."""
    (tmp_path / "a.yaml").write_text(WHOLE)
    (tmp_path / "t.py").write_text("def look(path: str) -> str:\n    'Look.'\n    return path\n")
    agent = read_agent(tmp_path / "a.yaml", {"MY_KEY": "canary"})
    assert (agent.system, agent.thinking, agent.max_budget_usd, agent.yes_to) == ("Be brief.", 2000, 0.5, ["read"])
    monkeypatch.setattr("keybearer.shell.mcp_toolset.MCPToolset", FakeToolset)
    monkeypatch.setattr(FakeToolset, "notes", [])
    with contextlib.ExitStack() as opened:
        names = [
            each["name"] if isinstance(each, dict) else each.name for each in open_tools(agent, str(tmp_path), opened)
        ]
    assert names == ["look", "web_search", "now", "now"]
    assert FakeToolset.notes == [
        (["mcp-server-time", "--zone", "UTC"], {"name": "clock", "env": {"KEY": "canary"}, "timeout": 60.0}),
        (
            None,
            {
                "url": "https://mcp.example/mcp",
                "name": "work",
                "headers": {"authorization": "Bearer canary"},
                "timeout": 5.0,
            },
        ),
        "ended",
        "ended",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modl: haiku", "unknown field `modl`. Did you mean model?"),
        ("mcp_servers: {a: {comand: x}}", "unknown field `comand` - at `$.mcp_servers[...]`. Did you mean command?"),
        ("effort: most", "Invalid enum value 'most' - at `$.effort`"),
        ("max_turns: 0", "Expected `int` >= 1 - at `$.max_turns`"),
        ("system: ${NOT_SET}", "NOT_SET"),
        ("- a", "Expected `object`, got `array`"),
        ("a: [", "a.yaml:"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    """Nothing is run."""
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_agent(tmp_path / "a.yaml", {})
    assert says in str(caught.value)
    assert str(tmp_path / "a.yaml") in str(caught.value)


def test_only_what_was_named_or_trusted_runs_code(tmp_path: Path) -> None:
    """A path was named; the agent of a configuration that was only found needs trust in it as it is now."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "llm.yaml").write_text("providers: {anthropic: {}}\n")
    scout = tmp_path / "agents" / "scout.yaml"
    scout.write_text("model: {provider: anthropic, model: haiku}\n")
    config = ConfigFiles(str(tmp_path / "llm.yaml"))
    assert found_agent("x/a.yaml", None, named=False) == Path("x/a.yaml")
    assert found_agent("scout", config, named=True) == scout
    with pytest.raises(ConfigError, match="was found here, not named by you, and its agent may run code"):
        found_agent("scout", config, named=False)
    Trusted().add(config)
    assert found_agent("scout", ConfigFiles(str(tmp_path / "llm.yaml")), named=False) == scout
    scout.write_text("tools: [evil.py]\n")
    with pytest.raises(ConfigError, match="Nothing was run"):
        found_agent("scout", ConfigFiles(str(tmp_path / "llm.yaml")), named=False)
    with pytest.raises(ConfigError, match="Did you mean 'scout'"):
        found_agent("scot", config, named=True)
    with pytest.raises(ConfigError, match="no configuration here"):
        found_agent("scout", None, named=False)
