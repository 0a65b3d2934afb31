"""Authentication: the keys that are accepted, the keys that should not be here, and the service's words for each refusal.

Any key that starts with `sk-ant-sim-` is accepted, as `x-api-key` or as a bearer token; `x-api-key` wins over a bearer
token. An OAuth access token must be one that this simulator issued, a setup token starts with `sk-ant-oat01-sim-`;
both need the beta tag. A key that looks real is refused and never kept: a test has been pointed here by mistake.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import Caller, ServedCall

__all__ = ["API_KEY", "OAUTH_BETA", "OUR_KEY", "authenticate", "credential_kind"]

API_KEY: Final = "sk-ant-sim-00000000000000000000"
"""The key that the simulator prints; any other with the same prefix works too."""
OUR_KEY: Final = "sk-ant-sim-"
OUR_SETUP_TOKEN: Final = "sk-ant-oat01-sim-"  # noqa: S105  # a prefix, not a secret
ACCESS_TOKEN: Final = "sk-ant-oat01-"  # noqa: S105  # see above
OAUTH_BETA: Final = "oauth-2025-04-20"
KINDS: Final = (
    (OUR_KEY, "simulator key"),
    (OUR_SETUP_TOKEN, "simulator setup token"),
    ("sk-ant-api", "real-looking API key"),
    ("sk-ant-admin", "real-looking admin key"),
    (ACCESS_TOKEN, "OAuth token"),
    ("sk-ant-ort01-", "OAuth refresh token"),
)
"""Prefixes of keys to their names in the journal."""
REAL: Final = tuple(beginning for beginning, name in KINDS if name.startswith("real-looking"))


def credential_kind(key: str) -> str:
    """Name a key's kind without keeping the key."""
    for beginning, name in KINDS:
        if key.startswith(beginning):
            return name
    return "unknown key"


@lru_cache(maxsize=256)
def _organization(key: str) -> str:
    return "org_" + hashlib.sha256(key.encode()).hexdigest()[:16]


def _refuse_real(key: str) -> None:
    if key.startswith(REAL):
        raise ServiceError(
            "authentication_error",
            "This is the keybearer simulator, and the key looks real. It was not kept, and no request of yours "
            f"reached Anthropic. Use a key that starts with {OUR_KEY}.",
        )


def authenticate(call: ServedCall, check_token: Callable[[str], str | None], required_key: str | None = None) -> Caller:
    """Identify the caller.

    Args:
        call: The request.
        check_token: Returns the account of an OAuth access token, or None when this simulator did not issue it. Raises
            `ServiceError` for one that has expired or was revoked.
        required_key: The only credential that is accepted, on a host that others can reach; None for any of ours.

    Returns:
        The caller.

    Raises:
        ServiceError: 401 or 403, in the service's words.
    """
    key = call.headers.get("x-api-key", "")
    scheme, _, bearer = call.headers.get("authorization", "").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    _refuse_real(key)
    _refuse_real(bearer)
    if required_key is not None and not hmac.compare_digest((key or bearer).encode(), required_key.encode()):
        raise ServiceError("authentication_error", "invalid x-api-key")
    if key or bearer.startswith(OUR_KEY):
        if not (key or bearer).startswith(OUR_KEY):
            raise ServiceError("authentication_error", "invalid x-api-key")
        return Caller("api_key", _organization(key or bearer))
    if not bearer:
        raise ServiceError("authentication_error", "x-api-key header is required")
    account = None if bearer.startswith(OUR_SETUP_TOKEN) else check_token(bearer)
    if account is None and not bearer.startswith(OUR_SETUP_TOKEN):
        if bearer.startswith(ACCESS_TOKEN):
            raise ServiceError(
                "authentication_error",
                "This is the keybearer simulator, and it did not issue this OAuth token. Log in here, or use a setup "
                f"token that starts with {OUR_SETUP_TOKEN}.",
            )
        raise ServiceError("authentication_error", "Invalid bearer token")
    if OAUTH_BETA not in call.betas:
        raise ServiceError("authentication_error", "OAuth authentication is currently not supported.")
    if account is None:
        return Caller("setup_token", _organization(bearer))
    return Caller("oauth", _organization(account))
