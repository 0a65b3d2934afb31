"""The token endpoint (RFC 6749, sections 5 and 6): its requests and what its replies mean, without any I/O.

Strategy: a reply is judged into one of a few verdicts, and the caller decides by the verdict alone:

    granted       200 with an access token
    invalid_grant the token or code is spent, revoked or never was: asking again cannot help
    not_here      404: another endpoint may know
    form          the body could not be parsed as JSON, and the reply says so: ask once more, form-encoded
    busy          429, 5xx: ask again later, after `retry_after`
    strange       anything else under 200: HTML, cut short, no token, over 1 MiB. It is not known whether the token was spent
    refused       any other 4xx, a redirect

Contract: no text of a reply goes into a message, for a reply may repeat the token; only an error code that looks like one does.
The User-Agent says who asks. Redirects are not followed.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from keybearer._version import __version__
from keybearer.credentials.bundle import Grant, is_token
from keybearer.credentials.files import parse_object
from keybearer.credentials.tokens import lifetime
from keybearer.types.http import Reply, Request, Timeouts
from keybearer.types.secret import Secret

__all__ = ["CLIENT_ID", "OLD_ENDPOINT", "TOKEN_ENDPOINT", "Verdict", "judge", "token_request"]

TOKEN_ENDPOINT: Final = "https://platform.claude.com/v1/oauth/token"  # noqa: S105 - an address
"""Where new logins get their tokens."""

OLD_ENDPOINT: Final = "https://console.anthropic.com/v1/oauth/token"
"""Where a bundle that does not say is refreshed first."""

CLIENT_ID: Final = "9d1c250a-e61b-44d9-88ed-5944d1962f5e"
"""The public client id of subscription logins."""

TIMEOUTS: Final = Timeouts(connect=10.0, first_byte=30.0, idle=15.0, progress=None, total=40.0)
"""The time limits of one request to the token endpoint."""

MAX_REPLY: Final = 1 << 20
"""The most bytes of a reply that can be one."""

MAX_RETRY_AFTER: Final = 3600.0
"""The longest wait that an endpoint can ask for, in seconds."""

Kind: TypeAlias = Literal["granted", "invalid_grant", "not_here", "form", "busy", "strange", "refused"]


class Verdict(Struct, frozen=True, kw_only=True):
    """What a reply means.

    Attributes:
        kind: See the module.
        words: What came, in words.
        grant: The tokens, when they were granted.
        retry_after: Seconds to wait, where the endpoint said.
    """

    kind: Kind
    words: str
    grant: Grant | None = None
    retry_after: float | None = None


def token_request(
    endpoint: str, fields: dict[str, Secret | str], *, form: bool = False, headers: dict[str, str] | None = None
) -> Request:
    """Return the request for a grant.

    Args:
        endpoint: The token endpoint.
        fields: The grant's parameters.
        form: Whether to encode them as a form instead of JSON.
        headers: More headers.
    """
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    return Request(
        method="POST",
        url=endpoint,
        headers={
            "content-type": kind,
            "accept": "application/json",
            "user-agent": f"keybearer/{__version__}",
            **(headers or {}),
        },
        body=_body(fields, form=form),
        timeouts=TIMEOUTS,
    )


def _body(fields: dict[str, Secret | str], *, form: bool) -> bytes:
    plain = {name: value.reveal() if isinstance(value, Secret) else value for name, value in fields.items()}
    return urlencode(plain).encode() if form else msgspec.json.encode({k: str(v) for k, v in plain.items()})


def judge(reply: Reply, endpoint: str, *, retry_after: float | None) -> Verdict:
    """Say what a reply means.

    Args:
        reply: The reply, whole.
        endpoint: Where it came from.
        retry_after: The wait that its headers ask for, in seconds.
    """
    status, kind = reply.status, reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(reply.body) > MAX_REPLY:
        return Verdict(kind="busy" if status >= 500 else "strange", words=f"HTTP {status} with more than 1 MiB")
    problem, document = parse_object(_text(reply.body))
    if status == 200:
        if problem:
            what = "a page of HTML" if "html" in kind else "a body that is no JSON object, or is cut short"
            return Verdict(kind="strange", words=f"HTTP 200 with {what}")
        grant = _grant(document, endpoint)
        if grant is None:
            return Verdict(kind="strange", words="HTTP 200 without a usable access token")
        return Verdict(kind="granted", words="granted", grant=grant)
    code = _code(document)
    words = f"HTTP {status}" + (f" {code}" if code else "")
    if status == 429 or status >= 500:
        wait = None if retry_after is None else min(max(retry_after, 0.0), MAX_RETRY_AFTER)
        return Verdict(kind="busy", words=words, retry_after=wait)
    if status == 404:
        return Verdict(kind="not_here", words=words)
    if code == "invalid_grant":
        return Verdict(kind="invalid_grant", words=words)
    if status == 415 or (status == 400 and _is_parse_error(document)):
        return Verdict(kind="form", words=words)
    if 300 <= status < 400:
        words += ", a redirect, which is not followed"
    return Verdict(kind="refused", words=words)


def _text(body: bytes) -> Secret:
    return Secret(body.decode("utf-8", errors="replace"))


def _grant(document: dict[str, Any], endpoint: str) -> Grant | None:
    access, refresh = document.get("access_token"), document.get("refresh_token")
    kind = document.get("token_type")
    if not is_token(access) or (isinstance(kind, str) and kind.lower() != "bearer"):
        return None
    scope = document.get("scope")
    return Grant(
        access_token=Secret(str(access).strip()),
        refresh_token=Secret(str(refresh).strip()) if is_token(refresh) else None,
        expires_in=lifetime(document.get("expires_in")),
        scope=scope if isinstance(scope, str) and scope else None,
        endpoint=endpoint,
        account={key: document[key] for key in ("account", "organization") if isinstance(document.get(key), dict)},
    )


_SPENT: Final = re.compile(
    r"invalid_grant\b|.*(refresh[ _]token|authorization code)\b.*\b(not found|invalid|expired|revoked|spent|used)",
    re.IGNORECASE,
)
"""How both shapes say that a token or a code is good for nothing any more; the API's has no code for it."""

_CODE: Final = re.compile(r"[a-z][a-z_]{2,39}")


def _errors(document: dict[str, Any]) -> list[str]:
    """Return the texts that may name the error, in both shapes: RFC 6749's and the API's."""
    error = document.get("error")
    inner = error if isinstance(error, dict) else {}
    found = [
        error,
        inner.get("type"),
        inner.get("code"),
        inner.get("error"),
        inner.get("message"),
        document.get("error_description"),
    ]
    return [each for each in found if isinstance(each, str)]


def _code(document: dict[str, Any]) -> str:
    texts = _errors(document)
    if any(_SPENT.match(text) for text in texts):
        return "invalid_grant"
    return next((text for text in texts if _CODE.fullmatch(text)), "")


def _is_parse_error(document: dict[str, Any]) -> bool:
    text = " ".join(_errors(document)).lower()
    return bool(
        re.search(r"x-www-form-urlencoded|content[- ]type|(pars|decod).{0,40}(json|body)|(json|body).{0,40}pars", text)
    )
