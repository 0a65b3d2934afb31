"""`keybearer ask`: one question, one answer."""

from __future__ import annotations

import argparse
import os
import re
import stat
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from keybearer._arguments import count
from keybearer.cli.found import DEFAULT_CONFIG, config_file
from keybearer.cli.options import add_options
from keybearer.cli.output import complain

if TYPE_CHECKING:
    from keybearer.client.sync import Client

__all__ = ["add_arguments", "run"]

DEFAULT_MODEL: Final = "claude-haiku-4-5"
NOTICE_AFTER: Final = 3.0
"""How long to read standard input before a notice is printed, in seconds."""
_HALF: Final = re.compile("[\ud800-\udfff]")
STDIN_LIMIT: Final = 8 << 20
"""The most that is read from standard input, in bytes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "prompt", nargs="?", help="the question; text on standard input is added below it; - for standard input alone"
    )
    parser.add_argument(
        "--no-stdin", action="store_true", help="do not read standard input: for use in a loop that reads it"
    )
    parser.add_argument("--system", help="a system prompt")
    parser.add_argument("--model", help=f"the model (default: the agent's or the provider's, else {DEFAULT_MODEL})")
    parser.add_argument(
        "--max-tokens", type=count, default=None, metavar="N", help="the longest answer (default: 4096)"
    )
    parser.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print the answer as it comes (default)"
    )
    parser.add_argument("--base-url", type=_url, metavar="URL", help="where the API is")
    add_options(parser, "config", "provider", "agent")
    parser.add_argument("--usage", action="store_true", help="print what it cost, on standard error")


def _url(text: str) -> str:
    from keybearer.config.urls import url_problem

    if problem := url_problem(text):
        raise argparse.ArgumentTypeError(f"it {problem}")
    return text


def run(args: argparse.Namespace) -> int:
    """Ask and print the answer.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.cli.exit_codes import ExitCode

    alone = args.prompt == "-"
    if alone and args.no_stdin:
        args.parser.error("argument --no-stdin: not allowed with -, which is standard input")
    prompt = _prompt("" if alone else args.prompt, "" if args.no_stdin else _piped(typed=alone))
    if not prompt:
        complain("keybearer ask: nothing was asked. Try: keybearer ask 'hello'")
        return ExitCode.USAGE
    with make_client(args) as client:
        return _answer(client, prompt, args)


def make_client(args: argparse.Namespace) -> Client:
    """Make the client that the flags describe.

    Args:
        args: Flags with `config`, `provider`, `agent`, `base_url` and `model`.
    """
    from keybearer.client.sync import Client

    options: dict[str, Any] = {}
    if args.base_url:
        options["base_url"] = args.base_url
    if args.model:
        options["model"] = args.model
    config: str | os.PathLike[str] | None = config_file(args.config)
    if flag := "--agent" if args.agent else "--provider" if args.provider else "":
        config = config or DEFAULT_CONFIG
        if not os.path.exists(config):  # noqa: PTH110 - pathlib costs an import here
            from keybearer.errors import UsageError

            raise UsageError(
                f"{flag} needs llm.yaml, and there is no {config}.",
                hint="Name it with --config, or with $KEYBEARER_CONFIG.",
            )
    if config is not None:
        return Client.from_config(config, agent=args.agent, provider=args.provider, **options)
    return Client(**options)


def _prompt(words: str | None, piped: str) -> str:
    return "\n\n".join(part for part in (_text(words or ""), piped.strip()) if part)


def _text(argument: str) -> str:
    """Return an argument as text; undecodable bytes and lone surrogates are replaced."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", argument)


def _piped(*, typed: bool) -> str:
    """Read standard input, if it is a file or a pipe; not a device as /dev/null, or a closed descriptor.

    Args:
        typed: Whether a terminal is read too.
    """
    if sys.stdin is None:
        return ""
    if stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode) and not (typed and sys.stdin.isatty()):
        return ""
    from keybearer.errors import UsageError

    words = "keybearer ask: standard input is read to its end; --no-stdin leaves it unread."
    notice = threading.Timer(NOTICE_AFTER, complain, (words,))
    notice.daemon = True
    notice.start()
    try:
        data = sys.stdin.buffer.read(STDIN_LIMIT + 1)
    finally:
        notice.cancel()
    if len(data) > STDIN_LIMIT:
        raise UsageError(f"Standard input is longer than {STDIN_LIMIT >> 20} MiB.", hint="Send less of it.")
    for encoding in ("utf-8-sig", sys.stdin.encoding):
        try:
            text = data.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
        if _HALF.search(text):
            raise UsageError(
                "Standard input holds half of a character (a lone surrogate), which no request can carry.",
                hint="Save it again as UTF-8 text.",
            )
        return text
    raise UsageError("Standard input is not UTF-8 text.", hint="Convert it first, for example with iconv.")


def _answer(client: Client, prompt: str, args: argparse.Namespace) -> int:
    from keybearer.cli.exit_codes import STOPPED

    params: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
    if args.system:
        params["system"] = _text(args.system)
    if client.max_tokens is None or args.max_tokens is not None:
        params["max_tokens"] = args.max_tokens if args.max_tokens is not None else 4096
    if client.model is None:
        params["model"] = DEFAULT_MODEL
    if args.stream:
        with client.messages.stream(**params) as stream:
            for text in stream.text_stream:
                print(text, end="", flush=True)
            message = stream.get_final_message()
    else:
        message = client.messages.create(**params)
        print(message.text, end="")
    if not message.text.endswith("\n"):
        print()
    if message.stop_reason not in {"end_turn", "stop_sequence"}:
        why = {"max_tokens": "it reached --max-tokens", "refusal": "the model declined"}.get(
            str(message.stop_reason), str(message.stop_reason)
        )
        complain(f"keybearer ask: the answer stopped early: {why}.")
    if args.usage:
        usage = message.usage
        counts = (usage.total_input_tokens, usage.output_tokens)
        read, written = ("?" if each is None else each for each in counts)  # a gateway may not say
        complain(f"{read} tokens in, {written} out, {message.model}")
    return STOPPED.get(str(message.stop_reason), 0)
