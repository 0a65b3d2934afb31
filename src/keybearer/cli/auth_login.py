"""`keybearer auth login`: the wizard around a login.

    terms ─▶ can it be saved? ─▶ listen ─▶ browser ─▶ callback or paste, whichever comes first ─▶ exchange ─▶ save

Contract: it ends with a saved bundle and exit code 0, or says in words why not. A stray callback or a wrong paste does not end it.
"""

from __future__ import annotations

import argparse
import contextlib
import queue
import secrets
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from keybearer.cli.auth_setup import MAX_PASTE, accept_terms, locked, say, setup_of
from keybearer.cli.output import complain
from keybearer.credentials.login import HOSTED_REDIRECT, Answer, LoginAttempt, exchange
from keybearer.errors import ConfigError, CredentialError
from keybearer.types.secret import Secret

if TYPE_CHECKING:
    from keybearer.credentials.sources import Search
    from keybearer.shell.loopback import Callback
    from keybearer.shell.transport import TransportOptions

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
    from keybearer.credentials.sources import bundle_store

    setup = setup_of(args)
    search = setup.chain.search
    if not accept_terms(search, accepted=args.accept_terms):
        complain("keybearer auth login: nothing was done.")
        return 1
    store = bundle_store(search)
    locked(store, lambda: None)  # what cannot be written is found before anybody logs in
    callback = None if args.console else _listen(args.port)
    try:
        auth = search.auth
        attempt = LoginAttempt.begin(
            callback.redirect_uri if callback else HOSTED_REDIRECT,
            secrets.token_bytes,
            authorize_url=auth.authorize_url,
            client_id=auth.client_id,
            scopes=auth.scopes,
        )
        answer = _answer(attempt, callback, args)
    finally:
        if callback is not None:
            callback.close()
    if answer.code is None:
        raise CredentialError(
            answer.refusal, source="the login", problem="refused", hint="Run it again when you want to."
        )
    text = _exchange(attempt, answer, search, setup.transport)
    locked(store, lambda: store.replace(text))
    say(f"Logged in. Saved: {store.name}")
    say("See what is used with `keybearer auth status`.")
    return 0


def _listen(port: int) -> Callback:
    from keybearer.shell.loopback import Callback

    try:
        return Callback(port)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    raise ConfigError(
        f"The callback cannot listen on port {port}: {reason}.",
        key="--port",
        hint="Choose another --port, or use --console.",
    )


def _answer(attempt: LoginAttempt, callback: Callback | None, args: argparse.Namespace) -> Answer:
    """Open the browser and wait for the answer, from the callback or from a paste."""
    answers: queue.Queue[Answer] = queue.Queue()
    if callback is not None:
        callback.start(attempt.read_callback, answers.put)
    say("Log in with this address:" if args.no_browser else "The browser opens; if it does not, use this address:")
    say(f"\n  {attempt.url}\n")
    if callback is None:
        say("Paste the code that the page shows, then press Enter:")
    else:
        say(
            "If the browser is on another machine, paste the address that it ends up at, or the code, then press Enter:"
        )
    threading.Thread(
        target=_read_pastes,
        args=(attempt.read_paste, answers.put, callback is None),
        name="keybearer-paste",
        daemon=True,
    ).start()
    if not args.no_browser:
        _open_browser(attempt.url)
    try:
        return answers.get(timeout=args.timeout)
    except queue.Empty:
        return Answer(refusal=f"No answer came within {args.timeout:g} s.")


def _read_pastes(read: Callable[[str], Answer], done: Callable[[Answer], None], alone: bool) -> None:
    """Read standard input until a paste ends the login."""
    with contextlib.suppress(OSError, ValueError):
        while line := sys.stdin.readline(MAX_PASTE) if sys.stdin is not None else "":
            if not line.strip():
                continue
            answer = read(line)
            if not answer.stray:
                done(answer)
                return
            complain(f"That is not it: {answer.stray}. Try again:")
    if alone:
        done(Answer(refusal="Standard input ended before a code was pasted."))


def _open_browser(url: str) -> None:
    import webbrowser

    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)


def _exchange(attempt: LoginAttempt, answer: Answer, search: Search, options: TransportOptions) -> Secret:
    from msgspec import structs

    from keybearer.shell.defaults import DefaultTransport
    from keybearer.shell.drivers import SyncDriver

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
