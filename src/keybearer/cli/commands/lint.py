"""`keybearer lint`: the mistakes in a request that is a file, each with its place, before anything is sent or paid."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.options import add_json
from keybearer.cli.output import complain, say, say_json
from keybearer.cli.prompts import read_text
from keybearer.errors import UsageError
from keybearer.wire.request.headers import API_VERSION
from keybearer.wire.request.lint import lint
from keybearer.wire.request.turns import Problem

if TYPE_CHECKING:
    from keybearer.prices import Estimate

__all__ = ["add_arguments", "run"]

LIMIT: Final = 32 << 20
"""The most that a request may have, in bytes. Source: https://docs.claude.com/en/api/overview#request-size-limits."""

NEEDED: Final = {
    "model": "Name one: `keybearer models list` has them.",
    "max_tokens": "Give the longest answer, in tokens.",
    "messages": "Give at least one user turn.",
}
"""The parameters that every body has, and what to do where one is missing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("file", help="the body of POST /v1/messages as JSON; - for standard input")
    parser.add_argument(
        "--beta", action="append", default=[], metavar="TAG", help="a beta tag that it is sent with (may be repeated)"
    )
    parser.add_argument(
        "--api-version", default=API_VERSION, metavar="DATE", help=f"the anthropic-version (default: {API_VERSION})"
    )
    parser.add_argument(
        "--fix", action="store_true", help="mend what has one mend, in the file; of standard input, print it mended"
    )
    parser.add_argument(
        "--cost",
        action="store_true",
        help="say its tokens and dollars too: a guess on the long side, by the public prices",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the problems.

    Args:
        args: The parsed flags.

    Returns:
        3 when the service is sure to refuse the request, else 0: advice alone is no failure.
    """
    body, text = _body(args)
    if args.fix:
        body = _fixed(body, text, args)
    missing = [Problem(name, "it is missing", fix) for name, fix in NEEDED.items() if name not in body]
    problems = [*missing, *lint(body, api_version=args.api_version, betas=tuple(args.beta))]
    report = complain if args.fix and args.file == "-" else say  # the mended request is the answer then
    estimate = _estimate(body) if args.cost else None
    if args.json:
        plain = [problem._asdict() for problem in problems]
        said = {"problems": plain, "estimate": None if estimate is None else estimate.to_dict()}
        say_json(said if args.cost else plain)
    else:
        for where, what, fix, sure in problems:
            report(f"{args.file}: {where}: {'' if sure else 'advice: '}{what}. {fix}")
        if args.cost:
            report(f"{args.file}: {estimate or 'what it costs is not known before its problems are mended'}.")
    return ExitCode.REFUSED_REQUEST if any(problem.sure for problem in problems) else ExitCode.OK


def _estimate(body: Mapping[str, Any]) -> Estimate | None:
    from keybearer.conversation.estimate import (
        estimate_request,
    )  # the prices and their table are loaded for whoever asks

    return estimate_request(body)


def _fixed(body: dict[str, Any], text: str, args: argparse.Namespace) -> dict[str, Any]:
    """Mend a request, write it where it came from, and say each change on standard error."""
    from keybearer.cli.lint_fixes import fixed

    new, changes = fixed(body, args.api_version)
    for where, what in changes:
        complain(f"{args.file}: {where}: {what}.")
    if args.file == "-":
        print(_as_json(new, text), end="")
    elif changes:
        from keybearer.shell.targets import writing

        mode = os.stat(args.file).st_mode & 0o777  # noqa: PTH116 - pathlib costs an import here
        with writing(args.file) as file:
            file.write(_as_json(new, text).encode())
        os.chmod(args.file, mode)  # noqa: PTH101 - as above
    return new


def _as_json(body: dict[str, Any], text: str) -> str:
    """Return a request as JSON, indented as a text is."""
    found = re.match(r"\{\s*?\n([ \t]+)", text)
    return json.dumps(body, indent=found[1] if found else None, ensure_ascii=False) + "\n"


def _body(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Read the request; return it with its text.

    Raises:
        UsageError: It is no JSON object.
        OSError: It cannot be read.
    """
    name = "Standard input" if args.file == "-" else args.file
    try:
        text = read_text(args, LIMIT)
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}:{error.colno}: it is not JSON: {error.msg}.") from None
    except RecursionError:
        raise UsageError(f"{name}: it is nested too deeply to be read.") from None
    if not isinstance(body, dict):
        raise UsageError(f"{name}: it is not a JSON object.", hint='A request is {"model": ..., "messages": [...]}.')
    return body, text
