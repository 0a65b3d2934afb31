"""How a login gets its next access token: by its refresh token, or by another grant.

Strategy: a refresh (`keybearer.credentials.oauth.refresh`) is the same for every grant: lock, request, journal, rename. What
differs is the request. A `Renewal` makes it and returns the verdict: `RefreshTokenRenewal` spends a refresh token (RFC 6749, section
6), and `keybearer.credentials.federation` exchanges an identity token (RFC 7523).

Contract: a wait that an endpoint asked for holds for every process, whichever the grant.
"""

from __future__ import annotations

from typing import Final, Protocol

from keybearer.credentials.bundle import OAuthBundle
from keybearer.credentials.hosts import check_host
from keybearer.credentials.oauth.failures import MIN_BACKOFF
from keybearer.credentials.oauth.rules import Format, RefreshRules
from keybearer.credentials.oauth.token_endpoint import (
    OLD_ENDPOINT,
    TOKEN_ENDPOINT,
    Verdict,
    classify_token_reply,
    other_format,
    token_request,
    unanswered,
)
from keybearer.credentials.stores.protocol import Store
from keybearer.errors import TransportError
from keybearer.flow import Flow, Send
from keybearer.types.secret import Secret

__all__ = ["Renewal", "post_grant", "renewal_of"]


class Renewal(Protocol):
    """A way to the next access token.

    Attributes:
        spends: Whether what it sends may be sent only once.
    """

    spends: bool

    def possible(self, held: OAuthBundle) -> bool:
        """Return whether a login can be renewed."""
        ...

    def remedy(self, store: Store) -> str:
        """Return what a person does where renewing does not help, as the end of a sentence."""
        ...

    def ask(self, held: OAuthBundle, store: Store, rules: RefreshRules) -> Flow[tuple[Verdict, int]]:
        """Ask for a token; return the verdict and how many requests were sent.

        Raises:
            CredentialError: In the flow, when nothing could be asked, or the refusal has words of its own.
        """
        ...


class RefreshTokenRenewal:
    """Spends the login's refresh token."""

    spends = True

    def possible(self, held: OAuthBundle) -> bool:
        """Return whether there is one."""
        return held.refresh_token is not None

    def remedy(self, store: Store) -> str:
        """Return how to log in again."""
        return f"run `{store.codec.login}`"

    def ask(self, held: OAuthBundle, store: Store, rules: RefreshRules) -> Flow[tuple[Verdict, int]]:
        """Send the refresh token."""
        chosen = rules.token_endpoint or held.token_endpoint
        endpoint, fallback = (chosen, None) if chosen else (OLD_ENDPOINT, TOKEN_ENDPOINT)
        encoding, fixed, requests = rules.token_format or held.token_format or "json", rules.token_format is not None, 0
        fields: dict[str, Secret | str] = {
            "grant_type": "refresh_token",
            "refresh_token": held.refresh_token or "",
            "client_id": rules.client_id,
        }
        while True:
            check_host(endpoint, rules.other_hosts, what=f"The refresh token of {store.name}")
            verdict, asked = yield from post_grant(endpoint, fields, store, rules, encoding=encoding)
            requests += asked
            if verdict.outcome == "not_here" and fallback:
                endpoint, fallback = fallback, None
            elif verdict.outcome == "unparsed" and not fixed:
                encoding, fixed = other_format(encoding), True
            else:
                return verdict, requests


BY_REFRESH_TOKEN: Final = RefreshTokenRenewal()


def renewal_of(rules: RefreshRules) -> Renewal:
    """Return the way to a login's next token."""
    return rules.renewal or BY_REFRESH_TOKEN


def post_grant(
    endpoint: str, fields: dict[str, Secret | str], store: Store, rules: RefreshRules, *, encoding: Format = "json"
) -> Flow[tuple[Verdict, int]]:
    """Send one token request, unless the endpoint asked to be left alone; return the verdict and how many requests were sent.

    Args:
        endpoint: The token endpoint, which the caller has checked: it gets a credential.
        fields: The grant's parameters.
        store: Where the login is kept, with the wait that the endpoint asked for.
        rules: How it is done.
        encoding: How the fields are encoded.
    """
    if backoff := store.notes.backoff(endpoint, rules.clocks.wall()):
        words = backoff.words or "a reply that asks to wait"
        return Verdict(outcome="busy", words=words, retry_after=backoff.seconds), 0
    try:
        reply = yield from Send(token_request(endpoint, fields, encoding=encoding, headers=rules.headers))
    except TransportError as failed:
        return unanswered(failed, endpoint), 1
    now = rules.clocks.wall()
    verdict = classify_token_reply(
        reply, endpoint, retry_after=rules.retry_after(reply.headers, now), encoding=encoding
    )
    if verdict.outcome == "busy":
        store.notes.back_off(endpoint, max(verdict.retry_after or 0.0, MIN_BACKOFF), verdict.words, now)
    return verdict, 1
