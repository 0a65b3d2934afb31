"""What a refresh that failed says: what happened, to which login, and what to do, in words that are true whoever reads them.

Contract: a command ends with its error, and a service goes on; so no error says that anything is tried again by itself.
"""

from __future__ import annotations

import math
from typing import Final

from keybearer.credentials.oauth.token_endpoint import Verdict
from keybearer.credentials.stores.file import Store
from keybearer.errors import CredentialError, LoginRequired, RefreshFailed

__all__ = ["SHORTEST_REST", "again", "failure"]

SHORTEST_REST: Final = 2.0
"""How long a busy endpoint that asks for no rest is left alone by every process, in seconds."""


def failure(verdict: Verdict, store: Store) -> CredentialError:
    """Return the error for a verdict that is no grant."""
    name = store.name
    if verdict.kind == "invalid_grant":
        return LoginRequired(
            f"The login of {name} is over: its refresh token is spent or revoked ({verdict.words}). It is kept as it was.",
            source=name,
            problem="invalid_grant",
            hint=f"Log in again: `{store.codec.login}`.",
        )
    wait = verdict.retry_after or 0.0
    if verdict.kind == "unanswered":
        what, hint = verdict.words, verdict.hint
    elif verdict.kind == "busy":
        what, hint = f"the token endpoint gave {verdict.words}", again(wait or SHORTEST_REST)
    elif verdict.kind == "strange":
        what = f"the token endpoint's answer is none: {verdict.words}"
        hint = "Check auth.token_endpoint, and any proxy in between."
    else:
        what = f"the token endpoint refused: {verdict.words}"
        hint = verdict.hint or "Check auth.token_endpoint and auth.client_id."
    return RefreshFailed(
        f"{name[0].upper()}{name[1:]} was not refreshed: {what}. It is kept as it was.",
        source=name,
        problem=verdict.kind,
        hint=hint,
        retry_after=wait,
        retryable=verdict.retryable,
    )


def again(wait: float) -> str:
    """Say when a refresh that failed may be tried again: by whom does not matter, for a command that says so has ended."""
    return f"It is not asked again for {math.ceil(wait)} s; a call after that tries again."
