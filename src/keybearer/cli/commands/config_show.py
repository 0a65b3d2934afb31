"""`keybearer config show`: what the configuration says, or what calls go by, each with what sets it; no secret is shown."""

from __future__ import annotations

import argparse
import json
from typing import Any

from keybearer.cli.config_lines import ConfigLine, resolved_lines, written_lines
from keybearer.cli.found import DEFAULT_CONFIG, config_file
from keybearer.cli.options import add_json, add_options
from keybearer.cli.output import complain, say, say_json

__all__ = ["add_arguments", "show"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "--resolved",
        action="store_true",
        help="what calls go by: variables put in, and the environment's values and the defaults too",
    )
    parser.add_argument(
        "--origin", action="store_true", help="what sets each value: a file's line, a variable, a default"
    )
    add_options(parser, "config", "provider", "agent")
    add_json(parser)


def show(args: argparse.Namespace) -> int:
    """Print the configuration.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    files = config_file(args.config)
    if files is None and not args.resolved:
        complain(f"keybearer config show: there is no {DEFAULT_CONFIG}; --resolved shows what calls go by without one.")
        return 1
    if files is not None and not args.resolved:
        from keybearer.config.loader import read_config

        read_config(files)  # one with a mistake is not shown as if it were used
        lines = list(written_lines(files))
    else:
        lines = list(resolved_lines(files, args.provider, args.agent))
    if args.json:
        say_json([each._asdict() for each in lines])
        return 0
    texts = [f"{each.key}: {_shown(each.value)}" for each in lines]
    wide = min(60, max(map(len, texts), default=0))
    for line, text in zip(lines, texts, strict=True):
        say(_with_origin(line, text, wide) if args.origin else text)
    return 0


def _with_origin(line: ConfigLine, text: str, wide: int) -> str:
    return f"{text:{wide}}  # {line.origin}"


def _shown(value: Any) -> str:
    """Return a value as YAML has it, on one line."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return " ".join(value.split())
    return json.dumps(value, ensure_ascii=False)
