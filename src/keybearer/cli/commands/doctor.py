"""`keybearer doctor`: why it does not work, from this machine to an answer of the service, in order and with remedies.

Contract: a check is run also where an earlier one failed, if it can be; otherwise it says what it waits for. Nothing is changed. Only
the real call costs anything: one token.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Final

from keybearer.cli.checkup import machine, network, service
from keybearer.cli.checkup.result import CheckResult, Checkup, State
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.notes import with_notes
from keybearer.cli.options import CLIENT, NOTES, add_json, add_options
from keybearer.cli.output import say, say_json
from keybearer.cli.screen import painted, wrapped

__all__ = ["CHECKS", "add_arguments", "run"]

CHECKS: Final[dict[str, Callable[[Checkup], Iterator[CheckResult]]]] = {
    "python": machine.python,
    "packages": machine.packages,
    "configuration": machine.configuration,
    "credentials": machine.credentials,
    "clock": network.clock,
    "dns": network.dns,
    "tls": network.tls,
    "proxy": network.proxy,
    "reachability": network.reachability,
    "call": service.real_call,
    "limits": service.limits,
}
"""The checks, in their order."""

_MARKS: Final[dict[State, tuple[str, str]]] = {
    "ok": ("ok", "green"),
    "warning": ("warning", "yellow"),
    "failed": ("FAILED", "red"),
    "skipped": ("skipped", "dim"),
}
_INDENT: Final = 9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--offline", action="store_true", help="check only what is on this machine; send nothing")
    parser.add_argument("--no-call", action="store_true", help="ask no model: the real call costs one token")
    add_options(parser, *CLIENT, "model", *NOTES)
    add_json(parser)


@with_notes
def run(args: argparse.Namespace) -> int:
    """Run the checks, and print each as it is done.

    Args:
        args: The parsed flags.

    Returns:
        The exit code of the first failure; 0 where nothing failed: a warning is no failure.
    """
    checkup = Checkup(args)
    found: list[tuple[str, CheckResult]] = []
    for name, check in CHECKS.items():
        for finding in check(checkup):
            found.append((name, finding))
            if not args.json:
                _print(name, finding)
    failures = [finding for _, finding in found if finding.state == "failed"]
    code = failures[0].code if failures else ExitCode.OK
    if args.json:
        checks = [
            {"check": name, "state": each.state, "says": each.says, "remedy": each.remedy or None}
            for name, each in found
        ]
        say_json({"ok": not failures, "exit_code": int(code), "checks": checks})
        return code
    warnings = sum(finding.state == "warning" for _, finding in found)
    say("")
    say(f"{_counted(len(failures), 'failure')}, {_counted(warnings, 'warning')}.")
    return code


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"


def _print(name: str, finding: CheckResult) -> None:
    word, colour = _MARKS[finding.state]
    gap = " " * (_INDENT - len(word))
    print(f"{painted(word, colour)}{gap}{wrapped(f'{name}: {finding.says}', _INDENT)}", flush=True)
    if finding.remedy:
        print(f"{' ' * _INDENT}{wrapped(f'-> {finding.remedy}', _INDENT + 3)}", flush=True)
