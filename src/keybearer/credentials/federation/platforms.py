"""The identity tokens that platforms hand out at an address: GitHub Actions, Google Cloud, Azure.

Strategy: each platform is a row of `ENDPOINTS`: a function that makes its request, and one that takes the token out of the reply.
Both are pure. The platforms that put a token into a file are a row of `FILES` in `keybearer.credentials.federation.named`.

Contract: a request goes to one of the addresses of `keybearer.config.metadata`, or to the https address that GitHub names. No text of
a reply goes into a message.

Sources: GitHub, "OpenID Connect reference"; Google Cloud, "Verify VM identity"; Microsoft, "How to use managed identities to acquire
an access token".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

from keybearer.config.metadata import AZURE_IDENTITY, GOOGLE_IDENTITY
from keybearer.config.urls import url_problem
from keybearer.credentials.bundle import token_of
from keybearer.credentials.stores.documents import parse_object
from keybearer.errors import CredentialError
from keybearer.types.http import Reply, Request, Timeouts
from keybearer.types.secret import Secret

__all__ = ["ENDPOINTS", "IdentityEndpoint", "IdentityRequest"]

TIMEOUTS: Final = Timeouts(connect=3.0, first_byte=15.0, idle=10.0, progress=None, total=20.0)
"""The time limits of a request for an identity token; a metadata server is a hop away, or is not there."""

GITHUB_URL: Final = "ACTIONS_ID_TOKEN_REQUEST_URL"
GITHUB_TOKEN: Final = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - a variable's name
PERMISSION: Final = "Give the job `permissions: id-token: write`; a run for a fork's pull request gets none."


class IdentityRequest(Struct, frozen=True, kw_only=True):
    """What an identity token is asked with.

    Attributes:
        audience: Whom it shall be for.
        client_id: Azure: which of the machine's identities.
        environ: The environment.
    """

    audience: str
    environ: Mapping[str, str]
    client_id: str | None = None


class IdentityEndpoint(Struct, frozen=True, kw_only=True):
    """A platform's address for identity tokens.

    Attributes:
        words: What it is, in words.
        request: Makes the request.
        token: Takes the token out of a reply with status 200; None where there is none.
        advice: What to do about a refusal.
    """

    words: str
    request: Callable[[IdentityRequest], Request]
    token: Callable[[Reply], Secret | None]
    advice: str


def _get(url: str, query: dict[str, str], headers: dict[str, str]) -> Request:
    mark = "&" if "?" in url else "?"
    return Request(method="GET", url=f"{url}{mark}{urlencode(query)}", headers=headers, timeouts=TIMEOUTS)


def _github(asked: IdentityRequest) -> Request:
    url, token = asked.environ.get(GITHUB_URL, ""), Secret(asked.environ.get(GITHUB_TOKEN, ""))
    if not url or not token:
        raise CredentialError(
            f"GitHub Actions offers no identity token here: {GITHUB_TOKEN if url else GITHUB_URL} is not set.",
            source="GitHub Actions",
            problem="identity_missing",
            hint=PERMISSION,
        )
    if problem := url_problem(url.partition("?")[0]):
        raise CredentialError(
            f"The address in {GITHUB_URL} {problem}.", source="GitHub Actions", problem="cleartext", hint=PERMISSION
        )
    bearer = Secret("Bearer " + token.reveal()).reveal()
    return _get(url, {"audience": asked.audience}, {"authorization": bearer, "accept": "application/json"})


def _google(asked: IdentityRequest) -> Request:
    return _get(GOOGLE_IDENTITY, {"audience": asked.audience, "format": "full"}, {"metadata-flavor": "Google"})


def _azure(asked: IdentityRequest) -> Request:
    query = {"api-version": "2018-02-01", "resource": asked.audience}
    if asked.client_id:
        query["client_id"] = asked.client_id
    return _get(AZURE_IDENTITY, query, {"metadata": "true"})


def _member(name: str) -> Callable[[Reply], Secret | None]:
    return lambda reply: token_of(parse_object(Secret(reply.body.decode(errors="replace")))[1].get(name))


def _google_token(reply: Reply) -> Secret | None:
    """Return the body, if it is the metadata server's: anything else on that address lacks its header."""
    genuine = reply.headers.get("metadata-flavor", "") == "Google"
    return token_of(reply.body.decode(errors="replace")) if genuine else None


ENDPOINTS: Final[dict[str, IdentityEndpoint]] = {
    "github_actions": IdentityEndpoint(
        words="GitHub Actions", request=_github, token=_member("value"), advice=PERMISSION
    ),
    "google": IdentityEndpoint(
        words="Google's metadata server",
        request=_google,
        token=_google_token,
        advice="Run it on Google Cloud with a service account; on GKE, with Workload Identity Federation for GKE.",
    ),
    "azure": IdentityEndpoint(
        words="Azure's instance metadata service",
        request=_azure,
        token=_member("access_token"),
        advice="Give the machine a managed identity; where it has several, name one with client_id. "
        "The audience is the application's ID URI in Entra.",
    ),
}
"""The platforms that are asked at an address."""
