"""`keybearer auth login`: the whole login against the simulator, and what can go wrong in it."""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from keybearer import Client
from keybearer.cli import main
from keybearer.cli.auth_setup import TERMS
from keybearer.cli.pastes import Desk
from keybearer.simulator import Simulator
from support.logins import SETUP, Home, write_private


class Typing(io.StringIO):
    """Standard input as a person's: lines when they are typed, and no end."""

    def __init__(self, *lines: str | Callable[[], str]) -> None:
        super().__init__()
        self._lines = list(lines)
        self.quiet = threading.Event()

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # noqa: ARG002 - as typeshed has it for StringIO
        """Give the next line, or wait."""
        if not self._lines:
            self.quiet.wait(60)
            return ""
        line = self._lines.pop(0)
        return line if isinstance(line, str) else line()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let a test say what is typed."""
    made: list[Typing] = []

    def say(*lines: str | Callable[[], str]) -> None:
        made.append(Typing(*lines))
        monkeypatch.setattr(sys, "stdin", made[-1])

    yield say
    for each in made:
        each.quiet.set()


def browse(monkeypatch: pytest.MonkeyPatch, visit: Callable[[str], None]) -> list[str]:
    """Take the place of the browser."""
    opened: list[str] = []

    def start(url: str) -> None:
        opened.append(url)
        threading.Thread(target=visit, args=(url,), daemon=True).start()

    monkeypatch.setattr("keybearer.cli.browser.browser", lambda url: lambda: start(url))
    return opened


def follow(url: str) -> None:
    """Go where the pages send the browser."""
    with urllib3.PoolManager() as http:
        http.request("GET", url, redirect=True, timeout=20)


def where(url: str) -> str:
    """Return where the authorize page sends the browser, without going there."""
    with urllib3.PoolManager() as http:
        return http.request("GET", url, redirect=False, timeout=20).headers["location"]


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


def test_a_paste_races_the_callback(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no browser here, the address that the other one ended at is pasted; wrong pastes do not end it."""
    opened = browse(monkeypatch, follow)

    errors: list[str] = []

    def pasted() -> str:
        out, err = capsys.readouterr()
        errors.append(err)
        url = next(word for word in out.split() if "/oauth/authorize?" in word)
        return where(url) + "\n"

    typed("nonsense\n", "abc#wrong\n", "\n", pasted)
    assert home.run("login", "--accept-terms", "--no-browser") == 0
    assert opened == []
    assert "".join([*errors, capsys.readouterr().err]).count("That is not it") == 2
    assert home.bundle.exists()


def test_the_console_login_pastes_the_shown_code(
    home: Home, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--console` uses the hosted page and no callback; `code#state` from it is exchanged with the same redirect."""

    def shown() -> str:
        url = next(word for word in capsys.readouterr().out.split() if "/oauth/authorize?" in word)
        assert "redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback" in url
        with urllib3.PoolManager() as http:
            page = http.request("GET", url, redirect=True, timeout=20).data.decode()
        return page.partition('<code id="code">')[2].partition("</code>")[0] + "\n"

    typed(shown)
    assert home.run("login", "--accept-terms", "--no-browser", "--console") == 0
    assert home.bundle.exists()


def test_a_paste_may_be_wrapped_over_lines(
    home: Home, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line of a paste comes alone; with the ones before it it is read whole, after other lines too."""
    pasted: list[str] = []

    def line() -> str:
        if not pasted:
            url = next(word for word in capsys.readouterr().out.split() if "/oauth/authorize?" in word)
            answer = where(url)
            pasted.extend([answer[:40] + "\n", answer[40:70] + "\n", answer[70:] + "\n"])
        return pasted.pop(0)

    typed("a word\n", line, line, line)
    assert home.run("login", "--accept-terms", "--no-browser") == 0
    assert home.bundle.exists()


class Flood(io.StringIO):
    """Standard input that a program writes to for ever."""

    read_lines = 0

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # noqa: ARG002 - as typeshed has it for StringIO
        """Give one more line."""
        self.read_lines += 1
        return "y\n"


@pytest.mark.parametrize("flags", [("--console",), ("--timeout", "0.2")])
def test_input_without_end_is_read_to_a_limit(
    home: Home, flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`yes | keybearer auth login` is told ten times that it is not it; a login with a callback then goes on without pastes."""
    flood = Flood()
    monkeypatch.setattr(sys, "stdin", flood)
    assert home.run("login", "--no-browser", *flags) == 4
    err = capsys.readouterr().err
    assert err.count("That is not it") == 9
    assert err.count("10 pastes were not this login's answer") == 1
    assert ("No answer came within 0.2 s." in err) is ("--timeout" in flags)
    assert flood.read_lines <= 202


def test_a_denied_consent_is_told(
    tmp_path: Path,
    sim: Simulator,
    typed: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person who denies gets told so, and nothing is saved."""
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


def test_no_answer_in_time_is_told(home: Home, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """A login that nobody finishes ends, in words."""
    typed()
    assert home.run("login", "--accept-terms", "--no-browser", "--timeout", "0.05") == 4
    assert "No answer came within 0.05 s." in capsys.readouterr().err


def test_console_input_that_ends_is_told(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no callback and no more input, there is nothing to wait for."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert home.run("login", "--accept-terms", "--no-browser", "--console") == 4
    assert "ended before a code was pasted" in capsys.readouterr().err


def test_a_login_that_cannot_be_saved_is_found_before_the_browser(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that cannot be made is told before anybody logs in."""
    opened = browse(monkeypatch, follow)
    home.bundle.parent.write_text("a file where the folder should be")
    typed()
    assert home.run("login", "--accept-terms") == 4
    assert "could not be changed" in capsys.readouterr().err
    assert opened == []


def test_a_keyring_that_cannot_be_written_is_found_before_the_browser(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A locked or missing keyring is told, with what to do about a keyring, while no code has been spent."""
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


def test_a_port_that_is_taken_is_told(
    home: Home, typed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--port` of something else's port is an error with a way out."""
    import socket

    typed()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert home.run("login", "--accept-terms", "--port", str(taken.getsockname()[1])) == 1
    assert "--console" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags", [("--port", "99999"), ("--port", "-1"), ("--timeout", "-1"), ("--timeout", "nan"), ("--timeout", "soon")]
)
def test_numbers_without_sense_are_wrong_usage(
    home: Home, flags: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that cannot work is told before anything is done."""
    with pytest.raises(SystemExit) as caught:
        home.run("login", "--accept-terms", "--no-browser", *flags)
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert f"argument {flags[0]}: " in err
    assert TERMS not in err


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
    agrees = Desk.agrees

    def ask(desk: Desk, seconds: float) -> bool:
        asked.set()
        return agrees(desk, seconds)

    monkeypatch.setattr(Desk, "agrees", ask)
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


def test_the_redirect_names_the_configured_host(
    home: Home, typed: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auth.redirect_host` is the host of the redirect, in the address and at the exchange."""
    home.config.write_text(home.config.read_text() + "      redirect_host: 127.0.0.1\n")
    opened = browse(monkeypatch, follow)
    typed()
    assert home.run("login", "--accept-terms") == 0
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A" in opened[0]
