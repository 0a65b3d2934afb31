"""What a check of `keybearer doctor` found, and what the checks share.

Contract: no finding holds a secret. A check that fails says what to do about it.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from keybearer.cli.exit_codes import ExitCode, exit_code

if TYPE_CHECKING:
    from keybearer.cli.auth_setup import Setup
    from keybearer.cli.checkup.route import APIRoute
    from keybearer.errors import KeybearerError
    from keybearer.types.rate_limits import RateLimits

__all__ = ["CheckResult", "Checkup", "State", "failed", "good", "skipped", "warning"]

State = Literal["ok", "warning", "failed", "skipped"]


class CheckResult(NamedTuple):
    """What a check found.

    Attributes:
        state: What came of it.
        says: What was found, a sentence.
        remedy: What to do about it; empty where nothing is to be done.
        code: The exit code of the command, if this is the first failure.
    """

    state: State
    says: str
    remedy: str = ""
    code: ExitCode = ExitCode.OK


@dataclass
class Checkup:
    """What the checks share: the flags, and what earlier checks found out.

    Attributes:
        args: The parsed flags.
        setup: The result of the configuration; None where it cannot be used.
        route: The way to the API; None without a configuration.
        has_credential: Whether there is a credential to call with.
        answers: Whether the API answers.
        limits: The rate limits in the headers of the real call's reply.
    """

    args: argparse.Namespace
    setup: Setup | None = None
    route: APIRoute | None = None
    has_credential: bool = False
    answers: bool = False
    limits: RateLimits | None = field(default=None)


def good(says: str) -> CheckResult:
    """Return what is right."""
    return CheckResult("ok", says)


def warning(says: str, remedy: str) -> CheckResult:
    """Return what works, and may not go on to."""
    return CheckResult("warning", says, remedy)


def skipped(why: str) -> CheckResult:
    """Return why a check was not made."""
    return CheckResult("skipped", why)


def failed(error: KeybearerError, *, remedy: str = "") -> CheckResult:
    """Return an error as a finding.

    Args:
        error: The error.
        remedy: What to do, where the error does not say.
    """
    return CheckResult("failed", error.message, error.hint or remedy, exit_code(error))
