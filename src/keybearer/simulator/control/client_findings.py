"""What a client did wrong, as seen from all of its requests.

A pure function of the journal. Two requests are the same if their method, path and body are; a request that repeats a
refused one is a retry. Each check is one small function in the table.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from keybearer.simulator.control.journal import RecordedRequest
from keybearer.simulator.core.scrub import holds_secret

__all__ = ["Finding", "client_findings", "simulator_gaps"]

FINAL: Final = frozenset({400, 401, 402, 403, 404, 413, 501})
"""Statuses after which a retry is pointless."""
STORM_REQUESTS: Final = 10
STORM_SECONDS: Final = 1.0
EARLY_SECONDS: Final = 0.05  # how much a clock may be off

Requests = list[RecordedRequest]


class Finding(NamedTuple):
    """One thing that a client did wrong."""

    kind: str
    message: str
    request_ids: list[str]


def _retries(journal: Requests) -> Iterator[tuple[RecordedRequest, RecordedRequest]]:
    """Yield every refused request together with its retry."""
    same: dict[str, Requests] = defaultdict(list)
    for entry in journal:
        same[entry.fingerprint].append(entry)
    for entries in same.values():
        for before, after in itertools.pairwise(entries):
            if before.error is not None and before.path.startswith("/v1/"):
                yield before, after


def _retry_after(journal: Requests) -> Iterator[Finding]:
    """A retry came earlier than `retry-after` allowed."""
    for before, after in _retries(journal):
        asked = before.note.get("retry_after")
        waited = after.at - (before.at + before.seconds)
        if asked is not None and waited < asked - EARLY_SECONDS:
            message = f"asked to wait {asked:g} s, came back after {waited:.2f} s"
            yield Finding("retry-after-ignored", message, [before.request_id, after.request_id])


def _pointless(journal: Requests) -> Iterator[Finding]:
    """A retry followed a refusal that a retry cannot change."""
    for before, after in _retries(journal):
        hint = before.note.get("should_retry")
        if hint == "false" or (before.status in FINAL and hint != "true"):
            message = f"repeated a request that got {before.status} {before.error}"
            yield Finding("retried-in-vain", message, [before.request_id, after.request_id])


def _storm(journal: Requests) -> Iterator[Finding]:
    """A refused request was repeated many times within a second."""
    refused: dict[str, Requests] = defaultdict(list)
    for entry in journal:
        if entry.error is not None:
            refused[entry.fingerprint].append(entry)
    for entries in refused.values():
        for start in range(len(entries) - STORM_REQUESTS + 1):
            window = entries[start : start + STORM_REQUESTS]
            if window[-1].at - window[0].at <= STORM_SECONDS:
                message = f"sent one refused request {len(entries)} times"
                yield Finding("storm", message, [entry.request_id for entry in entries])
                break


def _misplaced(journal: Requests) -> Iterator[Finding]:
    """A credential was sent where it does not belong."""
    for entry in journal:
        shown = {name: entry.headers.get(name, "") for name in ("x-api-key", "authorization")}
        for name, kind in shown.items():
            if "real-looking" in kind:
                yield Finding("real-credential", f"sent a {kind.strip('[]')} in {name}", [entry.request_id])
        if entry.path.startswith("/v1/oauth/") and (any(shown.values())):
            message = "sent an API credential to the token endpoint"
            yield Finding("misplaced-credential", message, [entry.request_id])
        if all(shown.values()):
            yield Finding("two-credentials", "sent an API key and a bearer token together", [entry.request_id])
        if any(holds_secret(value) or "sk-ant-" in value for value in (*entry.query.values(), entry.path)):
            yield Finding("credential-in-url", "put a credential into a URL", [entry.request_id])
        if entry.note.get("secret_in_body"):
            yield Finding("credential-in-body", "put a credential into a body", [entry.request_id])


def _spent(journal: Requests) -> Iterator[Finding]:
    """A refresh token was used again after it had been rotated."""
    for entry in journal:
        if entry.note.get("refresh_reused"):
            yield Finding("refresh-token-reused", "spent a refresh token that had been rotated", [entry.request_id])


CHECKS: Final[tuple[Callable[[Requests], Iterator[Finding]], ...]] = (
    _retry_after,
    _pointless,
    _storm,
    _misplaced,
    _spent,
)


def client_findings(journal: Requests) -> list[Finding]:
    """List what a client did wrong.

    Args:
        journal: Its requests, oldest first.

    Returns:
        The findings; empty if it did nothing wrong.
    """
    return [finding for check in CHECKS for finding in check(journal)]


def simulator_gaps(journal: Requests) -> list[Finding]:
    """List what the simulator accepted and did not know: its own gaps, never a finding about the client.

    Args:
        journal: The client's requests, oldest first.

    Returns:
        One entry for each gap, with the requests that met it.
    """
    met: dict[str, list[str]] = defaultdict(list)
    for entry in journal:
        for gap in entry.notes:
            met[gap].append(entry.request_id)
    return [Finding("simulator-gap", gap, request_ids) for gap, request_ids in met.items()]
