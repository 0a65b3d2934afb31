"""What workload identity federation needs, and what names it: `auth.federation`, else the official SDK's variables.

    ANTHROPIC_FEDERATION_RULE_ID   ANTHROPIC_ORGANIZATION_ID
    ANTHROPIC_IDENTITY_TOKEN_FILE, else ANTHROPIC_IDENTITY_TOKEN
    ANTHROPIC_SERVICE_ACCOUNT_ID   ANTHROPIC_WORKSPACE_ID

Contract: pure, and small: every search for credentials loads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keybearer.config.auth_schema import FederationConfig

__all__ = ["FILES", "OPTIONAL", "ORGANIZATION", "RULE", "TOKEN", "TOKEN_FILE", "missing"]

RULE: Final = "ANTHROPIC_FEDERATION_RULE_ID"
ORGANIZATION: Final = "ANTHROPIC_ORGANIZATION_ID"
TOKEN_FILE: Final = "ANTHROPIC_IDENTITY_TOKEN_FILE"  # noqa: S105 - a variable's name
TOKEN: Final = "ANTHROPIC_IDENTITY_TOKEN"  # noqa: S105 - as above
OPTIONAL: Final = {"service_account_id": "ANTHROPIC_SERVICE_ACCOUNT_ID", "workspace_id": "ANTHROPIC_WORKSPACE_ID"}

FILES: Final[dict[str, tuple[str, ...]]] = {
    "aks": ("AZURE_FEDERATED_TOKEN_FILE",),
    "eks": ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
}
"""The platforms that put a token into a file, and the variables that name it (AWS, "IAM roles for service accounts" and "EKS Pod
Identity"; Microsoft, "Workload identity" for AKS)."""

_PLACES: Final = ("file", "variable", "command", "platform")


def missing(config: FederationConfig, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what is not named, and what names it; None when all is."""
    if not (config.federation_rule_id or environ.get(RULE)):
        return "the federation rule", f"auth.federation.federation_rule_id, or {RULE}, to fdrl_..."
    if not (config.organization_id or environ.get(ORGANIZATION)):
        return "the organization", f"auth.federation.organization_id, or {ORGANIZATION}, to its UUID"
    return _identity_missing(config, environ)


def _identity_missing(config: FederationConfig, environ: Mapping[str, str]) -> tuple[str, str] | None:
    token = config.identity_token
    named = [name for name in _PLACES if getattr(token, name)]
    if len(named) > 1:
        return f"one place of the identity token: it has {' and '.join(named)}", "one of them"
    if token.client_id and token.platform != "azure":
        return "platform azure, which its client_id is for", "identity_token.platform to azure, or no client_id"
    if token.platform == "azure" and not config.audience:
        return "the audience for Azure", "auth.federation.audience to the application's ID URI in Entra, api://..."
    if token.platform in FILES and not any(environ.get(name) for name in FILES[token.platform]):
        names = " or ".join(FILES[token.platform])
        return f"the file of the identity token: {names} is not set", f"{names}, as the platform does in a pod"
    if named or environ.get(TOKEN_FILE) or environ.get(TOKEN):
        return None
    here = "platform: github_actions, which is here" if environ.get("ACTIONS_ID_TOKEN_REQUEST_URL") else "a file"
    return "an identity token", f"auth.federation.identity_token to {here}, or {TOKEN_FILE}"
