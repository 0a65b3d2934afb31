"""The proxy of a URL: the client's or the environment's, the same for every transport.

Strategy: the environment is read as curl reads it. `https_proxy`, `http_proxy` and `all_proxy`, in lower case before upper case; a
proxy without a scheme is http. `no_proxy` lists exceptions: `*` for all, a host with its subdomains (a leading dot changes
nothing), an address, or a network like `10.0.0.0/8`, each with an optional `:port`.

Contract: a loopback address is never reached through a proxy, unless the client's own proxy is on loopback too. Requests to loopback
may be in clear text, which must not leave the machine. A platform's metadata address is never reached through a proxy at all.

Source: curl(1), "ENVIRONMENT", and its `--noproxy`. HTTP_PROXY in upper case is what a CGI server sets from a request's `Proxy:`
header, so it is not read in one (httpoxy).
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from keybearer.config.metadata import is_metadata_host
from keybearer.config.urls import is_loopback, proxy_problem, proxy_url
from keybearer.errors import ConfigError
from keybearer.shell.transports.base import TransportOptions

__all__ = ["Proxies", "bypasses_proxy", "find_proxy", "proxy_for"]

PORTS: Final = {"http": 80, "https": 443}


class Proxies:
    """The proxy of each origin. The environment is read at the first request to it.

    Args:
        options: How the transport connects.
        socks: Whether the transport can use a SOCKS proxy.
    """

    def __init__(self, options: TransportOptions, *, socks: bool = False) -> None:
        self._options = options
        self._socks = socks
        self._known: dict[str, str | None] = {}

    def of(self, url: str) -> str | None:
        """Return the proxy's URL for a request's URL; None for a direct connection."""
        origin = url[: url.find("/", len("https://"))]
        if origin not in self._known:
            self._known[origin] = proxy_for(url, self._options, socks=self._socks)
        return self._known[origin]


def proxy_for(
    url: str, options: TransportOptions, *, socks: bool = False, environ: Mapping[str, str] | None = None
) -> str | None:
    """Return the proxy's URL for a request's URL, as `find_proxy`; None for a direct connection."""
    return find_proxy(url, options, socks=socks, environ=environ)[1]


def find_proxy(
    url: str, options: TransportOptions, *, socks: bool = False, environ: Mapping[str, str] | None = None
) -> tuple[str, str | None]:
    """Return what names the proxy for a request's URL, `proxy` or a variable, and the proxy's URL; None for a direct connection.

    Args:
        url: The request's URL.
        options: How the transport connects.
        socks: Whether the transport can use a SOCKS proxy.
        environ: The environment; the process's when omitted.

    Raises:
        ConfigError: The environment's proxy cannot be used, or the transport cannot use a SOCKS proxy.
    """
    if options.proxy is None and not options.trust_env:
        return "", None
    if is_metadata_host(_host(url), environ):
        return "", None
    if is_loopback(_host(url)) and not is_loopback(_host(options.proxy or "")):
        return "", None
    name, proxy = "proxy", options.proxy
    if proxy is None:
        name, proxy = _from_environment(url, os.environ if environ is None else environ)
    if not proxy:
        return name, None
    if proxy.startswith("socks") and not socks:
        raise ConfigError(
            f"The proxy of {name} is a SOCKS proxy, which this transport cannot use.",
            key=name,
            hint="Take HttpxTransport or AsyncHttpxTransport of shell.transports.httpx_transport: install the extra keybearer[httpx].",
        )
    return name, proxy


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _from_environment(url: str, environ: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the variable that names the proxy for a URL, and the proxy; None when there is none."""
    parts = urlsplit(url)
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if variable == "HTTP_PROXY" and "REQUEST_METHOD" in environ:
                continue
            if not (found := environ.get(variable, "").strip()):
                continue
            if bypasses_proxy(parts.hostname or "", parts.port or PORTS.get(parts.scheme), _exceptions(environ)):
                return variable, None
            proxy = found if "://" in found else f"http://{found}"
            if problem := proxy_problem(proxy):
                raise ConfigError(
                    f"The proxy of the environment's {variable} {problem}.",
                    key=variable,
                    hint=f"Mend {variable}, or go without it: Client(trust_env=False).",
                )
            return variable, proxy_url(proxy)
    return "", None


def _exceptions(environ: Mapping[str, str]) -> str:
    return environ.get("no_proxy") or environ.get("NO_PROXY") or ""


def bypasses_proxy(host: str, port: int | None, exceptions: str) -> bool:
    """Return whether NO_PROXY exempts a host from the proxy.

    Args:
        host: The host of a URL, as parsed.
        port: Its port.
        exceptions: The text of NO_PROXY.
    """
    host = host.lower().rstrip(".")
    address = _address(host)
    for each in exceptions.lower().replace(",", " ").split():
        if each == "*":
            return True
        name, only = _split_port(each)
        if only is not None and only != port:
            continue
        if address is not None:
            if _holds(name, address):
                return True
            continue
        name = name.strip(".")
        if name and (host == name or host.endswith(f".{name}")):
            return True
    return False


def _split_port(entry: str) -> tuple[str, int | None]:
    """Return an entry's host and its port; an IPv6 address has a port only after a bracket."""
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        text = rest.removeprefix(":")
    elif entry.count(":") == 1:
        name, _, text = entry.partition(":")
    else:
        return entry, None
    return name, int(text) if text.isdecimal() and len(text) < 6 else None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _holds(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
