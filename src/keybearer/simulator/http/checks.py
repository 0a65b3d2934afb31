"""What is checked of a request before its endpoint runs: the body's size and encoding, the Host header, the caller, the version."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.request import Caller, ServedCall
from keybearer.simulator.endpoints import admin
from keybearer.simulator.http.asgi import Scope
from keybearer.simulator.http.intake import SMALL_BYTES, Outcome
from keybearer.simulator.http.routes import Access
from keybearer.simulator.service.auth import authenticate
from keybearer.simulator.state import State

__all__ = ["check_arrival", "check_encoding", "check_host", "check_version", "header_map", "identify", "is_known"]

VERSIONS: Final = ("2023-06-01", "2026-10-21")

CLOSE: Final = {"connection": "close"}
ARRIVALS: Final[dict[Outcome, ServiceError]] = {
    "too_large": ServiceError("request_too_large", "Request exceeds the maximum size", rule="request-size"),
    "stranger": ServiceError(
        "request_too_large", f"Without a key the body is at most {SMALL_BYTES:,} bytes", rule="request-size"
    ),
    "full": ServiceError(
        "overloaded_error",
        "The simulator has no memory left for this body beside those that are still arriving",
        headers=CLOSE,
        rule="request-memory",
    ),
    "late": ServiceError(
        "invalid_request_error",
        "The request body stopped arriving before its end",
        status=408,
        headers=CLOSE,
        rule="request-time",
    ),
}
"""The refusals of bodies that did not arrive whole. A stranger is refused for the missing key first, where one is needed."""


def check_arrival(outcome: Outcome) -> None:
    """Refuse a body that was not kept whole.

    Raises:
        ServiceError: 408, 413 or 529.
    """
    if outcome in ARRIVALS:
        known = ARRIVALS[outcome]
        raise ServiceError(known.type, known.message, status=known.status, headers=known.headers, rule=known.rule)


def check_encoding(call: ServedCall) -> None:
    """Refuse a compressed body.

    No page of the API says that it unpacks one, and no official client sends one: what was unpacked here might fail there.

    Raises:
        ServiceError: 400.
    """
    encoding = call.headers.get("content-encoding", "identity").strip().lower()
    if call.body and encoding not in {"identity", ""}:
        raise ServiceError(
            "invalid_request_error",
            f"content-encoding: {encoding[:40]!r} is not supported, send the body uncompressed",
            rule="request-encoding",
        )


def check_version(call: ServedCall) -> None:
    """Refuse a request without a version of the API.

    Raises:
        ServiceError: 400.
    """
    if not call.version:
        raise ServiceError("invalid_request_error", "anthropic-version: header is required", rule="version")
    if call.version not in VERSIONS:
        raise ServiceError(
            "invalid_request_error", f'anthropic-version: "{call.version}" is not a valid version', rule="version"
        )


@lru_cache(maxsize=64)
def _is_local(host: str) -> bool:
    """Return whether a Host header names this machine."""
    name = host.rsplit(":", 1)[0].strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def check_host(state: State, call: ServedCall, access: Access) -> None:
    """Refuse a request for another host name, as a page in a browser sends after DNS rebinding.

    On a host that is not loopback the key is a secret, so this check is not needed; but nobody can log in there.

    Raises:
        ServiceError: 403.
    """
    if access == "login" and not state.options.is_loopback:
        raise ServiceError("permission_error", "The OAuth pages are served on loopback only", rule="host")
    if state.options.is_loopback and not _is_local(call.headers.get("host", "")):
        raise ServiceError("permission_error", "The Host header does not name this simulator", rule="host")


def identify(state: State, call: ServedCall) -> Caller:
    """Return who sends a request to an endpoint of the API.

    Raises:
        ServiceError: 401 or 403.
    """
    return authenticate(call, state.grants.check, state.required_key)


def header_map(scope: Scope) -> dict[str, str]:
    """Read ASGI's headers: names in lower case to values."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def is_known(state: State, path: str, headers: Mapping[str, str], access: Access) -> bool:
    """Return whether the head of a request shows a caller that may send a large body."""
    call = ServedCall(method="POST", path=path, query={}, headers=headers, body=b"", request_id="")
    try:
        check_host(state, call, access)
        if access == "admin":
            admin.check_admin(state, call)
        elif access == "key":
            identify(state, call)
        else:
            return False
    except ServiceError:
        return False
    return True
