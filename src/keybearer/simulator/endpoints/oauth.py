"""The authorization server's HTTP: `/oauth/authorize`, the hosted code page, and `/v1/oauth/token`.

The failpoints of the token endpoint are ordinary faults on its path: `oauth_before_rotation`,
`oauth_after_rotation`, `oauth_truncated`, `oauth_delay`.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import structs

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.reply import ServerReply, encode, refuse
from keybearer.simulator.core.request import ServedCall
from keybearer.simulator.endpoints.oauth_html import code_page, consent_page, error_page, page_headers
from keybearer.simulator.service.federation import GRANT_TYPE
from keybearer.simulator.service.grants import CLIENT_ID, SCOPES, Authorization, OAuthError
from keybearer.simulator.service.redirects import is_loopback_redirect
from keybearer.simulator.state import State

__all__ = ["ENDPOINTS"]

HOSTED: Final = (
    "https://platform.claude.com/oauth/code/callback",
    "https://console.anthropic.com/oauth/code/callback",
)
"""Redirects to the service's code page, in place of which the simulator shows its own."""
CODE_PATH: Final = "/oauth/code/callback"
SHORTEST_STATE: Final = 16
JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"


def _html(page: bytes, status: int = 200, *, redirect: str = "") -> ServerReply:
    """Answer with a page; `redirect` is where the answer to its form will lead."""
    return ServerReply(page, status=status, content_type="text/html; charset=utf-8", headers=page_headers(redirect))


def _redirect(asked: Authorization, fields: dict[str, str]) -> ServerReply:
    """Send the browser back to the client, or to the simulator's code page for a hosted redirect."""
    base = CODE_PATH if asked.redirect_uri in HOSTED else asked.redirect_uri
    joint = "&" if "?" in base else "?"
    location = base + joint + urlencode({**fields, "state": asked.state})
    return ServerReply(
        status=303,
        headers={"location": location, "cache-control": "no-store", "referrer-policy": "no-referrer"},
        content_type="text/plain",
    )


def _fault_of(query: dict[str, str]) -> tuple[str, str] | None:
    """Find what is wrong with the request: the error code and description for the redirect."""
    if query.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code"
    if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
        return "invalid_request", "PKCE with S256 is required"
    unknown = [scope for scope in query.get("scope", "").split() if scope not in SCOPES]
    return ("invalid_scope", f"unknown scope {unknown[0]}") if unknown else None


def authorize(state: State, call: ServedCall) -> ServerReply:
    """Answer `GET /oauth/authorize` with the consent page."""
    query = dict(call.query)
    if query.get("client_id") != CLIENT_ID:
        return _html(error_page("The client_id is not known here."), 400)
    redirect = query.get("redirect_uri", "")
    if redirect not in HOSTED and not is_loopback_redirect(redirect):
        return _html(error_page("The redirect_uri is neither loopback nor the hosted code page."), 400)
    if len(query.get("state", "")) < SHORTEST_STATE:
        return _html(error_page(f"A state of at least {SHORTEST_STATE} characters is required."), 400)
    asked = Authorization(
        query["client_id"], redirect, query.get("scope", ""), query["state"], query.get("code_challenge", "")
    )
    if fault := _fault_of(query):
        return _redirect(asked, {"error": fault[0], "error_description": fault[1]})
    if state.options.auto_approve:
        return _redirect(asked, {"code": state.grants.approve(asked)})
    return _html(consent_page(asked, state.grants.ask(asked)), redirect=redirect)


def decide(state: State, call: ServedCall) -> ServerReply:
    """Answer the consent page's form."""
    form = dict(parse_qsl(call.body.decode(errors="replace")))
    asked = state.grants.decided(form.get("ticket", ""))
    if asked is None:
        return _html(error_page("This page was answered before, or is too old."), 400)
    if form.get("decision") != "allow":
        return _redirect(asked, {"error": "access_denied", "error_description": "The user denied the request"})
    return _redirect(asked, {"code": state.grants.approve(asked)})


def show_code(_state: State, call: ServedCall) -> ServerReply:
    """Show the code of a hosted redirect, to paste."""
    if "error" in call.query:
        return _html(error_page(f"{call.query['error']}: {call.query.get('error_description', '')}"), 400)
    return _html(code_page(call.query.get("code", ""), call.query.get("state", "")))


def _fields(call: ServedCall) -> dict[str, str]:
    """Read a token request, as JSON or a form."""
    kind = call.headers.get("content-type", "").split(";")[0].strip().lower()
    fields: Any = None
    if kind == JSON_TYPE:
        try:
            fields = msgspec.json.decode(call.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            fields = None
    elif kind == FORM_TYPE:
        fields = dict(parse_qsl(call.body.decode(errors="replace")))
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise OAuthError("invalid_request", "The request body is neither a JSON object of strings nor a form")
    return fields


def _grant(state: State, grant: str, fields: dict[str, str], call: ServedCall) -> dict[str, Any]:
    if grant == "authorization_code":
        return state.grants.exchange(fields)
    if grant == "refresh_token":
        return state.grants.refresh(fields)
    if grant == GRANT_TYPE:
        return state.federation.exchange(fields, call.betas)
    raise OAuthError("unsupported_grant_type", f"grant_type {grant!r} is not supported")


def token(state: State, call: ServedCall) -> ServerReply:
    """Answer `POST /v1/oauth/token`: exchange a code or an identity token, or rotate a refresh token."""
    grant = ""
    try:
        fields = _fields(call)
        grant = fields.get("grant_type", "")
        reply = ServerReply.json(_grant(state, grant, fields, call))
    except OAuthError as error:
        reply = _refusal(state, call, error)
    return structs.replace(
        reply, headers={**reply.headers, "cache-control": "no-store"}, note={**reply.note, "grant_type": grant}
    )


def _refusal(state: State, call: ServedCall, error: OAuthError) -> ServerReply:
    """Render a refusal in either of the two shapes that clients have seen."""
    if state.options.oauth_errors == "api":
        kind = "invalid_request_error" if error.status == 400 else "authentication_error"
        reply = refuse(ServiceError(kind, error.description), call.request_id)
    else:
        reply = ServerReply(encode({"error": error.code, "error_description": error.description}), status=error.status)
    note = {**reply.note, "error": error.code, "refresh_reused": error.reused or None}
    return structs.replace(reply, note=note)


ENDPOINTS: Final = (
    ("GET", "/oauth/authorize", authorize),
    ("POST", "/oauth/authorize", decide),
    ("GET", CODE_PATH, show_code),
    ("POST", "/v1/oauth/token", token),
)
"""Method, path and function of each endpoint; none takes an API key."""
