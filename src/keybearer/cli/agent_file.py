"""An agent with tools as a file: `keybearer run AGENT.yaml`.

    model: claude-haiku-4-5              # or {provider: ..., model: ..., max_tokens: ...}, as for --agent
    system: You look after the weather.
    tools: [weather.py, my.package:function, web_search]
    mcp_servers:
      clock: {command: mcp-server-time, args: [--local-timezone, Europe/Berlin]}
      work: {url: "https://mcp.example/mcp", headers: {authorization: "Bearer ${WORK_TOKEN}"}}
    yes_to: [read]
    max_turns: 20
    max_budget_usd: 0.50

Contract: the file decides which code runs, so only one that was named is read, or an agent of a configuration that was named or is
trusted as it is now. An unknown key is refused. Variables are put into texts as in `llm.yaml`; no message shows a value.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
import yaml
from msgspec import Meta, Struct

from keybearer.client.from_config import agent_file
from keybearer.config.files import ConfigFiles
from keybearer.config.interpolate import interpolate
from keybearer.config.yaml import MAX_SIZE, compose
from keybearer.errors import ConfigError
from keybearer.errors.nearest import did_you_mean
from keybearer.errors.sanitize import sanitize

__all__ = ["MCPServerEntry", "ModelEntry", "RunnableAgent", "found_agent", "open_tools", "read_agent"]


Positive: TypeAlias = Annotated[int, Meta(ge=1)]


class ModelEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """The model, with the provider that it is asked of."""

    model: str
    provider: str | None = None
    max_tokens: Positive | None = None


class MCPServerEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An MCP server: a command that is started, or a URL; see `keybearer.MCPToolset`."""

    command: str | None = None
    args: list[str] = []
    env: dict[str, str] = {}
    url: str | None = None
    headers: dict[str, str] = {}
    timeout: float = 60.0


class RunnableAgent(Struct, frozen=True, forbid_unknown_fields=True):
    """An agent that can be run.

    Attributes:
        model: The model: an id or an alias, or with its provider.
        system: The system prompt.
        prompt: The task where the command line has none.
        tools: Python functions (`MODULE:NAME`, `FILE.py:NAME` beside the file) and the service's own.
        mcp_servers: MCP servers, by the names that stand before their tools'.
        yes_to: The calls that need no approval.
        thinking: `adaptive`, `disabled`, or a number of tokens.
        effort: The effort, where the model has it.
        max_tokens: The longest reply.
        max_turns: How many replies there may be.
        max_budget_usd: The most that a run may cost, in dollars.
    """

    model: str | ModelEntry | None = None
    system: str | None = None
    prompt: str | None = None
    tools: list[str] = []
    mcp_servers: dict[str, MCPServerEntry] = {}
    yes_to: list[str] = []
    thinking: Literal["adaptive", "disabled"] | Positive | None = None
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    max_tokens: Positive | None = None
    max_turns: Positive | None = None
    max_budget_usd: Annotated[float, Meta(gt=0)] | None = None


Environ: TypeAlias = Mapping[str, str]


def found_agent(name: str, config: ConfigFiles | None, *, named: bool) -> Path:
    """Return an agent's file: a path that was named, or `agents/NAME.yaml` beside the configuration.

    Args:
        name: The path or the name.
        config: The configuration.
        named: Whether the user named it; one that was only found has to be trusted as it is now.

    Raises:
        ConfigError: There is no such agent, or its configuration is not trusted.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name or os.sep in name:
        return Path(name)
    if config is None:
        raise ConfigError(
            f"There is no configuration here whose agent {sanitize(name, 80)!r} could be.",
            hint="Name the agent's file, such as agents/NAME.yaml, or the configuration with --config.",
        )
    path = agent_file(config, name)
    if not named:
        from keybearer.cli.trusted import Trusted

        trusted = Trusted()
        if not trusted.holds(config):
            raise ConfigError(
                f"{os.fspath(config)} was found here, not named by you, and its agent may run code. Nothing was run.",
                file=os.fspath(config),
                hint=trusted.hint.format(os.fspath(config)),
            )
    return path


def read_agent(path: Path, environ: Environ = os.environ) -> RunnableAgent:
    """Read an agent's file.

    Args:
        path: The file.
        environ: What variables in its texts stand for.

    Raises:
        ConfigError: It cannot be read, or says what no agent may.
    """
    files = ConfigFiles(os.fspath(path))
    try:
        data = files.read(path, MAX_SIZE)
    except (OSError, ValueError) as error:
        raise _wrong(path, f"it cannot be read: {getattr(error, 'strerror', None) or error}") from None
    compose(data, os.fspath(path))  # refuses what is no plain YAML, with its line
    try:
        value = _put_in(yaml.safe_load(data) or {}, environ, path.parent, files)
        return msgspec.convert(value, RunnableAgent)
    except (msgspec.ValidationError, ValueError, yaml.YAMLError) as error:
        problem = str(error)
    unknown = _UNKNOWN.search(problem)
    near = did_you_mean(unknown[1], _KEYS).strip() if unknown else ""
    raise _wrong(path, sanitize(problem, 300), near)


_UNKNOWN: Final = re.compile(r"unknown field `(.+?)`")
_KEYS: Final = sorted(
    {*RunnableAgent.__struct_fields__, *MCPServerEntry.__struct_fields__, *ModelEntry.__struct_fields__}
)


def _put_in(value: Any, environ: Environ, folder: Path, files: ConfigFiles) -> Any:
    """Return a value with the variables in its texts put in."""
    if isinstance(value, str):
        return interpolate(value, environ, folder, files)
    if isinstance(value, dict):
        return {name: _put_in(each, environ, folder, files) for name, each in value.items()}
    return [_put_in(each, environ, folder, files) for each in value] if isinstance(value, list) else value


def _wrong(path: Path, problem: str, hint: str = "") -> ConfigError:
    hint = hint or "`keybearer run --help` says what it may have."
    return ConfigError(f"{path}: {problem}.", file=os.fspath(path), hint=hint)


def open_tools(agent: RunnableAgent, folder: str, opened: contextlib.ExitStack) -> list[Any]:
    """Return an agent's tools; its MCP servers are there until the stack is closed.

    Args:
        agent: The agent.
        folder: The folder of its file, which the paths of its tools are relative to.
        opened: Ends the servers.

    Raises:
        UsageError: There is no such tool.
        ConnectionFailed: A server cannot be started or reached.
        TimedOut: One does not answer.
    """
    from keybearer.cli.tooling import load_tools

    tools: list[Any] = load_tools(agent.tools, folder)
    for name, entry in agent.mcp_servers.items():
        from keybearer.shell.mcp_toolset import MCPToolset

        toolset = MCPToolset(
            None if entry.command is None else [entry.command, *entry.args],
            url=entry.url,
            name=name,
            env=entry.env or None,
            headers=entry.headers or None,
            timeout=entry.timeout,
        )
        tools += opened.enter_context(toolset)
    return tools
