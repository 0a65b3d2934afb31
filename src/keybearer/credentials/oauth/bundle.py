"""The OAuth bundle: an access token, what refreshes it, and when it expires, as the JSON file says it.

    {
      "access_token": "sk-ant-oat01-...",
      "refresh_token": "sk-ant-ort01-...",
      "expires_at": "2026-11-22T20:00:00.000Z",
      "refreshed_at": "2026-11-22T12:00:00.000Z",
      "token_endpoint": "https://platform.claude.com/v1/oauth/token",
      "scope": "org:create_api_key user:profile user:inference"
    }

Only `access_token` is required. `access` and `refresh` are accepted as other names. `expires_at` is read as ISO 8601, seconds or
milliseconds, and written as ISO 8601. Keys that are not known are kept.

Contract: bad states are `CredentialError`s told apart by `problem`: those of `files`, `no_token`, `absurd_expiry`. The document is
kept as a `Secret`, so no repr and no traceback shows a token.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal, Protocol

from msgspec import Struct

from keybearer.credentials.oauth.tokens import TokenState, iso, later, parse_expiry, token_state, until
from keybearer.credentials.sources.static import AROUND
from keybearer.credentials.stores.documents import Document, changed, member_names, parse_object
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["BUNDLE", "BundleCodec", "Codec", "Grant", "OAuthBundle", "generation_of", "holds_token"]


class OAuthBundle(Struct, frozen=True, kw_only=True):
    """A login: its tokens and what is known of them.

    Attributes:
        access_token: Signs requests.
        refresh_token: Gets the next access token; None when there is none, so that it cannot be refreshed.
        expires_at: When the access token expires, in epoch seconds; None when nobody told.
        refreshed_at: When it was issued, in epoch seconds; None when nobody told.
        token_endpoint: The endpoint that issued it; None when the file does not say.
        token_format: How its endpoint was asked when it granted it; None when the file does not say.
        document: The whole file as it is, keys that are not known included.
    """

    access_token: Secret
    document: Secret
    refresh_token: Secret | None = None
    expires_at: float | None = None
    refreshed_at: float | None = None
    token_endpoint: str | None = None
    token_format: Literal["json", "form"] | None = None

    @property
    def generation(self) -> str:
        """What tells this pair of tokens from the ones before and after it; nothing of them can be read from it."""
        return generation_of(self.access_token, self.refresh_token)

    def state(self, now: float) -> TokenState:
        """Judge the access token at a time in epoch seconds."""
        return token_state(self.expires_at, self.refreshed_at, now)

    def refresh_due(self, now: float) -> float | None:
        """Return the seconds until it is to be refreshed; None for never."""
        return None if self.refresh_token is None else until(self.expires_at, self.refreshed_at, now)


class Grant(Struct, frozen=True, kw_only=True):
    """What a token endpoint granted.

    Attributes:
        access_token: The new access token.
        refresh_token: The new refresh token; None keeps the old one.
        expires_in: Its lifetime in seconds; None when the reply tells none that can be true.
        scope: The granted scopes; None keeps the old ones.
        endpoint: The endpoint that granted it.
        format: How it was asked.
        account: What the reply tells of the account and the organization, by key.
    """

    access_token: Secret
    endpoint: str
    refresh_token: Secret | None = None
    expires_in: float | None = None
    scope: str | None = None
    format: Literal["json", "form"] = "json"
    account: dict[str, Any] = {}


def generation_of(access_token: Secret, refresh_token: Secret | None) -> str:
    """Return a name for a generation of tokens."""
    both = [access_token.reveal(), "" if refresh_token is None else refresh_token.reveal()]
    return hashlib.sha256(b"keybearer generation\0" + "\0".join(both).encode()).hexdigest()[:16]


class Codec(Protocol):
    """A file format that holds a login.

    Attributes:
        what: What it is, in words.
        login: The command that logs in anew.
    """

    what: str
    login: str

    def parse(self, text: Secret, path: object) -> OAuthBundle:
        """Read it.

        Raises:
            CredentialError: It is no such file; `problem` says why.
        """
        ...

    def merge(self, text: Secret, grant: Grant, now: float) -> Secret:
        """Return the file's text with a new grant in it and everything else kept."""
        ...


_PROBLEMS: Final = {
    "not_json": "is not JSON",
    "not_object": "is JSON, but not an object",
    "no_token": "has no access token",
    "absurd_expiry": "has an expires_at that cannot be true: it {reason}",
}


def refuse(codec: Codec, path: object, problem: str, reason: str = "") -> CredentialError:
    """Return the error for a file's bad state."""
    what = codec.what
    return CredentialError(
        f"{what[0].upper()}{what[1:]} {str(path)!r} {_PROBLEMS[problem].format(reason=reason)}.",
        source=f"{what} {path}",
        problem=problem,
        hint=f"Log in anew with `{codec.login}`, or put the right file there.",
    )


class BundleCodec:
    """keybearer's own format."""

    what = "the OAuth bundle"
    login = "keybearer auth login"

    def parse(self, text: Secret, path: object) -> OAuthBundle:
        """Read a bundle.

        Raises:
            CredentialError: It is none.
        """
        bundle, problem, reason = read_text(text)
        if bundle is None:
            raise refuse(self, path, problem, reason)
        return bundle

    def merge(self, text: Secret, grant: Grant, now: float) -> Secret:
        """Return the bundle's text with a new grant in it and everything else kept."""
        names = member_names(text)
        changes: dict[str, Any] = {_name(names, "access_token", "access"): grant.access_token.reveal()}
        if grant.refresh_token is not None:
            changes[_name(names, "refresh_token", "refresh")] = grant.refresh_token.reveal()
        if grant.expires_in is not None:
            moment = later(now, grant.expires_in)
            changes["expires_at"] = None if moment is None else iso(moment)
        moment = later(now, 0.0)
        changes["refreshed_at"] = None if moment is None else iso(moment)
        if grant.scope is not None:
            changes["scope"] = grant.scope
        changes["token_endpoint"] = grant.endpoint
        changes["token_format"] = "form" if grant.format == "form" else None
        return changed(text, changes | grant.account, keep=KEPT)


KEPT: Final = ("access_token", "access", "refresh_token", "refresh", "expires_at")
"""What a login cannot do without."""


def _name(names: set[str], name: str, alias: str) -> str:
    return alias if alias in names and name not in names else name


def read_tokens(document: Document, text: Secret) -> tuple[OAuthBundle | None, str, str]:
    """Read the tokens of a document.

    Returns:
        The bundle; or None, the problem and its reason. The caller raises, without the document among its locals.
    """
    access = token_of(document.get("access_token", document.get("access")))
    if access is None:
        return None, "no_token", ""
    try:
        expires_at = parse_expiry(document.get("expires_at"))
    except ValueError as error:
        return None, "absurd_expiry", str(error)
    try:
        refreshed_at = parse_expiry(document.get("refreshed_at"))
    except ValueError:
        refreshed_at = None
    endpoint = document.get("token_endpoint")
    return (
        OAuthBundle(
            access_token=access,
            refresh_token=token_of(document.get("refresh_token", document.get("refresh"))),
            expires_at=expires_at,
            refreshed_at=refreshed_at,
            token_format="form" if document.get("token_format") == "form" else None,
            token_endpoint=endpoint if isinstance(endpoint, str) and endpoint.isprintable() and endpoint else None,
            document=text,
        ),
        "",
        "",
    )


def read_text(text: Secret) -> tuple[OAuthBundle | None, str, str]:
    """Read the tokens of a file's text, as `read_tokens` does."""
    problem, document = parse_object(text)
    return (None, problem, "") if problem else read_tokens(document, text)


def holds_token(text: Secret) -> bool:
    """Return whether a file's text is a login, even one that cannot be used: an object with an access or a refresh token."""
    document = parse_object(text)[1]
    return any(
        token_of(document.get(name)) is not None for name in ("access_token", "access", "refresh_token", "refresh")
    )


def token_of(value: object) -> Secret | None:
    """Return what can be a token, without what stands around it: printable ASCII without spaces; None for anything else."""
    text = value.strip(AROUND) if isinstance(value, str) else ""
    return Secret(text) if text and text.isascii() and text.isprintable() and " " not in text else None


BUNDLE: Final = BundleCodec()
