"""What `auth status` and `doctor` say of a platform: where requests go, and which credential signs them.

Contract: nothing is sent, so a cloud's own credentials are named and not asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keybearer.cli.auth_setup import Setup
from keybearer.client.from_config import platform_of
from keybearer.client.platform import connect
from keybearer.config.schema import AuthConfig, ProviderConfig
from keybearer.shell.clocks import CLOCKS

if TYPE_CHECKING:
    from keybearer.shell.transports.base import TransportOptions

__all__ = ["platform_report", "platform_setup"]


def platform_setup(section: ProviderConfig, name: str, place: str, transport: TransportOptions) -> Setup:
    """Return what a platform's section of the configuration comes to.

    Args:
        section: The section.
        name: The provider's name.
        place: Where its `kind` stands, in words.
        transport: How token requests connect.

    Raises:
        ConfigError: A setting is missing, or cannot be.
        CredentialError: Its key cannot be one.
    """
    from keybearer.client.credentials import chain

    options: Any = {"platform": platform_of(section)}
    if section.base_url:
        options["base_url"] = section.base_url
    key = (section.api_key, f"providers.{name}.api_key") if section.api_key else None
    provider, to = connect(options, section.auth, key, transport=transport, clocks=CLOCKS)
    return Setup(chain(AuthConfig(), None, transport), transport, to.root, f"{to.row.title}, {place}", provider)


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
