r"""The official SDK's profiles: logins that `ant auth login` makes and the SDK reads.

    $ANTHROPIC_CONFIG_DIR or ~/.config/anthropic (Windows: %APPDATA%\Anthropic)
      active_config               the name of the profile in use; ANTHROPIC_PROFILE wins, else `default`
      configs/<name>.json         authentication.type, client_id, base_url, workspace_id; of oidc_federation also the rule
      credentials/<name>.json     the tokens, 0600; expires_at in seconds

Strategy: the tokens are a store like the bundle, in another format, and are refreshed by the same steps. The SDK takes no lock, so
the flow reads the file again right before and right after the request, and a change made meanwhile wins.

Contract: every key of the file is kept. A profile without a `client_id` is refreshed by another program, and only read. One of type
`oidc_federation` has no login but a rule (`keybearer.credentials.sources.federation`), and its file of tokens is a cache.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from keybearer.config.auth_schema import FederationConfig, IdentityTokenConfig
from keybearer.config.paths import expanded
from keybearer.config.urls import url_problem
from keybearer.credentials.bundle import Grant
from keybearer.credentials.folders import configured_folder, home_folder, roaming
from keybearer.credentials.oauth.bundle_codec import KEPT, BundleCodec
from keybearer.credentials.stores.documents import Document, changed, inner_object, parse_object
from keybearer.credentials.stores.private_files import stat_signature
from keybearer.credentials.tokens import later
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret

__all__ = ["PROFILE", "Profile", "ProfileCodec", "find_profile"]

WHAT: Final = "the SDK's profiles"
BASE_URL: Final = "https://api.anthropic.com"
LIFETIME: Final = 3600.0
"""The lifetime of a token whose reply has none, in seconds; the SDK uses the same."""

MAX_CONFIG: Final = 1 << 20

FEDERATION: Final = "oidc_federation"


class ProfileCodec(BundleCodec):
    """The format of `credentials/<name>.json`: read like the bundle, with another way to write the expiry."""

    what = "the SDK profile"
    login = "ant auth login"

    def merge(self, text: Secret, grant: Grant, now: float) -> Secret:
        """Return the file's text with a new grant in it; everything else is kept."""
        changes: dict[str, Any] = {"access_token": grant.access_token.reveal()}
        if grant.refresh_token is not None:
            changes["refresh_token"] = grant.refresh_token.reveal()
        if grant.expires_in is not None:
            moment = later(now, grant.expires_in)
            changes["expires_at"] = None if moment is None else int(moment)
        return changed(text, changes, keep=KEPT)


PROFILE: Final = ProfileCodec()


class Profile(Struct, frozen=True, kw_only=True):
    """A profile's configuration.

    Attributes:
        name: Its name.
        tokens: The file of its tokens.
        client_id: The OAuth client; None when another program refreshes the tokens.
        base_url: The API that it is for, and whose token endpoint refreshes it.
        workspace: The workspace that its requests name.
        federation: The rule that its tokens are exchanged by; None for a login.
        pinned: Whether the profile itself names the API.
    """

    name: str
    tokens: Path
    client_id: str | None
    base_url: str
    workspace: str | None
    federation: FederationConfig | None = None
    pinned: bool = True

    @property
    def token_endpoint(self) -> str:
        """Where its tokens are refreshed."""
        return self.base_url.rstrip("/") + "/v1/oauth/token"


def profile_folder(environ: Mapping[str, str], home: Path | None, platform: str = sys.platform) -> Path:
    """Return the folder of the SDK's profiles.

    Raises:
        CredentialError: There is no home, or the variable names no folder.
    """
    if folder := configured_folder("ANTHROPIC_CONFIG_DIR", environ, home, WHAT):
        return folder
    if platform == "win32":
        return roaming(environ, home, WHAT) / "Anthropic"
    return home_folder(home, WHAT) / ".config" / "anthropic"


def find_profile(environ: Mapping[str, str], home: Path | None, platform: str = sys.platform) -> Profile:
    """Read the configuration of the profile in use.

    Raises:
        CredentialError: There is none (`missing`), or it cannot be used.
    """
    folder = profile_folder(environ, home, platform)
    name = environ.get("ANTHROPIC_PROFILE") or _pointer(folder / "active_config") or "default"
    if name != name.strip() or name.startswith(".") or any(char in name for char in "/\\\0"):
        raise CredentialError(
            f"The SDK profile's name {name!r} is not one.", source="the SDK profile", problem="bad_name"
        )
    path = folder / "configs" / f"{name}.json"
    problem, reason, document = _config(path)
    if problem:
        raise CredentialError(
            f"The SDK profile {str(path)!r} {reason}.",
            source=f"the SDK profile {path}",
            problem=problem,
            hint="Make one with `ant auth login`, or choose another with ANTHROPIC_PROFILE.",
        )
    auth = inner_object(document, "authentication") or Document()
    override = auth.get("credentials_path")
    client_id, workspace = auth.get("client_id"), document.get("workspace_id")
    return Profile(
        name=name,
        tokens=_expanded(str(override), home) if override else folder / "credentials" / f"{name}.json",
        client_id=str(client_id) if client_id else None,
        base_url=str(document.get("base_url") or BASE_URL),
        workspace=str(workspace) if workspace else None,
        federation=_federation(document, auth) if auth.get("type") == FEDERATION else None,
        pinned=bool(document.get("base_url")),
    )


def _federation(document: Document, auth: Document) -> FederationConfig:
    """Return the rule of a profile; what it leaves out, the variables say (`_fill_missing_from_env` of the SDK)."""
    texts = {
        "federation_rule_id": auth.get("federation_rule_id"),
        "organization_id": document.get("organization_id"),
        "service_account_id": auth.get("service_account_id"),
        "workspace_id": document.get("workspace_id"),
    }
    path = (inner_object(auth, "identity_token") or Document()).get("path")
    return FederationConfig(
        identity_token=IdentityTokenConfig(file=str(path) if path else None),
        **{name: str(text) for name, text in texts.items() if text},
    )


def _expanded(text: str, home: Path | None) -> Path:
    try:
        return expanded(text, home)
    except ValueError as error:
        problem = str(error)
    raise CredentialError(
        f"The SDK profile's credentials_path cannot be used: {problem}.", source="the SDK profile", problem="bad_path"
    )


def _pointer(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig").strip() or None
    except (OSError, ValueError):
        return None


def _config(path: Path) -> tuple[str, str, Document]:
    """Return a profile's problem and reason, or neither and its configuration, which holds no secret."""
    try:
        if path.stat().st_size > MAX_CONFIG:
            return "too_large", "is larger than 1 MiB", Document()
        if os.name == "posix" and path.stat().st_mode & 0o022:
            return "exposed", "can be changed by other users", Document()
        text = Secret(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return "missing", "does not exist", Document()
    except (OSError, UnicodeDecodeError) as error:
        problem = "unseen" if isinstance(error, OSError) and stat_signature(path) is None else "unreadable"
        return problem, f"cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}", Document()
    problem, document = parse_object(text)
    if problem:
        return problem, "is not a JSON object", Document()
    if unsupported := _unsupported(inner_object(document, "authentication") or Document()):
        return "unsupported", unsupported, Document()
    if wrong := url_problem(str(document.get("base_url") or BASE_URL)):
        return "bad_url", f"has a base_url that {wrong}", Document()
    return "", "", document


def _unsupported(auth: Document) -> str:
    """Return why a profile's kind of authentication cannot be used; an empty text where it can."""
    if auth.get("type") not in {"user_oauth", FEDERATION}:
        return f"is of a type that is none of user_oauth and {FEDERATION}"
    if auth.get("identity_token") is None:
        return ""
    identity = inner_object(auth, "identity_token") or Document()
    if identity.get("source") != "file":
        return "has an identity_token whose source is not 'file', the only one that there is"
    return "" if identity.get("path") else "has an identity_token of source 'file' without a path"
