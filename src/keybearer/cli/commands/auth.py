"""`keybearer auth`: make a login, see which credential is used and why, refresh it, remove it.

`login` and `status` are in `auth_login.py` and `auth_status.py`.
No subcommand takes a secret as an argument, since other users see argument lists, and only `token` prints one.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from keybearer._arguments import port, seconds
from keybearer.cli.auth_setup import MAX_PASTE, chain_of, locked, remember_terms, show_terms, terms_known
from keybearer.cli.options import Subcommand, add_subcommands, run_subcommand
from keybearer.cli.output import complain, say

if TYPE_CHECKING:
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.sources.table import Search

__all__ = ["add_arguments", "run", "save_setup_token"]


run = run_subcommand


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS, "config", "provider", "bundle", "store")


# ── login ────────────────────────────────────────────────────────────────────


def _login_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    parser.add_argument("--port", type=port, default=0, metavar="N", help="the callback's port (default: a free one)")
    parser.add_argument(
        "--console", action="store_true", help="use the page that shows a code to paste, and no callback"
    )
    parser.add_argument(
        "--timeout", type=seconds, default=600.0, metavar="S", help="how long to wait for the answer (default: 600)"
    )
    parser.add_argument(
        "--accept-terms", action="store_true", help="do not ask about Anthropic's terms; they are still shown"
    )


def _login(args: argparse.Namespace) -> int:
    from keybearer.cli.commands.auth_login import login

    return login(args)


# ── the others ───────────────────────────────────────────────────────────────


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    from keybearer.cli.commands.auth_status import add_arguments as add

    add(parser)


def _status(args: argparse.Namespace) -> int:
    from keybearer.cli.commands.auth_status import status

    return status(args)


def _refresh(args: argparse.Namespace) -> int:
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.credentials.tokens import iso
    from keybearer.errors import CredentialError

    resolved = chain_of(args).resolve()
    login = resolved.provider
    if not isinstance(login, OAuthLogin) or not resolved.found.refreshes:
        raise CredentialError(
            f"There is nothing to refresh: the credential in use is {resolved.place}.",
            source=resolved.place,
            hint="Only an OAuth bundle, an SDK profile and a token by federation are refreshed by keybearer.",
        )
    bundle = _drive(login)
    expires_at = bundle.expires_at
    say(f"Refreshed: {resolved.place}" + ("" if expires_at is None else f", which expires at {iso(expires_at)}"))
    return 0


def _drive(login: OAuthLogin) -> Any:
    from keybearer.shell.drivers import SyncDriver
    from keybearer.shell.transports.base import TransportOptions
    from keybearer.shell.transports.default import DefaultTransport

    return SyncDriver(DefaultTransport(TransportOptions())).run(login.refresh_now())


def _logout_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--setup-token", action="store_true", help="remove the setup token that was saved, not the login"
    )


def _logout(args: argparse.Namespace) -> int:
    from keybearer.credentials.sources.table import bundle_store
    from keybearer.errors import CredentialError

    search = chain_of(args).search
    try:
        if args.setup_token:
            return _forget_setup_token(search)
        store = bundle_store(search)
        there = store.removable()  # before the lock: its file is not left beside something else
        if there or store.unfinished():
            there = locked(store, store.remove)
    except CredentialError as error:
        complain(f"keybearer auth logout: {error}")
        return 1
    say(f"Removed: {store.name}" if there else f"There was no login: {store.name}")
    if there:
        say("Its tokens are not revoked: to do that, log this device out in your account's settings.")
    return 0


def _forget_setup_token(search: Search) -> int:
    """Remove the file of the setup token, if it is one: a path may be mistyped, and a file is gone for good."""
    from keybearer.credentials.sources.setup_token import read_setup_token
    from keybearer.credentials.sources.table import setup_token_file
    from keybearer.errors import CredentialError

    path = setup_token_file(search)
    try:
        read_setup_token(path)
    except CredentialError as error:
        if error.problem != "missing":
            raise
        say(f"There was no setup token: {path}")
        return 0
    path.unlink(missing_ok=True)
    say(f"Removed: {path}")
    say("The token is not revoked: to do that, remove it in your account's settings.")
    return 0


def _setup_token_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", metavar="FILE", help="read the token from a file instead of standard input")


def save_setup_token(args: argparse.Namespace) -> int:
    """Save a setup token, from a file or from standard input.

    Args:
        args: The parsed flags.

    Returns:
        The exit code.

    Raises:
        CredentialError: It is none, or cannot be saved.
    """
    from pathlib import Path

    from keybearer.credentials.oauth.bundle_codec import BUNDLE
    from keybearer.credentials.sources.setup_token import parse_setup_token, read_setup_token
    from keybearer.credentials.sources.table import setup_token_file
    from keybearer.credentials.stores.file import FileStore
    from keybearer.types.secret import Secret

    search = chain_of(args).search
    if not terms_known(search):
        show_terms()
    if args.file:
        token = read_setup_token(Path(args.file))
    else:
        if sys.stdin is not None and sys.stdin.isatty():
            say("Paste the token that `claude setup-token` printed, then press Ctrl-D:")
        token = parse_setup_token(Secret("" if sys.stdin is None else sys.stdin.read(MAX_PASTE)), "standard input")
    store = FileStore(setup_token_file(search), BUNDLE)
    locked(store, lambda: store.replace(Secret(token.reveal() + "\n")))
    remember_terms(search)
    say(f"Saved: {store.path}")
    return 0


def _token(args: argparse.Namespace) -> int:
    from keybearer.errors import CredentialError
    from keybearer.shell.drivers import SyncDriver
    from keybearer.shell.transports.base import TransportOptions
    from keybearer.shell.transports.default import DefaultTransport

    resolved = chain_of(args).resolve()
    credential = SyncDriver(DefaultTransport(TransportOptions())).run(resolved.provider.current())
    token = credential.access_token
    if token is None:
        raise CredentialError(
            f"The credential in use is an {credential.signer.what}: {resolved.place}.",
            source=resolved.place,
            hint="This prints access tokens.",
        )
    print(token.reveal())
    return 0


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    from keybearer.cli.commands.auth_list import add_arguments as add

    add(parser)


def _list(args: argparse.Namespace) -> int:
    from keybearer.cli.commands.auth_list import list_credentials

    return list_credentials(args)


SUBCOMMANDS: Final = {
    "login": Subcommand("log in with a Claude subscription, in the browser", _login, _login_arguments),
    "status": Subcommand("show which credential is used, and what else there is", _status, _status_arguments),
    "list": Subcommand("list every credential that there is, for each provider", _list, _list_arguments),
    "refresh": Subcommand("refresh the login now", _refresh),
    "logout": Subcommand("remove the login, or a setup token, from this machine", _logout, _logout_arguments),
    "setup-token": Subcommand(
        "save a setup token, read from standard input or a file", save_setup_token, _setup_token_arguments
    ),
    "token": Subcommand("print an access token, for scripts", _token),
}
