"""`keybearer auth login`: whose login it is, and whose it replaces."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable

import pytest

from keybearer.cli.pastes import LoginPrompt
from support.browsing import browse, follow
from support.logins import Home, write_private

OTHERS = {
    "access_token": "sk-ant-oat01-other",
    "account": {"uuid": "other", "email_address": "other@example.com"},
    "organization": {"uuid": "acme", "name": "Acme"},
}


def test_the_account_is_shown(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A login says whose it is, and the next one whose it replaces; of the same account nothing is asked."""
    browse(monkeypatch, follow)
    typed()
    assert home.run("login", "--accept-terms") == 0
    out, err = capsys.readouterr()
    assert "Account: someone@example.com (Simulated organization)" in out
    assert "There is a login of" not in out + err
    typed()
    assert home.run("login", "--accept-terms") == 0
    out, err = capsys.readouterr()
    assert "There is a login of someone@example.com (Simulated organization)." in out
    assert "in whose place" not in err


@pytest.mark.parametrize("answer", ["y\n", "n\n", "\n"])
def test_a_login_of_another_account_is_replaced_if_a_person_agrees(
    home: Home,
    answer: str,
    typed: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whose login it is and whose it replaces is said, and asked; without a yes the old one stays as it was."""
    write_private(home.bundle, OTHERS)
    home.bundle.parent.chmod(0o700)
    before = home.bundle.read_text()
    asked = threading.Event()
    browse(monkeypatch, follow)
    typed(lambda: (asked.wait(60), answer)[1])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    confirms = LoginPrompt.confirms

    def ask(prompt: LoginPrompt, seconds: float) -> bool:
        asked.set()
        return confirms(prompt, seconds)

    monkeypatch.setattr(LoginPrompt, "confirms", ask)
    code = 0 if answer == "y\n" else 1
    assert home.run("login", "--accept-terms") == code
    err = capsys.readouterr().err
    assert (
        "of someone@example.com (Simulated organization), and the one in whose place it comes is of other@example.com (Acme)"
        in err
    )
    assert (home.bundle.read_text() == before) is (code == 1)


def test_without_anybody_to_ask_a_login_of_another_account_is_named(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where standard input is no terminal the new login is saved, and both accounts are named."""
    write_private(home.bundle, OTHERS)
    browse(monkeypatch, follow)
    typed()
    assert home.run("login", "--accept-terms") == 0
    assert "is of other@example.com (Acme)" in capsys.readouterr().err
    assert json.loads(home.bundle.read_text())["account"]["email_address"] == "someone@example.com"
