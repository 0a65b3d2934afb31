"""What the service says: a real call, and the limits in the headers of its reply."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from keybearer.cli.called import DEFAULT_MODEL, make_client
from keybearer.cli.checkup.result import CheckResult, Checkup, failed, good, skipped, warning
from keybearer.cli.limit_rows import limit_rows
from keybearer.errors import KeybearerError
from keybearer.errors.sanitize import sanitize

if TYPE_CHECKING:
    from keybearer.client.sync import Client

__all__ = ["limits", "real_call", "trial_call"]


def real_call(checkup: Checkup) -> Iterator[CheckResult]:
    """Ask for one token."""
    if checkup.args.offline or checkup.args.no_call:
        yield skipped("--offline: nothing is sent." if checkup.args.offline else "--no-call: no model is asked.")
    elif not checkup.has_credential:
        yield skipped("There is no credential to call with.")
    elif not checkup.answers:
        yield skipped("The API cannot be reached.")
    else:
        try:
            yield _called(checkup)
        except KeybearerError as error:
            yield failed(error, remedy="`keybearer ask hi -v` shows more.")


def _called(checkup: Checkup) -> CheckResult:
    with make_client(checkup.args) as client:
        words = trial_call(client)
        checkup.limits = client.limits.service
    return good(words)


def trial_call(client: Client) -> str:
    """Ask for one token; return what came, in words.

    Raises:
        KeybearerError: The call failed.
    """
    begun = time.monotonic()
    message = client.with_options(max_retries=0).messages.create(
        model=client.model or DEFAULT_MODEL, max_tokens=1, messages=[{"role": "user", "content": "hi"}]
    )
    return f"{sanitize(message.model, 80)} answered in {time.monotonic() - begun:.1f} s; it cost {message.cost}."


def limits(checkup: Checkup) -> Iterator[CheckResult]:
    """Say how much of each limit is used."""
    if checkup.limits is None:
        yield skipped("No reply had any in its headers.")
        return
    rows = limit_rows(checkup.limits, time.time())
    for row in rows:
        if row.used is not None and row.used >= 0.9:
            yield warning(f"{row.name}: {row.words}", "Send less until it resets, or raise it in the Console.")
    if not any(row.used is not None and row.used >= 0.9 for row in rows):
        yield good("; ".join(f"{row.name}: {row.words}" for row in rows) or "None of them is known by name.")
