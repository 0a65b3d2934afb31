"""`keybearer auth status`: every source as it is, which one is used, until when, how it stays fresh, and where it goes.

Contract: nothing is sent and nothing is changed; no secret is shown. Exit code 4 when no credential can be used, one that may not go
to the base URL included.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from keybearer.cli.auth_setup import Setup, setup_of
from keybearer.cli.output import say

if TYPE_CHECKING:
    from keybearer.credentials.chain import Resolved
    from keybearer.credentials.sources.table import Found, Search, Source
    from keybearer.errors import CredentialError

__all__ = ["add_arguments", "status"]

DEFAULT_BASE_URL: Final = "https://api.anthropic.com"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def status(args: argparse.Namespace) -> int:
    """Show the credentials.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.
    """
    report = _as_text(_report(setup_of(args)))
    if args.json:
        import msgspec

        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    else:
        _print(report)
    return 0 if report["chosen"] else 4


def _report(setup: Setup) -> dict[str, Any]:
    """Return what every source is, as plain data without a secret."""
    from keybearer.errors import CredentialError

    chain = setup.chain
    sources = [_source(source, found, chain.search) for source, found in chain.survey()]
    report: dict[str, Any] = {"chosen": None, "error": None, "shadowed": [], "sources": sources}
    report |= {
        "base_url": setup.base_url or DEFAULT_BASE_URL,
        "base_url_source": setup.base_url_source or "the default",
    }
    try:
        resolved = chain.resolve()
        if setup.base_url is None and resolved.found.base_url:
            report |= {"base_url": resolved.found.base_url, "base_url_source": resolved.place}
        _check_usable(report["base_url"], resolved, chain.search)
    except CredentialError as error:
        return report | {"error": str(error)}
    chosen = next(source for source in sources if source["mode"] == resolved.mode)
    return report | {"chosen": chosen, "shadowed": list(resolved.shadowed)}


def _source(source: Source, found: Found, search: Search) -> dict[str, Any]:
    from keybearer.credentials.tokens import iso

    error = found.error or _over(found, source.place(search), search)
    state = "usable" if error is None else "absent" if found.absent else "unseen" if found.unseen else "unusable"
    broken = error if state in {"unusable", "unseen"} else None
    return {
        "mode": source.mode,
        "place": source.place(search),
        "state": state,
        "expires_at": None if found.expires_at is None else iso(found.expires_at),
        "refreshed_by_keybearer": False,
        "freshness": "",
        "account": None,
        "problem": broken.problem if broken else None,
        "message": str(broken) if broken else None,
    } | _freshness(source, found, search)


def _freshness(source: Source, found: Found, search: Search) -> dict[str, Any]:
    """Say how a credential that can be used stays fresh, and whose it is."""
    from keybearer.cli.accounts import account_of
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.tokens import TokenState

    login = found.provider
    if not isinstance(login, OAuthLogin):
        words = {"cli_import": "Claude Code refreshes it", "static": ""}
        return {"freshness": words.get(source.mode, "nothing refreshes it: make another in time")} if login else {}
    bundle = login.read()
    account = account_of(bundle.document)
    whose = {"account": None if account is None else str(account)}
    if bundle.refresh_token is None:
        return whose | {"freshness": "it has no refresh token: log in again before it expires"}
    if not found.refreshes:
        return whose | {"freshness": "another program refreshes it"}
    if login.spent() is not None:
        return whose | {"freshness": "its refresh token is spent: log in again before it expires"}
    if found.refused:
        return whose | {
            "refreshed_by_keybearer": True,
            "freshness": "the service refused it: the next call refreshes it",
        }
    by_state = {
        TokenState.FRESH: "keybearer refreshes it by itself",
        TokenState.STALE: "the next call refreshes it",
        TokenState.EXPIRED: "it has expired: the next call refreshes it, if its refresh token is still good",
    }
    state = bundle.state(search.rules.clocks.wall())
    return whose | {"refreshed_by_keybearer": True, "freshness": by_state[state]}


def _check_usable(base_url: str, resolved: Resolved, search: Search) -> None:
    """See that the credential can be sent, and may go where requests go.

    Raises:
        CredentialError: It cannot, or may not.
    """
    from keybearer.credentials.hosts import check_host

    if (over := _over(resolved.found, resolved.place, search)) is not None:
        raise over
    others = getattr(resolved.provider, "other_hosts", None)  # an API key may go anywhere
    if others is not None:
        check_host(base_url, others, what=f"The OAuth token from {resolved.place}")


def _over(found: Found, place: str, search: Search) -> CredentialError | None:
    """Return why the next request cannot be signed with a login: its token is refused or expired, and nothing can refresh it."""
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.tokens import TokenState
    from keybearer.errors import LoginRequired

    login = found.provider
    if not isinstance(login, OAuthLogin):
        return None
    bundle = login.read()
    if not found.refused and bundle.state(search.rules.clocks.wall()) is not TokenState.EXPIRED:
        return None
    if (spent := login.spent()) is not None or not found.refused:
        return spent
    if found.refreshes and bundle.refresh_token is not None:
        return None
    return LoginRequired(
        f"The service has refused the access token of {place}, and nothing here can refresh it.",
        source=place,
        problem="refused",
        hint="Log in again: `keybearer auth login`.",
    )


def _as_text(value: Any) -> Any:
    """Return a report whose texts every encoding takes: a path may have bytes that are no text."""
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _as_text(each) for key, each in value.items()}
    return [_as_text(each) for each in value] if isinstance(value, list) else value


def _print(report: dict[str, Any]) -> None:
    chosen = report["chosen"]
    if chosen is None:
        say("No credential can be used.")
        say(report["error"])
    else:
        say(f"Used: {chosen['place']} (mode {chosen['mode']})")
        if chosen["account"]:
            say(f"Account: {chosen['account']}")
        kept = f"; {chosen['freshness']}" if chosen["freshness"] else ""
        say(f"Expires: {chosen['expires_at'] or 'not stated'}{kept}")
        for place in report["shadowed"]:
            say(f"Shadows: {place}")
    say(f"Goes to: {report['base_url']} (set by {report['base_url_source']})")
    say("")
    for source in report["sources"]:
        say(f"  {source['state']:9} {source['mode']:17} {source['place']}")
        if source["message"] and chosen is not None:
            say(f"            {source['message']}")
