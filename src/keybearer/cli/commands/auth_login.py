"""`keybearer auth login`: the wizard around a login.

    terms ─▶ can it be saved? ─▶ listen ─▶ browser ─▶ callback or paste, whichever comes first ─▶ exchange ─▶ whose? ─▶ save

Contract: it ends with a saved bundle and exit code 0, or says in words why not. A stray callback or a wrong paste does not end it,
and neither a browser nor a connection to the callback makes it wait beyond its limit. A login of another account is not replaced
without asking, if there is a person to ask.
"""

from __future__ import annotations

import argparse
import secrets
from typing import TYPE_CHECKING

from keybearer.cli.accounts import Account, account_of
from keybearer.cli.auth_setup import accept_terms, locked, setup_of
from keybearer.cli.output import complain, say
from keybearer.cli.pastes import LoginPrompt
from keybearer.credentials.oauth.authorization import HOSTED_REDIRECT, LoginAnswer, LoginAttempt, exchange
from keybearer.errors import ConfigError, CredentialError
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.credentials.sources.table import Search
    from keybearer.credentials.stores.protocol import Store
    from keybearer.shell.login_callback import Callback, Host
    from keybearer.shell.transports.base import TransportOptions

__all__ = ["login"]


def login(args: argparse.Namespace) -> int:
    """Log in.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.

    Raises:
        CredentialError: There is no new login; the message says why.
    """
    from keybearer.credentials.sources.table import bundle_store

    setup = setup_of(args, ask=True)
    search = setup.chain.search
    if not accept_terms(search, accepted=args.accept_terms):
        complain("keybearer auth login: nothing was done.")
        return 1
    store = bundle_store(search)
    locked(store, store.prove_writable)  # what cannot be written is found before anybody logs in
    before = _account_in(store)
    if before is not None:
        say(f"There is a login of {before}. A new one takes its place; `--bundle FILE` keeps both.")
    callback = None if args.console else _listen(args.port, search.auth.redirect_host)
    prompt = LoginPrompt()
    try:
        auth = search.auth
        attempt = LoginAttempt.begin(
            callback.redirect_uri if callback else HOSTED_REDIRECT,
            secrets.token_bytes,
            authorize_url=auth.authorize_url,
            client_id=auth.client_id,
            scopes=auth.scopes,
        )
        answer = _answer(attempt, callback, prompt, args)
    finally:
        if callback is not None:
            callback.close()
    if answer.code is None:
        raise CredentialError(
            answer.refusal, source="the login", problem="refused", hint="Run it again when you want to."
        )
    text = _exchange(attempt, answer, search, setup.transport)
    now = account_of(text)
    if (
        before is not None
        and now is not None
        and now.differs(before)
        and not _replace(before, now, prompt, args.timeout)
    ):
        complain(f"keybearer auth login: nothing was saved. The login of {before} is as it was.")
        return 1
    locked(store, lambda: store.replace(text))
    say(f"Logged in. Saved: {store.name}")
    if now is not None:
        say(f"Account: {now}")
    say("See what is used with `keybearer auth status`.")
    return 0


def _account_in(store: Store) -> Account | None:
    """Return whose login is there, if it can be used and says."""
    try:
        return account_of(store.load().document)
    except CredentialError:
        return None


def _replace(before: Account, now: Account, prompt: LoginPrompt, seconds: float) -> bool:
    """Return whether to replace another account's login. Without a person to ask, it is replaced with a notice."""
    words = f"This login is of {now}, and the one in whose place it comes is of {before}."
    if not prompt.interactive:
        complain(words)
        return True
    complain(f"{words} Replace it? [y/N]")
    return prompt.confirms(seconds)


def _listen(port: int, host: Host) -> Callback:
    from keybearer.shell.login_callback import Callback

    try:
        return Callback(port, host)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    raise ConfigError(
        f"The callback cannot listen on {host} port {port}: {reason}.",
        key="--port",
        hint="Choose another --port, or use --console.",
    )


def _answer(
    attempt: LoginAttempt, callback: Callback | None, prompt: LoginPrompt, args: argparse.Namespace
) -> LoginAnswer:
    """Open the browser and wait for the answer, from the callback or from a paste."""
    from keybearer.cli.browser import browser

    if callback is not None:
        callback.start(attempt.read_callback, prompt.put)
    start = None if args.no_browser else browser(attempt.url)
    say("The browser opens; if it does not, use this address:" if start else "Log in with this address:")
    say(f"\n  {attempt.url}\n")
    if callback is None:
        say("Paste the code that the page shows, then press Enter:")
    else:
        say(
            "If the browser is on another machine, paste the address that it ends up at, or the code, then press Enter:"
        )
    if start:
        start()
    return prompt.answer(attempt.read_paste, args.timeout, alone=callback is None)


def _exchange(attempt: LoginAttempt, answer: LoginAnswer, search: Search, options: TransportOptions) -> Secret:
    from msgspec import structs

    from keybearer.shell.drivers import SyncDriver
    from keybearer.shell.transports.default import DefaultTransport

    rules = structs.replace(
        search.rules,
        token_endpoint=search.auth.token_endpoint,
        token_format=search.auth.token_format,
        other_hosts=search.other_hosts,
    )
    transport = DefaultTransport(options)
    try:
        return SyncDriver(transport).run(exchange(attempt, answer.code or Secret(""), rules))
    finally:
        transport.close()
