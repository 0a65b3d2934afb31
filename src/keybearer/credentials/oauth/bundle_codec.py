"""keybearer's own login file: an access token, the refresh token and the expiry, as JSON.

    {
      "access_token": "sk-ant-oat01-...",
      "refresh_token": "sk-ant-ort01-...",
      "expires_at": "2026-11-22T20:00:00.000Z",
      "refreshed_at": "2026-11-22T12:00:00.000Z",
      "token_endpoint": "https://platform.claude.com/v1/oauth/token",
      "scope": "org:create_api_key user:profile user:inference"
    }

Only `access_token` is required. `access` and `refresh` are accepted as other names. `expires_at` is read as ISO 8601, seconds or
milliseconds, and written as ISO 8601. Unknown keys are kept.

Contract: an unusable file is a `CredentialError` whose `problem` is one of `private_files`, `no_token` or `absurd_expiry`.
"""

from __future__ import annotations

from typing import Any, Final

from keybearer.credentials.bundle import Grant, OAuthBundle, token_of
from keybearer.credentials.stores.documents import changed, member_names, parse_object
from keybearer.credentials.tokens import iso, later, parse_expiry
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["BUNDLE", "KEPT", "BundleCodec"]

TOKEN_NAMES: Final = ("access_token", "access", "refresh_token", "refresh")

KEPT: Final = (*TOKEN_NAMES, "expires_at")
"""The keys that a login needs: they stay where a file would be too large."""

_PROBLEMS: Final = {
    "not_json": "is not JSON",
    "not_object": "is JSON, but not an object",
    "no_token": "has no access token",
    "absurd_expiry": "has an expires_at that cannot be true: it {reason}",
}


class BundleCodec:
    """keybearer's own format."""

    what = "the OAuth bundle"
    login = "keybearer auth login"

    def parse(self, text: Secret, path: object) -> OAuthBundle:
        """Read a bundle.

        Raises:
            CredentialError: It is none.
        """
        bundle, problem, reason = _read(text)
        if bundle is None:
            raise CredentialError(
                f"{self.what[0].upper()}{self.what[1:]} {str(path)!r} {_PROBLEMS[problem].format(reason=reason)}.",
                source=f"{self.what} {path}",
                problem=problem,
                hint=f"Log in again with `{self.login}`, or put the right file there.",
            )
        return bundle

    def holds_login(self, text: Secret) -> bool:
        """Return whether a text is a login, even an unusable one."""
        document = parse_object(text)[1]
        return any(token_of(document.get(name)) is not None for name in TOKEN_NAMES)

    def merge(self, text: Secret, grant: Grant, now: float) -> Secret:
        """Return the bundle's text with a new grant in it; everything else is kept."""
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


def _name(names: set[str], name: str, alias: str) -> str:
    return alias if alias in names and name not in names else name


def _read(text: Secret) -> tuple[OAuthBundle | None, str, str]:
    """Return a file's login; or None, the problem and its reason. The caller raises, without the document among its locals."""
    problem, document = parse_object(text)
    if problem:
        return None, problem, ""
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


BUNDLE: Final = BundleCodec()
