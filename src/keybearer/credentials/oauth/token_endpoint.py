"""The token endpoint (RFC 6749, sections 5 and 6): its requests and what its replies mean, without any I/O.

Strategy: a reply is classified as one of a few verdicts, and the caller decides by the verdict alone:

    granted       200 with an access token
    invalid_grant the token or code is spent, revoked or was never valid: asking again cannot help
    not_here      404: another endpoint may know
    unparsed      the body could not be parsed, and the reply says so: ask once more, in the other format
    busy          429, 5xx: ask again later, after `retry_after`
    unanswered    no whole reply: the network, a proxy, a certificate, a time limit
    strange       anything else under 200: HTML, cut short, no token, over 1 MiB. It is not known whether the token was spent
    refused       any other 4xx, a redirect

The tokens of a reply are read first, and leniently: odd values in the rest of the reply are dropped, and never cost the tokens.

Contract: no text of a reply goes into a message, because a reply may repeat the token; only a well-formed error code does.
The User-Agent says who asks. Redirects are not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from keybearer._version import __version__
from keybearer.credentials.bundle import Grant, token_of
from keybearer.credentials.oauth.rules import Format
from keybearer.credentials.stores.documents import Document, changed, inner_object, parse_object
from keybearer.credentials.stores.notes import MAX_BACKOFF
from keybearer.credentials.tokens import lifetime
from keybearer.errors import TimedOut, TransportError
from keybearer.errors.sanitize import sanitize
from keybearer.types.http import Reply, Request, Timeouts
from keybearer.types.secret import Secret

__all__ = [
    "OLD_ENDPOINT",
    "TOKEN_ENDPOINT",
    "Verdict",
    "classify_token_reply",
    "other_format",
    "token_request",
    "unanswered",
]

TOKEN_ENDPOINT: Final = "https://platform.claude.com/v1/oauth/token"  # noqa: S105 - an address
"""Where new logins get their tokens."""

OLD_ENDPOINT: Final = "https://console.anthropic.com/v1/oauth/token"
"""Where a bundle without a recorded endpoint is refreshed first."""

TIMEOUTS: Final = Timeouts(connect=10.0, first_byte=30.0, idle=15.0, progress=None, total=40.0)
"""The time limits of one request to the token endpoint."""

MAX_REPLY: Final = 1 << 20
"""The largest reply that is read, in bytes."""

GATEWAY_TIMEOUTS: Final = frozenset({504, 524})
"""Statuses of what stands before the endpoint, which has passed the request on and got no answer; 524 is Cloudflare's.

Any other status of 500 and above counts as a refusal: to hold every refresh until somebody logs in, whenever the endpoint is down for
a minute, would cost more than it saves.
"""

MAX_KEPT: Final = 2 << 10
"""The longest value that is kept beside the tokens, in characters: all of them fit into a journal's reserved room."""

Outcome: TypeAlias = Literal[
    "granted", "invalid_grant", "not_here", "unparsed", "busy", "unanswered", "strange", "refused"
]


class Verdict(Struct, frozen=True, kw_only=True):
    """The meaning of a reply.

    Attributes:
        outcome: See the module.
        words: The reply, in words.
        grant: The tokens, when they were granted.
        retry_after: Seconds to wait, if the endpoint said so.
        hint: What to do about it, if known.
        retryable: Whether the same request may succeed later.
        in_doubt: Whether the endpoint may have spent the refresh token although no grant came back.
    """

    outcome: Outcome
    words: str
    grant: Grant | None = None
    retry_after: float | None = None
    hint: str = ""
    retryable: bool = True
    in_doubt: bool = False


def other_format(encoding: Format) -> Format:
    """Return the other format."""
    return "json" if encoding == "form" else "form"


def token_request(
    endpoint: str, fields: dict[str, Secret | str], *, encoding: Format = "json", headers: dict[str, str] | None = None
) -> Request:
    """Return the request for a grant.

    Args:
        endpoint: The token endpoint.
        fields: The grant's parameters.
        encoding: How they are encoded.
        headers: More headers.
    """
    kind = "application/x-www-form-urlencoded" if encoding == "form" else "application/json"
    return Request(
        method="POST",
        url=endpoint,
        headers={
            "content-type": kind,
            "accept": "application/json",
            "user-agent": f"keybearer/{__version__}",
            **(headers or {}),
        },
        body=_body(fields, encoding),
        timeouts=TIMEOUTS,
    )


def _body(fields: dict[str, Secret | str], encoding: Format) -> bytes:
    plain = {name: value.reveal() if isinstance(value, Secret) else value for name, value in fields.items()}
    return (
        urlencode(plain).encode() if encoding == "form" else msgspec.json.encode({k: str(v) for k, v in plain.items()})
    )


_ADVICE: Final = {
    "dns": "Check the network, and auth.token_endpoint if it is set.",
    "connect": "Check the network, and the proxy if one is needed.",
}
"""Hints by the phase in which a connection failed; the transport's own hints speak of `base_url`."""


def unanswered(failed: TransportError, endpoint: str) -> Verdict:
    """Return the verdict for a request without a whole reply, in the words of the transport.

    Args:
        failed: The transport's error.
        endpoint: Where it was sent.
    """
    host = sanitize(endpoint.partition("://")[2].partition("/")[0], 100)
    if isinstance(failed, TimedOut):
        limit = getattr(TIMEOUTS, failed.phase, None)
        within = "in time" if limit is None else f"within {limit:g} s"
        what = (
            "no connection to {host} was made {within}"
            if failed.phase == "connect"
            else "{host} did not answer {within}"
        )
        words = what.format(host=host, within=within)
        return Verdict(outcome="unanswered", words=words, hint=_ADVICE["connect"], in_doubt=failed.delivered)
    said = failed.message.rstrip(".")
    words = said if said[:2].isupper() else said[:1].lower() + said[1:]
    return Verdict(
        outcome="unanswered",
        words=words if host in words else f"{host}: {words}",
        hint=_ADVICE.get(failed.phase, failed.hint),
        retryable=failed.retryable,
        in_doubt=failed.delivered,
    )


def classify_token_reply(
    reply: Reply, endpoint: str, *, retry_after: float | None, encoding: Format = "json"
) -> Verdict:
    """Return the verdict for a reply.

    Args:
        reply: The reply, whole.
        endpoint: Where it came from.
        encoding: The format of the request, which is recorded with a grant.
        retry_after: The wait that its headers ask for, in seconds.
    """
    status, kind = reply.status, reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(reply.body) > MAX_REPLY:
        outcome: Outcome = "busy" if status >= 500 else "strange"
        words = f"HTTP {status} with more than 1 MiB"
        return Verdict(outcome=outcome, words=words, in_doubt=status == 200 or status in GATEWAY_TIMEOUTS)
    problem, document = parse_object(_text(reply.body))
    if status == 200:
        if problem:
            what = "a page of HTML" if "html" in kind else "a body that is no JSON object, or is cut short"
            return Verdict(outcome="strange", words=f"HTTP 200 with {what}", in_doubt=True)
        grant = _grant(document, endpoint, encoding)
        if grant is None:
            return Verdict(outcome="strange", words="HTTP 200 without a usable access token", in_doubt=True)
        return Verdict(outcome="granted", words="granted", grant=grant)
    code = _code(document)
    words = f"HTTP {status}" + (f" {code}" if code else "")
    if status == 429 or status >= 500:
        wait = None if retry_after is None else min(max(retry_after, 0.0), MAX_BACKOFF)
        return Verdict(outcome="busy", words=words, retry_after=wait, in_doubt=status in GATEWAY_TIMEOUTS)
    if status == 404:
        return Verdict(outcome="not_here", words=words)
    if code == "invalid_grant":
        return Verdict(outcome="invalid_grant", words=words)
    if status == 415 or (status == 400 and _is_parse_error(document)):
        return Verdict(outcome="unparsed", words=words)
    if 300 <= status < 400:
        words += ", a redirect, which is not followed"
    hint = (
        "If it reads forms only, set auth.token_format to form."
        if code == "invalid_client" and encoding == "json"
        else ""
    )
    return Verdict(outcome="refused", words=words, hint=hint)


def _text(body: bytes) -> Secret:
    return Secret(body.decode("utf-8", errors="replace"))


def _grant(document: Document, endpoint: str, encoding: Format) -> Grant | None:
    access, kind, scope = token_of(document.get("access_token")), document.get("token_type"), document.get("scope")
    if access is None or (isinstance(kind, str) and kind.lower() != "bearer"):
        return None
    return Grant(
        access_token=access,
        refresh_token=token_of(document.get("refresh_token")),
        expires_in=lifetime(document.get("expires_in")),
        scope=scope if isinstance(scope, str) and scope.isprintable() and 0 < len(scope) <= MAX_KEPT else None,
        endpoint=endpoint,
        format=encoding,
        account=dict(_kept(document)),
    )


def _kept(document: Document) -> Iterator[tuple[str, Any]]:
    """Yield the account and the organization of a reply, if they are small enough to be kept beside the tokens."""
    for name in ("account", "organization"):
        value = inner_object(document, name)
        text = None if value is None else changed(Secret("{}"), value)
        if value is not None and text is not None and len(text) <= MAX_KEPT:
            yield name, dict(value)


_SPENT: Final = re.compile(
    r"invalid_grant\b|.*(refresh[ _]token|authorization code)\b.*\b(not found|invalid|expired|revoked|spent|used)",
    re.IGNORECASE,
)
"""How both shapes say that a token or a code is no longer valid; the API's shape has no code for it."""

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
