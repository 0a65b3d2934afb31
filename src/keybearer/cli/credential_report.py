"""What every source of credentials is, which one is used and where it goes: `auth status` and `doctor` show it.

Contract: nothing is sent and nothing is changed; no secret is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from keybearer.cli.auth_setup import Setup

if TYPE_CHECKING:
    from keybearer.credentials.chain import Resolved
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.sources.table import Found, Key, Search, Source
    from keybearer.credentials.tokens import TokenState
    from keybearer.errors import CredentialError

__all__ = ["DEFAULT_BASE_URL", "report_of", "usable"]

DEFAULT_BASE_URL: Final = "https://api.anthropic.com"


def report_of(setup: Setup) -> dict[str, Any]:
    """Return what every source is, as plain data without a secret."""
    from keybearer.errors import CredentialError

    if setup.platform is not None:
        from keybearer.cli.platform_setup import platform_report

        return platform_report(setup)
    chain = setup.chain
    sources = [_source(source, found, chain.search) for source, found in chain.survey()]
    report: dict[str, Any] = {"chosen": None, "error": None, "shadowed": [], "sources": sources}
    report |= {
        "base_url": setup.base_url or DEFAULT_BASE_URL,
        "base_url_source": setup.base_url_source or "the default",
    }
    if setup.keys:
        report["keys"] = [_key(key) for key in setup.keys]
    try:
        resolved = usable(setup)
    except CredentialError as error:
        return report | {"error": str(error)}
    if setup.base_url is None and resolved.found.base_url:
        report |= {"base_url": resolved.found.base_url, "base_url_source": resolved.place}
    chosen = next(source for source in sources if source["mode"] == resolved.mode)
    return report | {"chosen": chosen, "shadowed": list(resolved.shadowed)}


SHOWN: Final = 4
"""How many of a key's last characters are shown, by which its owner knows it in the Console."""

LONG: Final = 40
"""How long a key is at the least of which any are shown."""


def _key(key: Key) -> dict[str, Any]:
    """Return what one of several keys is. What its limits leave only a running client knows, by the replies to it."""
    from keybearer.credentials.sources.static import unquoted
    from keybearer.errors import CredentialError

    problem = message = None
    try:
        _check_key(key)
    except CredentialError as error:
        problem, message = error.problem, str(error)
    text = unquoted(key.secret.reveal())
    return {
        "place": key.source,
        "ends_with": text[-SHOWN:] if message is None and len(text) >= LONG else None,
        "state": "usable" if message is None else "unusable",
        "problem": problem,
        "message": message,
    }


def _check_key(key: Key) -> None:
    """Raise a `CredentialError` for a key that is none."""
    from keybearer.credentials.sources.table import key_provider
    from keybearer.shell.clocks import CLOCKS

    key_provider(key, CLOCKS.monotonic)


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
    account = login.whose or account_of(bundle.document)
    whose = {"account": None if account is None else str(account)}
    if not login.renewable():
        return whose | {"freshness": "it has no refresh token: log in again before it expires"}
    if not found.refreshes:
        return whose | {"freshness": "another program refreshes it"}
    if (over := login.spent()) is not None:
        what = (
            "its refresh token is spent"
            if over.problem == "invalid_grant"
            else "what came of its last refresh is unknown"
        )
        return whose | {"freshness": f"{what}: log in again before it expires"}
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
    freshness = by_state[state] if bundle.refresh_token else _exchanged(login, search.rules.clocks.wall(), state)
    return whose | {"refreshed_by_keybearer": True, "freshness": freshness}


def _exchanged(login: OAuthLogin, now: float, state: TokenState) -> str:
    """Say how a token stays fresh that is exchanged for an identity token, and what that is now."""
    from keybearer.cli.identity_report import identity_words
    from keybearer.credentials.tokens import TokenState

    when = "keybearer exchanges the next by itself" if state is TokenState.FRESH else "the next call exchanges one"
    return f"{when}; {identity_words(login, now)}"


def usable(setup: Setup) -> Resolved:
    """Return the credential that requests are signed with, which can be sent, and may go where requests go.

    Raises:
        CredentialError: There is none, or it cannot be sent, or may not.
    """
    from keybearer.credentials.hosts import check_host

    for key in setup.keys:  # a client takes all of them, or none
        _check_key(key)
    resolved = setup.chain.resolve()
    base_url = setup.base_url or resolved.found.base_url or DEFAULT_BASE_URL
    if (over := _over(resolved.found, resolved.place, setup.chain.search)) is not None:
        raise over
    others = getattr(resolved.provider, "other_hosts", None)  # an API key may go anywhere
    if others is not None:
        check_host(base_url, others, what=f"The OAuth token from {resolved.place}")
    return resolved


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
    if found.refreshes and login.renewable():
        return None
    return LoginRequired(
        f"The service has refused the access token of {place}, and nothing here can refresh it.",
        source=place,
        problem="refused",
        hint="Log in again: `keybearer auth login`.",
    )
