"""A question as flags describe it: the conversation that it goes on with, its settings and what goes with it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from keybearer.cli.called import DEFAULT_MODEL
from keybearer.cli.prompts import as_text, decoded, prompt_of, read_file
from keybearer.conversation.conversation import Conversation
from keybearer.errors import UsageError

if TYPE_CHECKING:
    from keybearer.cli.kept import KeptConversation
    from keybearer.cli.notes import SideNotes
    from keybearer.client.sync import Client

__all__ = [
    "DEFAULT_TOKENS",
    "answer_format",
    "opened",
    "read_prompt",
    "run_options",
    "settings",
    "spend_limit",
    "user_content",
]

DEFAULT_TOKENS = 4096
"""How long an answer may be where nothing says, in tokens; a budget for thinking comes on top."""


def opened(args: argparse.Namespace) -> KeptConversation:
    """Return the conversation that a command goes on with, or one that begins.

    Args:
        args: The flags of `keybearer.cli.options.KEEPING`.

    Raises:
        UsageError: There is none to go on with.
        ConversationError: It cannot be read.
    """
    from keybearer.cli.kept import find, latest, started

    if getattr(args, "continue") and args.resume is not None:
        args.parser.error("argument -r/--resume: not allowed with argument -c/--continue")
    if args.resume is not None:
        return find(args.resume)
    return latest() if getattr(args, "continue") else started(Conversation())


def read_prompt(args: argparse.Namespace) -> str:
    """Return the text of a question: its words, and what is on standard input where no flag takes that.

    Args:
        args: The flags of a command that asks one question.

    Raises:
        UsageError: Standard input is too long, or is no text.
    """
    if "-" in args.file:
        if args.prompt == "-":
            args.parser.error("argument -f/--file: - is standard input, which - asks already")
        args.no_stdin = True
    if args.include_partial_messages and args.output_format != "stream-json":
        args.parser.error("argument --include-partial-messages: it is for --output-format stream-json")
    return prompt_of(args)


def settings(args: argparse.Namespace, client: Client, talk: Conversation, notes: SideNotes) -> Conversation:
    """Return a conversation with the settings of the flags; what they leave out stays as it was.

    Args:
        args: The flags of `keybearer.cli.options.ASKING`.
        client: Knows the configuration's model, and the account's models.
        talk: The conversation.
        notes: Says what an alias stands for.

    Raises:
        NotFound: There is no model of an alias.
    """
    held = talk.defaults
    changed: dict[str, Any] = {}
    changed["model"] = args.model or held.get("model") or client.model or DEFAULT_MODEL
    if args.model:
        from keybearer.cli.aliases import full_model

        changed["model"] = full_model(client, args.model, quiet=notes.quiet)
    if args.system_prompt is not None:
        changed["system"] = as_text(args.system_prompt) or None
    budget = 0
    if isinstance(args.thinking, int):
        changed["thinking"] = {"type": "enabled", "budget_tokens": args.thinking}
        budget = args.thinking
    elif args.thinking is not None:
        changed["thinking"] = {"type": args.thinking}
    if args.effort is not None:
        changed["output_config"] = {**(held.get("output_config") or {}), "effort": args.effort}
    if args.cache:
        changed["cache"] = "auto"
    if args.max_tokens is not None:
        changed["max_tokens"] = args.max_tokens
    elif budget or held.get("max_tokens") is None:
        changed["max_tokens"] = (client.max_tokens or DEFAULT_TOKENS) + budget
    return talk.replace(**changed)


def user_content(args: argparse.Namespace, prompt: str, notes: SideNotes, *, words: str = "") -> list[Any]:
    """Return the content of a question: what goes with it, then its text.

    Args:
        args: The flags of `keybearer.cli.options.ATTACHING`.
        prompt: The text.
        notes: Says which `@path` names no file.
        words: Its part that a person wrote, which may name files by `@path`.

    Raises:
        OSError: A file cannot be read.
        KeybearerError: A file is none that a question can have.
    """
    blocks: list[Any] = []
    if args.file or args.image or args.pdf or args.url or "@" in words:
        from keybearer.cli.attached import attachments, mentioned

        found, missing = mentioned(words)
        for path in missing:
            notes.note(f"@{path} is no file here; it is asked as it is written.")
        blocks = attachments([*_named(args), *found], args.image, args.pdf, args.url)
        if "-" in args.file:
            blocks.insert(0, _standard_input(args))
    return [*blocks, prompt] if prompt else blocks


def _named(args: argparse.Namespace) -> list[str]:
    return [path for path in args.file if path != "-"]


def _standard_input(args: argparse.Namespace) -> Any:
    from keybearer.cli.attached import LIMIT as MOST
    from keybearer.cli.attached import attach_bytes
    from keybearer.cli.prompts import read_stdin

    return attach_bytes(read_stdin(args.command, typed=True, most=MOST), "standard input")


def spend_limit(args: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters of a call that `--max-budget-usd` limits; none without it.

    Args:
        args: `max_budget_usd` of `keybearer.cli.options.ASKING`.
    """
    if args.max_budget_usd is None:
        return {}
    from keybearer.cli.terminal import is_terminal
    from keybearer.shell.spend_limit import SpendLimit

    # A run asks whether the limit may be raised as it asks for a tool's call; without a terminal nobody could answer.
    return {"spend_limit": SpendLimit(usd=args.max_budget_usd, may_be_raised=is_terminal(sys.stdin))}


def run_options(args: argparse.Namespace, before: Callable[[], None]) -> dict[str, Any]:
    """Return the options of a run with the tools that are named; none where there are none.

    Args:
        args: `tools`, `yes_to` and `max_turns` of `keybearer.cli.options.ASKING`.
        before: Called before somebody is asked to allow a call.

    Raises:
        UsageError: There is no such tool.
    """
    if not args.tools:
        if args.yes_to:
            args.parser.error("argument --yes-to: there are no tools; name them with --tools")
        return {}
    from keybearer.cli.approvals import Approvals
    from keybearer.cli.tooling import load_tools

    tools = load_tools(args.tools)
    approvals = Approvals(tools, args.yes_to, before)
    limits = {} if args.max_turns is None else {"max_turns": args.max_turns}
    return {"tools": tools, "approve": approvals, "approve_all": True, **limits}


def answer_format(text: str, talk: Conversation, notes: SideNotes) -> dict[str, Any]:
    """Return the parameters of an answer that fits a schema.

    Args:
        text: The schema as JSON, or the path of a file of it.
        talk: The conversation, whose effort stays.
        notes: Says what of the schema the service does not hold the answer to.

    Raises:
        UsageError: It is no schema that the service compiles.
        OSError: The file cannot be read.
    """
    from keybearer.schema.adapt import adapt

    adapted = adapt(_schema(text), close=True)
    for path, keyword, _ in adapted.dropped:
        notes.note(f"the service does not check {keyword} of {path or 'the schema'}: the model reads it, no more.")
    config = talk.defaults.get("output_config") or {}
    return {"output_config": {**config, "format": {"type": "json_schema", "schema": adapted.schema}}}


def _schema(text: str) -> dict[str, Any]:
    what = "--json-schema"
    if not text.lstrip().startswith("{"):
        what = text.removeprefix("@")
        text = decoded(read_file(os.path.expanduser(what)), what)  # noqa: PTH111 - pathlib costs an import here
    try:
        schema = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{what}: it is not JSON: {error}.") from None
    if not isinstance(schema, dict):
        raise UsageError(f"{what}: it is not a JSON object.", hint='A schema is {"type": "object", ...}.')
    return schema
