"""The OAuth bundle's file: every good form, and a distinct error for every bad state."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.bundle import Grant
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.file import FileStore
from keybearer.errors import CredentialError
from keybearer.types.secret import Secret
from support.logins import ACCESS, NOW, REFRESH, bundle, write_private


def store(path: Path) -> FileStore:
    """The store of a file."""
    return FileStore(path, BUNDLE)


def problem(path: Path) -> str:
    """What is wrong with a file."""
    with pytest.raises(CredentialError) as caught:
        store(path).load()
    assert str(path) in str(caught.value)
    assert "sk-ant" not in str(caught.value)
    assert caught.value.hint
    return caught.value.problem


@pytest.mark.parametrize("names", [("access_token", "refresh_token"), ("access", "refresh")])
@pytest.mark.parametrize("expiry", [NOW, NOW * 1000, "2027-01-15T08:00:00Z"])
def test_a_bundle_is_read(tmp_path: Path, names: tuple[str, str], expiry: Any) -> None:
    """Both pairs of names and every form of expiry give the same login."""
    path = write_private(tmp_path / "b.json", {names[0]: ACCESS, names[1]: REFRESH, "expires_at": expiry})
    held = store(path).load()
    assert held.access_token == Secret(ACCESS)
    assert held.refresh_token == Secret(REFRESH)
    assert held.expires_at == NOW


def test_only_the_access_token_is_required(tmp_path: Path) -> None:
    """A bundle may hold nothing but an access token."""
    held = store(write_private(tmp_path / "b.json", {"access_token": ACCESS})).load()
    assert held.refresh_token is None
    assert held.expires_at is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "not_json"),
        (b'{"access_token": "sk-ant', "not_json"),
        (b"\xff\xfe", "not_text"),
        (b"[" * 100_000, "not_json"),
        (b'["sk-ant-oat01-x"]', "not_object"),
        (b'"sk-ant-oat01-x"', "not_object"),
        (b"{}", "no_token"),
        (b'{"access_token": ""}', "no_token"),
        (b'{"access_token": "  "}', "no_token"),
        (b'{"access_token": 7}', "no_token"),
        (b'{"access_token": "sk-ant-x", "expires_at": "soon"}', "absurd_expiry"),
        (b'{"access_token": "sk-ant-x", "expires_at": -1}', "absurd_expiry"),
        (b'{"access_token": "sk-ant-x", "expires_at": 1e300}', "absurd_expiry"),
        (b" " * ((1 << 20) + 1), "too_large"),
    ],
)
def test_each_bad_content_has_its_own_error(tmp_path: Path, content: bytes, expected: str) -> None:
    """What the file holds decides the error, and the error holds none of it."""
    assert problem(write_private(tmp_path / "b.json", content)) == expected


def test_each_bad_file_has_its_own_error(tmp_path: Path) -> None:
    """A file that is missing, a folder, a link, or open to others is distinguished."""
    good = write_private(tmp_path / "good.json", bundle())
    assert problem(tmp_path / "none.json") == "missing"
    assert problem(good / "below.json") == "missing"
    assert problem(tmp_path) == "unreadable"
    (tmp_path / "link.json").symlink_to(good)
    assert problem(tmp_path / "link.json") == "symlink"
    for mode in (0o644, 0o640, 0o602, 0o606):
        good.chmod(mode)
        assert problem(good) == "exposed"
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert problem(tmp_path / "pipe") == "unreadable"


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle that somebody else owns is not trusted."""
    path = write_private(tmp_path / "b.json", bundle())
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    assert problem(path) == "foreign"


def test_an_unreadable_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused read says so, with the system's reason."""
    path = write_private(tmp_path / "b.json", bundle())
    real = os.open

    def refuse(name: Any, *args: Any, **kwargs: Any) -> int:
        if str(name) == str(path):
            raise PermissionError(13, "Permission denied")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    assert problem(path) == "unreadable"


def test_a_grant_keeps_what_it_does_not_tell() -> None:
    """Unknown keys, and the refresh token, scope and expiry that a reply leaves out, stay as they were."""
    before = Secret(json.dumps(bundle(scope="old", note={"mine": [1, 2.5, None]}, access="ignored")))
    grant = Grant(access_token=Secret("new"), endpoint="https://platform.claude.com/v1/oauth/token")
    after = json.loads(BUNDLE.merge(before, grant, NOW).reveal())
    assert after == bundle(scope="old", note={"mine": [1, 2.5, None]}, access="ignored") | {
        "access_token": "new",
        "refreshed_at": "2027-01-15T08:00:00.000Z",
        "token_endpoint": "https://platform.claude.com/v1/oauth/token",
    }


def test_a_grant_is_written_under_the_names_that_the_file_uses() -> None:
    """A bundle with `access` and `refresh` keeps these names, and its expiry becomes ISO 8601."""
    before = Secret(json.dumps({"access": "a", "refresh": "r", "expires_at": 5}))
    grant = Grant(
        access_token=Secret("a2"),
        refresh_token=Secret("r2"),
        expires_in=60.0,
        scope="s",
        endpoint="https://e.claude.com",
    )
    after = json.loads(BUNDLE.merge(before, grant, NOW).reveal())
    assert (after["access"], after["refresh"], after["scope"]) == ("a2", "r2", "s")
    assert after["expires_at"] == "2027-01-15T08:01:00.000Z"
    assert "access_token" not in after


def test_nothing_shows_a_token(tmp_path: Path) -> None:
    """The repr of a login, its store and its document hold no token."""
    whole = store(write_private(tmp_path / "b.json", bundle()))
    assert "sk-ant" not in repr(whole.load()) + repr(whole) + str(whole.load())
