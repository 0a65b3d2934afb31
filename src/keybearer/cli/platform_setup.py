"""What `auth status` and `doctor` say of a platform: where requests go, and which credential signs them.

Contract: nothing is sent, so a cloud's own credentials are named and not asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybearer.client.from_config import platform_of
from keybearer.client.platform import connect
from keybearer.config.schema import ProviderConfig
from keybearer.credentials.credential import CredentialProvider
from keybearer.providers.destination import Destination
from keybearer.shell.clocks import CLOCKS

if TYPE_CHECKING:
    from keybearer.cli.auth_setup import Setup
    from keybearer.shell.transports.base import TransportOptions

__all__ = ["platform_access", "platform_report"]


def platform_access(
    section: ProviderConfig, name: str, transport: TransportOptions
) -> tuple[CredentialProvider, Destination]:
    """Return what gives the credentials of a platform's section, and where its requests go.

    Args:
        section: The section.
        name: The provider's name.
        transport: How token requests connect.

    Raises:
        ConfigError: A setting is missing, or cannot be.
        CredentialError: Its key cannot be one.
    """
    options: Any = {"platform": platform_of(section)}
    if section.base_url:
        options["base_url"] = section.base_url
    key = (section.api_key, f"providers.{name}.api_key") if section.api_key else None
    return connect(options, section.auth, key, transport=transport, clocks=CLOCKS)


def platform_report(setup: Setup) -> dict[str, Any]:
    """Return the credential of a platform, as plain data without a secret; the keys are those of any source's report."""
    source = str(getattr(setup.platform, "source", "the caller's own"))
    chosen = {
        "mode": "platform",
        "place": source,
        "state": "usable",
        "expires_at": None,
        "refreshed_by_keybearer": False,
        "freshness": "",
        "account": None,
        "problem": None,
        "message": None,
    }
    return {
        "chosen": chosen,
        "error": None,
        "shadowed": [],
        "sources": [chosen],
        "base_url": setup.base_url,
        "base_url_source": setup.base_url_source,
    }
