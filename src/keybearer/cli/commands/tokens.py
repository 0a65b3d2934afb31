"""`keybearer tokens`: the service counts a prompt's tokens, which is free and reaches no model."""

from __future__ import annotations

import argparse
from typing import Any

from keybearer.cli.aliases import full_model
from keybearer.cli.called import DEFAULT_MODEL, make_client
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, add_json, add_options
from keybearer.cli.output import complain, say, say_json
from keybearer.cli.prompts import as_text, decoded, prompt_of, read_file

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("prompt", nargs="?", help="the text; standard input is added below it; - for that alone")
    parser.add_argument("-f", "--file", metavar="FILE", help="a text file, counted in place of standard input")
    add_options(parser, "system-prompt", "model", *NOTES, *CLIENT)
    add_json(parser)


@with_notes
def run(args: argparse.Namespace) -> int:
    """Count and print the number.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    if args.file is not None and args.prompt == "-":
        args.parser.error("argument -f/--file: not allowed with -, which is standard input")
    args.no_stdin = args.file is not None
    parts = [prompt_of(args), "" if args.file is None else decoded(read_file(args.file), args.file).strip()]
    prompt = "\n\n".join(part for part in parts if part)
    if not prompt:
        complain("keybearer tokens: there is nothing to count. Try: keybearer tokens -f README.md")
        return ExitCode.USAGE
    with make_client(args) as client:
        params: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
        if args.system_prompt:
            params["system"] = as_text(args.system_prompt)
        model = full_model(client, client.model or DEFAULT_MODEL)
        counted = client.messages.count_tokens(model=model, **params).input_tokens
    if args.json:
        say_json({"input_tokens": counted, "model": model})
    else:
        say(str(counted))
    return ExitCode.OK
