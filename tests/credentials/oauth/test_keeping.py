"""A granted refresh: what is taken from the reply, and what is in the file afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.oauth.refresh import refresh
from keybearer.credentials.stores.file import FileStore
from keybearer.credentials.tokens import TokenState
from keybearer.types.secret import Secret
from support.logins import (
    NOW,
    REFRESH,
    Endpoint,
    HandClock,
    bundle,
    granted,
    reply,
    run,
    write_private,
)
from support.odd import ODD, with_odd
from support.refreshes import OLD, leftovers, spend


def test_a_grant_replaces_the_tokens_and_nothing_else(path: Path) -> None:
    """The file holds the new tokens, its endpoint and every other key, is private, and nothing lies beside it."""
    done = spend(path, Endpoint(granted()))
    assert done.requests == 1
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    after = json.loads(path.read_text())
    assert after == {
        "access_token": "sk-ant-oat01-access-2",
        "refresh_token": "sk-ant-ort01-refresh-2",
        "expires_at": "2027-01-15T16:00:00.000Z",
        "refreshed_at": "2027-01-15T08:00:00.000Z",
        "mine": {"a": 1},
        "scope": "user:inference",
        "token_endpoint": OLD,
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert leftovers(path) == []


def test_a_reply_that_tells_little_keeps_the_rest(path: Path) -> None:
    """Without a refresh token, scope or expiry the old ones stay, and the token is used until it is refused."""
    done = spend(path, Endpoint(granted(refresh_token=None, scope=None, expires_in=None)))
    after = json.loads(path.read_text())
    assert after["refresh_token"] == REFRESH
    assert after["expires_at"] == NOW - 1
    assert "scope" not in after
    for later in (0.0, 86_400.0):
        assert done.bundle.state(NOW + later) is TokenState.FRESH
        assert FileStore(path, BUNDLE).load().state(NOW + later) is TokenState.FRESH


@pytest.mark.parametrize("expires_in", [0, -1, "abc", None, 1e30, True, [], "NaN"])
def test_a_strange_expires_in_makes_no_loop(path: Path, expires_in: Any) -> None:
    """A lifetime that cannot be true is as none: the token is kept and used, not refreshed over and over."""
    done = spend(path, Endpoint(granted(expires_in=expires_in)))
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    assert done.bundle.state(NOW) is TokenState.FRESH


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_costs_no_login(path: Path, odd: bytes) -> None:
    """A grant with good tokens is kept, whatever else is in the reply, and the next process reads it."""
    text = with_odd(odd, **granted()).reveal().encode(errors="surrogatepass")
    done = spend(path, Endpoint(reply(200, b"\xef\xbb\xbf" + text)))
    for held in (done.bundle, FileStore(path, BUNDLE).load()):
        assert held.access_token == Secret("sk-ant-oat01-access-2")
        assert held.refresh_token == Secret("sk-ant-ort01-refresh-2")
        assert held.expires_at == NOW + 28_800
    assert json.loads(path.read_text())["mine"] == {"a": 1}
    assert path.stat().st_size < 2000
    assert path.stat().st_mode & 0o777 == 0o600
    assert leftovers(path) == []


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_of_the_file_is_kept_over_a_refresh(path: Path, odd: bytes) -> None:
    """A bundle with an odd key of another program's is read, refreshed, and read again, and the key is still there."""
    text = with_odd(odd, **bundle(expires_at=NOW - 1)).reveal()
    write_private(path, text.encode())
    spend(path, Endpoint(granted()))
    assert FileStore(path, BUNDLE).load().access_token == Secret("sk-ant-oat01-access-2")
    assert odd.decode(errors="replace").partition(", ")[0].replace("\0", "\\u0000") in path.read_text()


@pytest.mark.parametrize("around", ["\ufeff", "\0", " ", "\u200b"])
def test_what_stands_around_a_token_is_no_part_of_it(path: Path, around: str) -> None:
    """White space, a NUL or a byte order mark in the fields themselves is taken off."""
    grant = granted()
    tokens = {name: around + grant[name] + around for name in ("access_token", "refresh_token")}
    done = spend(path, Endpoint(grant | tokens))
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    assert done.bundle.refresh_token == Secret("sk-ant-ort01-refresh-2")


@pytest.mark.parametrize("wall", [7_258_118_400.0, 4e11, -5e9, 1e15], ids=["2200", "14645", "1811", "no date"])
def test_a_wall_clock_that_cannot_be_true_costs_no_login(path: Path, wall: float) -> None:
    """What was granted is kept without times that could not be read back, and works when the clock is right again."""
    clock = HandClock()
    clock.wall = wall
    done = spend(path, Endpoint(granted()), clock, force=True)
    assert done.bundle.access_token == Secret("sk-ant-oat01-access-2")
    held = FileStore(path, BUNDLE).load()
    assert held.refresh_token == Secret("sk-ant-ort01-refresh-2")
    assert held.state(NOW) is TokenState.FRESH


def test_the_journal_is_written_before_anything_is_asked_of_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that fails over what it reads after the reply has the new tokens on the disk by then."""
    store = FileStore(path, BUNDLE)

    def fail(*_: object) -> Any:
        raise ZeroDivisionError

    def answer() -> Any:
        monkeypatch.setattr(store, "load", fail)
        return granted()

    clock = HandClock()
    with pytest.raises(ZeroDivisionError):
        run(refresh(store, None, clock.rules(), force=True), Endpoint(answer), clock)
    assert FileStore(path, BUNDLE).load().access_token == Secret("sk-ant-oat01-access-2")
