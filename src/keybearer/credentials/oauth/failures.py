"""The errors of a failed refresh: what happened, to which login, and what to do.

Contract: no message says that anything is retried automatically. A service may retry, but a command ends with its error.
"""

from __future__ import annotations

import math
from typing import Final

from keybearer.credentials.oauth.token_endpoint import Verdict
from keybearer.credentials.stores.protocol import Store
from keybearer.errors import CredentialError, LoginRequired, RefreshFailed

__all__ = ["MIN_BACKOFF", "failure", "retry_advice"]

MIN_BACKOFF: Final = 2.0
"""How long every process waits after a 429 or 5xx without a Retry-After, in seconds."""


def failure(verdict: Verdict, store: Store) -> CredentialError:
    """Return the error for a verdict without a grant."""
    name = store.name
    if verdict.outcome == "invalid_grant":
        return LoginRequired(
            f"The login of {name} is over: its refresh token is spent or revoked ({verdict.words}). It is kept as it was.",
            source=name,
            problem="invalid_grant",
            hint=f"Log in again: `{store.codec.login}`.",
        )
    wait = verdict.retry_after or 0.0
    if verdict.outcome == "unanswered":
        what, hint = verdict.words, verdict.hint
    elif verdict.outcome == "busy":
        what, hint = f"the token endpoint answered {verdict.words}", retry_advice(wait or MIN_BACKOFF)
    elif verdict.outcome == "strange":
        what = f"the token endpoint gave no usable answer: {verdict.words}"
        hint = "Check auth.token_endpoint, and any proxy in between."
    else:
        what = f"the token endpoint refused: {verdict.words}"
        hint = verdict.hint or "Check auth.token_endpoint and auth.client_id."
    return RefreshFailed(
        f"{name[0].upper()}{name[1:]} was not refreshed: {what}. It is kept as it was.",
        source=name,
        problem=verdict.outcome,
        hint=hint,
        retry_after=wait,
        retryable=verdict.retryable,
    )


def retry_advice(wait: float) -> str:
    """Return a hint that says when a failed refresh may be tried again.

    Args:
        wait: How long until then, in seconds.
    """
    return f"It is not asked again for {math.ceil(wait)} s; a call after that tries again."
