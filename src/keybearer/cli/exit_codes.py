"""The exit codes of every command: one table from what an error is to its code.

Contract: `docs/command-line.md` has the same codes in the same order.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from keybearer import errors

if TYPE_CHECKING:
    from keybearer.errors import KeybearerError

__all__ = ["STOPPED", "WHY", "ExitCode", "exit_code"]


class ExitCode(IntEnum):
    """What came of a command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REFUSED_REQUEST = 3
    CREDENTIAL = 4
    NOT_FOUND = 5
    RATE_LIMIT = 6
    QUOTA = 7
    SERVICE = 8
    NETWORK = 9
    CUT_STREAM = 10
    REFUSAL = 11
    MAX_TOKENS = 12
    SPEND_LIMIT = 13
    INTERRUPTED = 130
    BROKEN_PIPE = 141


_BY_ERROR: Final[tuple[tuple[type[KeybearerError], ExitCode], ...]] = (
    (errors.UsageError, ExitCode.USAGE),
    (errors.ConfigError, ExitCode.USAGE),
    (errors.CredentialError, ExitCode.CREDENTIAL),
    (errors.CredentialInvalid, ExitCode.CREDENTIAL),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.RateLimited, ExitCode.RATE_LIMIT),
    (errors.QuotaExceeded, ExitCode.QUOTA),
    (errors.ServerError, ExitCode.SERVICE),
    (errors.CircuitOpen, ExitCode.SERVICE),
    (errors.SpendLimitExceeded, ExitCode.SPEND_LIMIT),
    (errors.UnexpectedResponse, ExitCode.SERVICE),
    (errors.InvalidRequest, ExitCode.REFUSED_REQUEST),
    (errors.StreamError, ExitCode.CUT_STREAM),
    (errors.TransportError, ExitCode.NETWORK),
    (errors.RedisUnavailable, ExitCode.NETWORK),
    (errors.DeadlineExceeded, ExitCode.NETWORK),
    (errors.AnswerRefused, ExitCode.REFUSAL),
    (errors.AnswerCut, ExitCode.MAX_TOKENS),
)
"""The first row that an error is an instance of says its code: what the service said inside a stream comes before the cut."""

STOPPED: Final[dict[str, ExitCode]] = {
    "refusal": ExitCode.REFUSAL,
    "max_tokens": ExitCode.MAX_TOKENS,
    "model_context_window_exceeded": ExitCode.MAX_TOKENS,
    "spend_limit": ExitCode.SPEND_LIMIT,
    "max_turns": ExitCode.FAILED,
    "time_limit": ExitCode.FAILED,
}
"""The stop reasons of an answer that is not all that was asked for."""

WHY: Final = {
    "max_tokens": "it reached --max-tokens",
    "refusal": "the model declined",
    "max_turns": "it reached --max-turns",
    "spend_limit": "what comes next might cost more than --max-budget-usd",
    "time_limit": "its time is over",
    "model_context_window_exceeded": "the model's context window is full",
}
"""The endings of an answer that is not all that was asked for."""


def exit_code(error: KeybearerError) -> ExitCode:
    """Return the exit code of a command that ended with an error."""
    return next((code for cls, code in _BY_ERROR if isinstance(error, cls)), ExitCode.FAILED)
