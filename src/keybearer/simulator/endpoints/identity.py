"""The identity provider's HTTP: its key set and discovery document, a platform's endpoint, and its admin pages.

`GET /idp/token` answers as GitHub Actions' address for identity tokens does, so a client's own way to it can be tried.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.admin import read_admin_body
from keybearer.simulator.service.identity_provider import ALGORITHMS, AUDIENCE, ISSUER
from keybearer.simulator.state import State

__all__ = ["ENDPOINTS", "add_rule", "change_keys", "issue_token", "revoke_federated"]

REQUEST_TOKEN: Final = "sim-request-token"  # noqa: S105 - what the runner would have; not a secret


def key_set(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /idp/jwks`."""
    return ServerReply.json(state.identity_provider.key_set())


def discovery(_state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /idp/.well-known/openid-configuration`."""
    return ServerReply.json(
        {
            "issuer": ISSUER,
            "jwks_uri": f"http://{call.headers.get('host', '')}/idp/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(ALGORITHMS),
        }
    )


def github_token(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /idp/token?audience=...`, with which a job asks for its identity token."""
    if call.headers.get("authorization") != f"Bearer {REQUEST_TOKEN}":
        raise ServiceError("authentication_error", f"the bearer token is {REQUEST_TOKEN}", rule="identity")
    token = _issued(state, {"audience": call.query.get("audience", AUDIENCE)})
    return ServerReply.json({"count": len(token), "value": token})


def issue_token(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/identity-token`."""
    return ServerReply.json({"token": _issued(state, read_admin_body(call))})


def change_keys(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/identity-keys`."""
    body = read_admin_body(call)
    try:
        if "revoke" in body:
            state.identity_provider.revoke(None if body["revoke"] == "all" else body["revoke"])
        if "rotate" in body:
            state.identity_provider.rotate(body["rotate"])
    except (ValueError, ImportError) as error:
        raise _refused(error) from None
    return ServerReply.json(state.identity_provider.key_set())


def add_rule(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/federation-rules`."""
    try:
        rule = state.federation.add_rule(read_admin_body(call))
    except ValueError as error:
        raise _refused(error) from None
    return ServerReply.json({"id": rule.id})


def revoke_federated(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/federation-revoke`."""
    state.grants.revoke_minted(read_admin_body(call).get("rule"))
    return ServerReply.json({"ok": True})


def _issued(state: State, fields: dict[str, Any]) -> str:
    try:
        return state.identity_provider.issue(**fields)
    except ImportError as error:
        raise _refused(error) from None


def _refused(error: Exception) -> ServiceError:
    return ServiceError("invalid_request_error", str(error), rule="admin")


ENDPOINTS: Final = (
    ("GET", "/idp/jwks", key_set),
    ("GET", "/idp/.well-known/openid-configuration", discovery),
    ("GET", "/idp/token", github_token),
)
"""Method, path and function of each endpoint; none takes an API key."""
