"""The metadata addresses of the cloud platforms: the exceptions to "no credential in clear text".

Strategy: a platform gives a machine its identity at a link-local address, over http, because nothing but the machine itself can reach
it there. Each exception is one host and one path, fixed here; no configuration adds another.

Contract: such an address is never reached through a proxy, which would answer with its own identity. A request to it carries no
credential.

Sources: Google Cloud, "Verify VM identity"; Microsoft, "How to use managed identities to acquire an access token". EKS has none here:
its identity token is a file.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

__all__ = ["AZURE_IDENTITY", "GOOGLE_IDENTITY", "is_metadata_host", "is_metadata_url"]

GOOGLE_IDENTITY: Final = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/identity"
AZURE_IDENTITY: Final = "http://169.254.169.254/metadata/identity/oauth2/token"

_ADDRESSES: Final = frozenset({GOOGLE_IDENTITY, AZURE_IDENTITY})
_HOSTS: Final = frozenset(urlsplit(each).netloc for each in _ADDRESSES)


def is_metadata_url(url: str) -> bool:
    """Return whether a URL, without its query, is one of the addresses, to the letter."""
    return url.partition("?")[0] in _ADDRESSES


def is_metadata_host(host: str) -> bool:
    """Return whether a host is that of one of the addresses; it is never reached through a proxy."""
    return host in _HOSTS
