"""`keybearer auth status`: every source as it is, which one is used, until when, how it stays fresh, and where it goes.

Contract: nothing is sent and nothing is changed; no secret is shown. Exit code 4 when no credential can be used, one that may not go
to the base URL included.
"""

from __future__ import annotations

import argparse
from typing import Any

from keybearer.cli.auth_setup import setup_of
from keybearer.cli.credential_report import report_of
from keybearer.cli.output import say

__all__ = ["add_arguments", "status"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def status(args: argparse.Namespace) -> int:
    """Show the credentials.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    report = _as_text(report_of(setup_of(args)))
    if args.json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        _print(report)
    return 0 if report["chosen"] else 4


def _as_text(value: Any) -> Any:
    """Return a report whose texts every encoding takes: a path may have bytes that are no text."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _as_text(each) for key, each in value.items()}
    return [_as_text(each) for each in value] if isinstance(value, list) else value


def _print(report: dict[str, Any]) -> None:
    chosen = report["chosen"]
    if chosen is None:
        say("No credential can be used.")
        say(report["error"])
    else:
        say(f"Used: {chosen['place']} (mode {chosen['mode']})")
        if chosen["account"]:
            say(f"Account: {chosen['account']}")
        kept = f"; {chosen['freshness']}" if chosen["freshness"] else ""
        say(f"Expires: {chosen['expires_at'] or 'not stated'}{kept}")
        for place in report["shadowed"]:
            say(f"Shadows: {place}")
    say(f"Goes to: {report['base_url']} (set by {report['base_url_source']})")
    say("")
    for source in report["sources"]:
        say(f"  {source['state']:9} {source['mode']:17} {source['place']}")
        if source["message"] and chosen is not None:
            say(f"            {source['message']}")
    for key in report.get("keys", ()):
        end = f", ends in {key['ends_with']}" if key["ends_with"] else ""
        say(f"  {key['state']:9} {key['place']}{end}")
        if key["message"]:
            say(f"            {key['message']}")
    if "keys" in report:
        say("  What the limits of each key leave, a running client knows by its replies.")
