"""`keybearer auth login`: what is pasted while it waits."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest
import urllib3

from support.browsing import browse, follow, where
from support.logins import Home


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
    """`yes | keybearer auth login` is reported ten times that it is not it; a login with a callback then goes on without pastes."""
    flood = Flood()
    monkeypatch.setattr(sys, "stdin", flood)
    assert home.run("login", "--no-browser", *flags) == 4
    err = capsys.readouterr().err
    assert err.count("That is not it") == 9
    assert err.count("10 pastes were not this login's answer") == 1
    assert ("No answer came within 0.2 s." in err) is ("--timeout" in flags)
    assert flood.read_lines <= 202


def test_console_input_that_ends_is_reported(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no callback and no more input, there is nothing to wait for."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert home.run("login", "--accept-terms", "--no-browser", "--console") == 4
    assert "ended before a code was pasted" in capsys.readouterr().err
