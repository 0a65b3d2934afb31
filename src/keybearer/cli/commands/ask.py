"""`keybearer ask`: one question, one answer."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from keybearer._arguments import count
from keybearer.cli.called import DEFAULT_MODEL, make_client
from keybearer.cli.options import CLIENT, add_options
from keybearer.cli.output import complain
from keybearer.cli.prompts import as_text, prompt_of

if TYPE_CHECKING:
    from keybearer.client.sync import Client

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "prompt", nargs="?", help="the question; text on standard input is added below it; - for standard input alone"
    )
    parser.add_argument(
        "--no-stdin", action="store_true", help="do not read standard input: for use in a loop that reads it"
    )
    parser.add_argument("--system", help="a system prompt")
    parser.add_argument(
        "--max-tokens", type=count, default=None, metavar="N", help="the longest answer (default: 4096)"
    )
    parser.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="print the answer as it comes (default)"
    )
    add_options(parser, *CLIENT, "model")
    parser.add_argument("--usage", action="store_true", help="print what it cost, on standard error")


def run(args: argparse.Namespace) -> int:
    """Ask and print the answer.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    from keybearer.cli.exit_codes import ExitCode

    prompt = prompt_of(args)
    if not prompt:
        complain("keybearer ask: nothing was asked. Try: keybearer ask 'hello'")
        return ExitCode.USAGE
    with make_client(args) as client:
        return _answer(client, prompt, args)


def _answer(client: Client, prompt: str, args: argparse.Namespace) -> int:
    from keybearer.cli.exit_codes import STOPPED

    params: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
    if args.system:
        params["system"] = as_text(args.system)
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
