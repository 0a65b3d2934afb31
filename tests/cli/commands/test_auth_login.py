"""`keybearer auth login`: the whole login against the simulator, and what can go wrong in it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3

from keybearer import Client
from keybearer.cli import main
from keybearer.cli.auth_setup import TERMS
from keybearer.simulator import Simulator
from support.browsing import browse, follow
from support.logins import SETUP, Home


def test_a_login_from_the_browser_to_a_first_answer(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The terms are shown and asked, the browser opens, the bundle is saved, and a client uses it."""
    typed("y\n")
    opened = browse(monkeypatch, follow)
    assert home.run("login") == 0
    out, err = capsys.readouterr()
    assert TERMS in err
    assert "Go on? [y/N]" in err
    assert f"Logged in. Saved: the OAuth bundle {home.bundle}" in out
    assert len(opened) == 1
    document = json.loads(home.bundle.read_text())
    assert document["token_endpoint"] == home.sim.base_url + "/v1/oauth/token"
    assert home.bundle.stat().st_mode & 0o777 == 0o600
    assert home.bundle.parent.stat().st_mode & 0o777 == 0o700
    for secret in (document["access_token"], document["refresh_token"]):
        assert secret not in out + err
    with Client.from_config(home.config) as client:
        message = client.messages.create(
            model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Hi"}]
        )
    assert message.text
    assert home.sim.verdict == []


def test_the_terms_are_shown_once(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A no ends it with nothing done, and is asked again; a yes is remembered."""
    opened = browse(monkeypatch, follow)
    typed("n\n")
    assert home.run("login") == 1
    assert opened == []
    assert not home.bundle.exists()
    typed("y\n")
    assert home.run("login") == 0
    assert capsys.readouterr().err.count("Before you go on") == 2
    typed()
    assert home.run("login") == 0
    assert "Before you go on" not in capsys.readouterr().err


def test_terms_that_were_accepted_beforehand_are_still_shown(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--accept-terms` asks nothing and shows them each time, as its help says."""
    browse(monkeypatch, follow)
    for _ in range(2):
        typed()
        assert home.run("login", "--accept-terms") == 0
        err = capsys.readouterr().err
        assert TERMS in err
        assert "Go on?" not in err


def test_the_terms_are_shown_until_a_token_was_accepted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A setup token that is refused is no answer to the terms: they are shown, and asked, the next time."""
    for text, code, shown in (("garbage", 4, True), (SETUP, 0, True), (SETUP, 0, False)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        assert main(["auth", "setup-token"]) == code
        assert (TERMS in capsys.readouterr().err) is shown


def test_a_denied_consent_is_reported(
    tmp_path: Path,
    sim: Simulator,
    typed: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person who denies reads that, and nothing is saved."""
    import re

    def deny(url: str) -> None:
        with urllib3.PoolManager() as http:
            page = http.request("GET", url).data
            ticket = re.search(rb'name="ticket" value="([^"]+)"', page)
            assert ticket
            reply = http.request(
                "POST",
                sim.base_url + "/oauth/authorize",
                fields={"ticket": ticket[1].decode(), "decision": "deny"},
                encode_multipart=False,
                redirect=False,
            )
            http.request("GET", reply.headers["location"])

    typed()
    browse(monkeypatch, deny)
    home = Home(tmp_path, sim)
    assert home.run("login", "--accept-terms") == 4
    assert "Nothing was granted: you denied it." in capsys.readouterr().err
    assert not home.bundle.exists()


def test_no_answer_in_time_is_reported(
    home: Home, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A login that nobody finishes ends, in words."""
    typed()
    assert home.run("login", "--accept-terms", "--no-browser", "--timeout", "0.05") == 4
    assert "No answer came within 0.05 s." in capsys.readouterr().err


def test_a_login_that_cannot_be_saved_is_found_before_the_browser(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that cannot be made is reported before anybody logs in."""
    opened = browse(monkeypatch, follow)
    home.bundle.parent.write_text("a file where the folder should be")
    typed()
    assert home.run("login", "--accept-terms") == 4
    assert "could not be changed" in capsys.readouterr().err
    assert opened == []


def test_a_keyring_that_cannot_be_written_is_found_before_the_browser(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A locked or missing keyring is reported, with what to do about a keyring, while no code has been spent."""
    import keyring.backends.fail

    monkeypatch.setattr("keyring.core._keyring_backend", keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call] # keyring's
    home.config.write_text(home.config.read_text() + "      store: keyring\n")
    opened = browse(monkeypatch, follow)
    typed()
    assert home.run("login", "--accept-terms") == 4
    err = capsys.readouterr().err
    assert "keyring" in err
    assert "auth.store to file" in err
    assert opened == []
    assert home.sim.requests == []


def test_a_login_that_was_not_saved_is_a_failure(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A disk that fails at the end means exit code 4, not a cheerful word."""
    from keybearer.credentials.stores.file import FileStore

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    typed()
    browse(monkeypatch, follow)
    monkeypatch.setattr(FileStore, "replace", full)
    assert home.run("login", "--accept-terms") == 4
    out, err = capsys.readouterr()
    assert "No space left on device" in err
    assert "Logged in" not in out


def test_a_port_that_is_taken_is_reported(
    home: Home, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--port` of something else's port is an error with a way out."""
    import socket

    typed()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert home.run("login", "--accept-terms", "--port", str(taken.getsockname()[1])) == 2
    assert "--console" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags", [("--port", "99999"), ("--port", "-1"), ("--timeout", "-1"), ("--timeout", "nan"), ("--timeout", "soon")]
)
def test_numbers_without_sense_are_wrong_usage(
    home: Home, flags: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that cannot work is reported before anything is done."""
    with pytest.raises(SystemExit) as caught:
        home.run("login", "--accept-terms", "--no-browser", *flags)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert f"argument {flags[0]}: " in err
    assert TERMS not in err


def test_the_redirect_names_the_configured_host(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auth.redirect_host` is the host of the redirect, in the address and at the exchange."""
    home.config.write_text(home.config.read_text() + "      redirect_host: 127.0.0.1\n")
    opened = browse(monkeypatch, follow)
    typed()
    assert home.run("login", "--accept-terms") == 0
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A" in opened[0]
