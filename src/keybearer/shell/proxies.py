"""Which proxy a URL goes through, for a transport whose library does not read the environment."""

from __future__ import annotations

from urllib.parse import urlsplit

from keybearer.shell.transport import TransportOptions

__all__ = ["proxy_for"]


def proxy_for(url: str, options: TransportOptions) -> str | None:
    """Return the proxy's URL for a request's URL; None for a direct connection."""
    if options.proxy is not None:
        return options.proxy or None
    if not options.trust_env:
        return None
    from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined] # not in the stubs

    proxies: dict[str, str] = getproxies_environment()
    if not proxies:
        return None
    parts = urlsplit(url)
    if proxy_bypass_environment(parts.hostname or "", proxies):
        return None
    return proxies.get(parts.scheme) or proxies.get("all")
