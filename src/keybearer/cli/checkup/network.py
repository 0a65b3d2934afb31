"""What is between this machine and the API: the clock, DNS, TLS, the proxy, and whether the API answers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Final

from keybearer.cli.checkup.result import CheckResult, Checkup, failed, good, skipped, warning
from keybearer.cli.checkup.route import APIRoute, Replied
from keybearer.cli.exit_codes import ExitCode
from keybearer.errors import ConfigError, KeybearerError, TransportError
from keybearer.errors.sanitize import excerpt

__all__ = ["clock", "dns", "proxy", "reachability", "tls"]

CLOSE_ENOUGH: Final = 60.0
"""How far this machine's clock may be off, in seconds, with nothing to notice: logins are refreshed minutes before they expire."""

MUCH_TOO_FAR: Final = 300.0
"""How far off it may be before certificates and logins are misjudged."""

Check = Callable[[Checkup], Iterator[CheckResult]]


def _on_the_way(check: Callable[[Checkup, APIRoute], CheckResult]) -> Check:
    """Return a check that is skipped where nothing says where requests go, or where nothing may be sent."""

    @functools.wraps(check)
    def run(checkup: Checkup) -> Iterator[CheckResult]:
        if checkup.args.offline:
            yield skipped("--offline: nothing is sent.")
        elif checkup.route is None:
            yield skipped("The configuration says where requests go, and cannot be used.")
        elif isinstance(checkup.route.proxy, ConfigError) and check is not _proxy:
            yield skipped("The proxy cannot be used: see proxy.")
        else:
            yield check(checkup, checkup.route)

    return run


def _clock(_: Checkup, route: APIRoute) -> CheckResult:
    """Compare this machine's clock with the server's `Date`."""
    from email.utils import parsedate_to_datetime

    replied = route.replied
    if not isinstance(replied, Replied):
        return skipped("No reply came whose Date it could be compared with: see below.")
    try:
        theirs = parsedate_to_datetime(replied.reply.headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return skipped("The server's reply has no Date to compare it with.")
    off = replied.at - theirs
    if abs(off) <= CLOSE_ENOUGH:
        return good("This machine's clock agrees with the server's.")
    says = f"This machine's clock is {_span(abs(off))} {'ahead of' if off > 0 else 'behind'} the server's."
    remedy = "Set the clock, or turn on its synchronization (NTP); certificates and logins are judged by it."
    if abs(off) > MUCH_TOO_FAR:
        return CheckResult("failed", says, remedy, ExitCode.FAILED)
    return warning(says, remedy)


def _span(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _dns(_: Checkup, route: APIRoute) -> CheckResult:
    """Look the host's name up."""
    first = route.route.proxy or route.route.origin if not route.through_socks else None
    if first is None:
        return skipped("The SOCKS proxy looks names up.")
    found = route.addresses
    if isinstance(found, TransportError):
        return failed(found)
    whose = "the proxy " if route.route.proxy else ""
    if found == [first.host]:
        return good(f"{whose}{first.host} is an address: there is nothing to look up.")
    return good(f"{whose}{first.host} is {', '.join(found[:4])}{' and more' if len(found) > 4 else ''}.")


def _tls(_: Checkup, route: APIRoute) -> CheckResult:
    """Make a connection with TLS."""
    if not route.secure:
        return good("Not used: the address is this machine itself.")
    if route.through_socks:
        return skipped("Through a SOCKS proxy it is tried with the whole request: see reachability.")
    opened = route.opened
    if isinstance(opened, TransportError):
        if opened.phase == "tls":
            return failed(opened)
        return skipped("No connection was made on which it could be tried: see below.")
    trusted = route.options.ca_file or "the system's certificates"
    return good(f"{opened} with {route.route.host}, which {trusted} vouch for.")


def _proxy(_: Checkup, route: APIRoute) -> CheckResult:
    """See that the proxy, if there is one, lets requests through."""
    named = route.proxy
    if isinstance(named, ConfigError):
        return failed(named)
    if named.url is None:
        why = f" ({named.by} names one, and NO_PROXY exempts this host)" if named.by and named.by != "proxy" else ""
        return good(f"None: the connection is direct{why}.")
    shown = f"{named.url!r}".strip("'")
    source = "the configuration" if named.by == "proxy" else named.by
    if route.through_socks:
        return good(f"{shown}, named by {source}.")
    opened = route.opened
    if isinstance(opened, TransportError) and opened.phase in {"proxy", "connect", "dns"}:
        finding = failed(opened)
        return finding._replace(says=f"{shown}, named by {source}: {finding.says}")
    return good(f"{shown}, named by {source}, lets requests through.")


def _reachability(checkup: Checkup, route: APIRoute) -> CheckResult:
    """See that the API answers: a request without a credential is refused in its own words."""
    replied = route.replied
    if isinstance(replied, KeybearerError):
        return failed(replied)
    status, body, host = replied.reply.status, replied.reply.body, route.base_url
    took = f"HTTP {status} in {replied.seconds:.2f} s"
    if status >= 500:
        return CheckResult(
            "failed", f"{host} answers {took}.", "Wait, and try again; or see its status page.", ExitCode.SERVICE
        )
    platform = checkup.setup is not None and checkup.setup.platform is not None  # its own pages have many forms
    if not platform and not body.lstrip().startswith((b"{", b"[")):
        says = f"What answers at {host} is not the API: {took}, {excerpt(body, 80)!r}."
        remedy = "Check base_url; a network with a sign-in page answers for everyone until you have signed in."
        return CheckResult("failed", says, remedy, ExitCode.SERVICE)
    checkup.answers = True
    if status in {401, 403}:
        return good(f"{host} answers: {took}, as is right without a credential.")
    if status == 429:
        return warning(f"{host} answers {took}.", "It limits this address: send less for a while.")
    return good(f"{host} answers: {took}.")


clock: Check = _on_the_way(_clock)
dns: Check = _on_the_way(_dns)
tls: Check = _on_the_way(_tls)
proxy: Check = _on_the_way(_proxy)
reachability: Check = _on_the_way(_reachability)
