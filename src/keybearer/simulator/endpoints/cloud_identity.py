"""Google's and Entra's HTTP for tokens: token endpoints, key sets, introspection, revocation and a managed identity.

The paths are the clouds' own, below `/idp/google` and `/idp/entra`, so that the clouds' own libraries can be pointed here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import parse_qsl

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply, encode
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.admin import read_admin_body
from keybearer.simulator.service.cloud_tokens import ACCOUNT, AUDIENCES, CloudTokenRefused
from keybearer.simulator.state import State

__all__ = ["CLIENT_SECRET", "ENDPOINTS", "change_cloud_keys", "cloud_token"]

CLIENT_SECRET: Final = "sim-client-secret"  # noqa: S105 - a fake that everybody may know
ASSERTION: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SECONDS: Final = 3600

Endpoint = Callable[[State, ServedCall], ServerReply]


def _form(call: ServedCall) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode(errors="replace")))


def _granted(token: str) -> ServerReply:
    return ServerReply.json({"access_token": token, "expires_in": SECONDS, "token_type": "Bearer"})


def _refused(code: str, words: str, status: int = 400) -> ServerReply:
    return ServerReply(encode({"error": code, "error_description": words}), status=status)


def _in_words(answer: Endpoint) -> Endpoint:
    @wraps(answer)
    def answered(state: State, call: ServedCall) -> ServerReply:
        try:
            return answer(state, call)
        except CloudTokenRefused as refused:
            return _refused("invalid_grant", str(refused))
        except ImportError as missing:
            return _refused("unsupported", str(missing), 501)

    return answered


@_in_words
def google_token(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /idp/google/token`: a service account's assertion, exchanged for an access token."""
    form = _form(call)
    if form.get("grant_type") != ASSERTION:
        return _refused("unsupported_grant_type", f"grant_type is {ASSERTION}")
    return _granted(state.cloud_tokens.exchange(form.get("assertion", "")))


@_in_words
def google_introspect(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /idp/google/tokeninfo`: whose an access token is, and for how long it is good."""
    try:
        email, left = state.cloud_tokens.introspect(_form(call).get("access_token", ""))
    except CloudTokenRefused as refused:
        return _refused("invalid_token", str(refused))
    return ServerReply.json({"email": email, "expires_in": int(left)})


def google_revoke(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /idp/google/revoke`."""
    state.cloud_tokens.revoke(_form(call).get("token", ""))
    return ServerReply.json({})


@_in_words
def google_keys(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /idp/google/certs/{account}`: the published keys of a service account."""
    return ServerReply.json(state.cloud_tokens.account(call.path_params["account"]).key_set())


def entra_keys(state: State, _call: ServedCall) -> ServerReply:
    """Answer `GET /idp/entra/{tenant}/discovery/v2.0/keys`."""
    return ServerReply.json(state.cloud_tokens.entra.key_set())


@_in_words
def entra_token(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /idp/entra/{tenant}/oauth2/v2.0/token`: an application's secret, exchanged for an access token."""
    form = _form(call)
    if form.get("client_secret") != CLIENT_SECRET:
        return _refused("invalid_client", f"AADSTS7000215: the client secret is {CLIENT_SECRET}", 401)
    return _granted(state.cloud_tokens.issue_entra(form.get("scope", AUDIENCES[1]).removesuffix("/.default")))


@_in_words
def managed_identity(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /idp/entra/msi/token`, as the identity endpoint of an Azure service does."""
    if "x-identity-header" not in call.headers:
        return _refused("invalid_request", "the header X-IDENTITY-HEADER is missing")
    token = state.cloud_tokens.issue_entra(call.query.get("resource", AUDIENCES[1]))
    expires_on = str(int(state.clock.now() + SECONDS))
    return ServerReply.json({"access_token": token, "expires_on": expires_on, "token_type": "Bearer"})


def cloud_token(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/identity-cloud-token`."""
    body, tokens = read_admin_body(call), state.cloud_tokens
    if "revoke" in body:
        tokens.revoke(body["revoke"])
        return ServerReply.json({"token": body["revoke"]})
    expires_in = float(body.get("expires_in", SECONDS))
    try:
        if body.get("cloud", "google") == "google":
            token = tokens.issue_google(expires_in=expires_in)
        else:
            token = tokens.issue_entra(
                body.get("audience", AUDIENCES[1]), expires_in=expires_in, claims=body.get("claims")
            )
    except ImportError as missing:
        raise ServiceError("invalid_request_error", str(missing), rule="admin") from None
    return ServerReply.json({"token": token})


def change_cloud_keys(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /_sim/identity-cloud-keys`."""
    body, tokens = read_admin_body(call), state.cloud_tokens
    email = body.get("account", ACCOUNT)
    google = body.get("cloud", "google") == "google"
    try:
        keys = tokens.account(email) if google else tokens.entra
        if body.get("revoke"):
            keys.revoke()
        if body.get("rotate") or not keys.key_set()["keys"]:
            keys.rotate("RS256")
        token_uri = f"http://{call.headers.get('host', '')}/idp/google/token"
        file: dict[str, Any] = dict(tokens.account_file(token_uri, email)) if google else {}
    except ImportError as missing:
        raise ServiceError("invalid_request_error", str(missing), rule="admin") from None
    return ServerReply.json({"keys": keys.key_set()["keys"], "file": file})


ENDPOINTS: Final = (
    ("POST", "/idp/google/token", google_token),
    ("POST", "/idp/google/tokeninfo", google_introspect),
    ("POST", "/idp/google/revoke", google_revoke),
    ("GET", "/idp/google/certs/{account}", google_keys),
    ("GET", "/idp/entra/msi/token", managed_identity),
    ("GET", "/idp/entra/{tenant}/discovery/v2.0/keys", entra_keys),
    ("POST", "/idp/entra/{tenant}/oauth2/v2.0/token", entra_token),
)
"""Method, path and function of each endpoint; none takes an API key."""
