"""The metadata addresses of the cloud platforms: the exceptions to "no credential in clear text".

Strategy: a platform gives a machine its identity at a link-local address, over http, because nothing but the machine itself can reach
it there. Each exception is one host and one path, fixed here; no configuration adds another.

Contract: a metadata server is never reached through a proxy, which would answer with its own identity, and read ours. That holds for
every request to one, the clouds' own libraries' too: `is_metadata_host` decides for our transports (`shell/transports/proxies.py`),
which google-auth and the AWS instance's keys go over, and for azure-identity's transport. A request to it carries no credential.

Sources: Google Cloud, "Verify VM identity"; Microsoft, "How to use managed identities to acquire an access token"; AWS, "Instance
metadata", "Task IAM roles" and "EKS Pod Identities"; `google/auth/compute_engine/_metadata.py` for Google's variables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

__all__ = ["AZURE_IDENTITY", "GOOGLE_IDENTITY", "is_metadata_host", "is_metadata_url"]

GOOGLE_IDENTITY: Final = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/identity"
AZURE_IDENTITY: Final = "http://169.254.169.254/metadata/identity/oauth2/token"

_ADDRESSES: Final = frozenset({GOOGLE_IDENTITY, AZURE_IDENTITY})
_HOSTS: Final = frozenset({"metadata.google.internal", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"})
"""The metadata servers whose names and addresses are not link-local: Google's name, and AWS's and Google's in IPv6."""

_NAMED_BY: Final = ("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "AZURE_POD_IDENTITY_AUTHORITY_HOST")
"""The variables by which google-auth and azure-identity find a metadata server elsewhere."""


def is_metadata_url(url: str) -> bool:
    """Return whether a URL, without its query, is one of the addresses, to the letter."""
    return url.partition("?")[0] in _ADDRESSES


def is_metadata_host(host: str, environ: Mapping[str, str] | None = None) -> bool:
    """Return whether a host is a metadata server's; it is never reached through a proxy.

    Args:
        host: The host of a URL, as parsed.
        environ: The environment, which may name another host; the process's when omitted.
    """
    host = host.lower().rstrip(".")
    if not host:
        return False
    if host in _HOSTS or _is_link_local(host):
        return True
    environ = os.environ if environ is None else environ
    return any(host == _host_of(environ[name]) for name in _NAMED_BY if environ.get(name))


def _is_link_local(host: str) -> bool:
    if ":" not in host and not host[0].isdigit():
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_link_local
    except ValueError:
        return False


def _host_of(text: str) -> str | None:
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return None
