"""`keybearer run`: an agent with tools, from a file."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keybearer.cli.called import make_client
from keybearer.cli.ending import ending_in_order
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.found import config_file
from keybearer.cli.notes import noted
from keybearer.cli.options import ATTACHING, KEEPING, NOTES, PRINTING, add_options
from keybearer.cli.output import complain

if TYPE_CHECKING:
    from keybearer.cli.agent_file import RunnableAgent

__all__ = ["add_arguments", "run"]

EPILOG: Final = """\
AGENT.yaml may have: model (an id, haiku, sonnet or opus, or a mapping of provider, model and max_tokens), system, prompt,
tools (a list of MODULE:NAME, FILE.py:NAME, web_search, web_fetch, code_execution), mcp_servers (by name: command, args and
env, or url and headers), yes_to (a list of read, all, names of tools), thinking, effort, max_tokens, max_turns,
max_budget_usd. A flag comes before what the file says."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.epilog = EPILOG
    parser.add_argument(
        "agent", metavar="AGENT", help="the agent's file, or the name of one in agents/ beside llm.yaml"
    )
    parser.add_argument(
        "prompt", nargs="?", help="the task; @path names a file; standard input is added below it; - for that alone"
    )
    parser.add_argument("--no-stdin", action="store_true", help="do not read standard input")
    add_options(
        parser, "yes-to", "max-turns", "max-budget-usd", "model", "system-prompt", "thinking", "effort", "cache",
        "max-tokens", *ATTACHING, *KEEPING, *PRINTING, *NOTES, "config", "provider", "base-url",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Run the agent and print its answer.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.cli.agent_file import found_agent, open_tools, read_agent
    from keybearer.cli.asking import read_prompt
    from keybearer.cli.question import Question

    with contextlib.ExitStack() as opened:
        opened.enter_context(ending_in_order())
        notes = opened.enter_context(noted(args))
        config = config_file(args.config)
        variable = os.environ.get("KEYBEARER_CONFIG", "")
        path = found_agent(args.agent, config, named=bool(args.config) or os.path.isabs(variable))  # noqa: PTH117 - any text
        agent = read_agent(path)
        prompt = read_prompt(args) or agent.prompt or ""
        if not prompt and not (args.file or args.image or args.pdf or args.url):
            complain(
                f"keybearer run: there is no task. Try: keybearer run {path} 'what to do', or give the file a prompt."
            )
            return ExitCode.USAGE
        _fill(args, agent)
        client = opened.enter_context(make_client(args))
        tools = open_tools(agent, os.path.abspath(path.parent), opened)  # noqa: PTH100 - a text is due
        return Question(args, client, notes).ask(prompt, lambda before: _options(args, tools, before))


def _fill(args: argparse.Namespace, agent: RunnableAgent) -> None:
    """Put what the file says where no flag says otherwise."""
    from keybearer.cli.agent_file import ModelEntry

    entry = agent.model if isinstance(agent.model, ModelEntry) else ModelEntry(model=agent.model or "")
    said = {
        "model": entry.model or None,
        "provider": entry.provider,
        "max_tokens": entry.max_tokens or agent.max_tokens,
        "system_prompt": agent.system,
        "thinking": agent.thinking,
        "effort": agent.effort,
        "max_turns": agent.max_turns,
        "max_budget_usd": agent.max_budget_usd,
    }
    for name, value in said.items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    args.yes_to = args.yes_to or agent.yes_to
    # What `ask` has as flags of its own.
    args.agent, args.json_schema, args.extract, args.stream = None, None, False, True


def _options(args: argparse.Namespace, tools: list[Any], before: Callable[[], None]) -> dict[str, Any]:
    from keybearer.cli.approvals import Approvals

    limits = {} if args.max_turns is None else {"max_turns": args.max_turns}
    return {"tools": tools, "approve": Approvals(tools, args.yes_to, before), "approve_all": True, **limits}
