"""Claude Code's login: every state seen in the wild, read live, never written and never spent."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.credential import Credential
from keybearer.credentials.sources.claude_code import ClaudeCodeLogin, ClaudeCodePlaces
from keybearer.errors import CredentialError, LoginRequired
from keybearer.types.secret import Secret
from support.logins import ACCESS, NOW, REFRESH, HandClock, run, write_private
from support.odd import ODD, with_odd


def document(**changes: Any) -> dict[str, Any]:
    """What Claude Code writes; None leaves a key out."""
    login = {
        "accessToken": ACCESS,
        "refreshToken": REFRESH,
        "expiresAt": int((NOW + 3600) * 1000),
        "scopes": ["user:inference"],
        "subscriptionType": "max",
    } | changes
    return {"claudeAiOauth": {k: v for k, v in login.items() if v is not None}, "mcpOAuth": {"x": {"accessToken": "m"}}}


def places(tmp_path: Path, **environ: str) -> ClaudeCodePlaces:
    """Where it is looked for on Linux."""
    return ClaudeCodePlaces.find(environ, tmp_path, "linux")


def test_where_it_is_looked_for(tmp_path: Path) -> None:
    """`CLAUDE_CONFIG_DIR` moves the file, and on macOS gives the Keychain item its suffix."""
    assert places(tmp_path).file == tmp_path / ".claude" / ".credentials.json"
    assert places(tmp_path, CLAUDE_CONFIG_DIR="/else").file == Path("/else/.credentials.json")
    assert ClaudeCodePlaces.find({}, tmp_path, "darwin").service == "Claude Code-credentials"
    suffix = hashlib.sha256(b"/else").hexdigest()[:8]
    moved = ClaudeCodePlaces.find({"CLAUDE_CONFIG_DIR": "/else"}, tmp_path, "darwin")
    assert moved.service == f"Claude Code-credentials-{suffix}"


@pytest.mark.parametrize(
    "changes", [{}, {"scopes": None}, {"scopes": "user:inference"}, {"scopes": 5}, {"refreshToken": None}]
)
def test_a_usable_login_is_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Scopes that are missing or no list do no harm, for they are not needed."""
    found = places(tmp_path)
    write_private(found.file, document(**changes))
    token = found.read()
    assert token.access_token == Secret(ACCESS)
    assert token.expires_at == NOW + 3600


def test_a_login_without_an_expiry_is_used(tmp_path: Path) -> None:
    """A missing `expiresAt` is no reason to refuse the token."""
    found = places(tmp_path)
    write_private(found.file, document(expiresAt=None))
    login = ClaudeCodeLogin(found, wall=lambda: NOW)
    assert run(login.current()).access_token == Secret(ACCESS)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"mcpOAuth": {"x": {}}}, "not_logged_in"),
        ({"claudeAiOauth": None}, "not_logged_in"),
        ({"claudeAiOauth": []}, "not_logged_in"),
        (document(accessToken="", refreshToken="", expiresAt=0), "no_token"),
        (document(accessToken=None), "no_token"),
        (document(expiresAt="soon"), "absurd_expiry"),
        (b"{", "not_json"),
        ([], "not_object"),
    ],
)
def test_each_broken_state_is_reported(tmp_path: Path, content: Any, problem: str) -> None:
    """Every state seen in the wild has its own error, with what to do."""
    found = places(tmp_path)
    write_private(found.file, content)
    with pytest.raises(CredentialError) as caught:
        found.read()
    assert caught.value.problem == problem
    assert "keybearer auth login" in caught.value.hint


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_an_odd_field_hides_no_login(tmp_path: Path, odd: bytes) -> None:
    """What Claude Code, or a crash, put beside the token does not matter, inside its part or beside it."""
    found = places(tmp_path)
    login = with_odd(odd, **document()["claudeAiOauth"]).reveal()
    write_private(found.file, f'\ufeff{{"mcpOAuth": NaN, "claudeAiOauth": {login}}}'.encode())
    assert found.read().access_token == Secret(ACCESS)
    assert found.read().expires_at == NOW + 3600


def test_an_expired_login_says_what_to_do(tmp_path: Path) -> None:
    """Expired means: run Claude Code, or log in; it is never refreshed here."""
    found = places(tmp_path)
    write_private(found.file, document(expiresAt=int(NOW * 1000)))
    with pytest.raises(LoginRequired, match="has expired") as caught:
        run(ClaudeCodeLogin(found, wall=lambda: NOW).current())
    assert "Run `claude`" in caught.value.hint
    assert "keybearer auth login" in caught.value.hint


def test_a_change_is_seen_at_once(tmp_path: Path) -> None:
    """What Claude Code writes is used by the next request."""
    found = places(tmp_path)
    write_private(found.file, document())
    login = ClaudeCodeLogin(found, wall=lambda: NOW)
    assert run(login.current()).access_token == Secret(ACCESS)
    write_private(found.file, document(accessToken="sk-ant-oat01-next"))
    assert run(login.current()).access_token == Secret("sk-ant-oat01-next")


def test_it_is_never_written_and_its_refresh_token_never_kept(tmp_path: Path) -> None:
    """Over its whole life, expired and refused, the file's bytes and times stay, and no token request is made.

    The provider has no transport and no store that could; its refresh token is not even in the object.
    """
    found, clock = places(tmp_path), HandClock()
    write_private(found.file, document())
    before = (found.file.read_bytes(), found.file.stat().st_mtime_ns, sorted(found.file.parent.iterdir()))
    login = ClaudeCodeLogin(found, wall=lambda: clock.wall)
    credential = run(login.current())
    login.rejected(credential)
    run(login.current())
    clock.sleep(7200)
    with pytest.raises(LoginRequired):
        run(login.current())
    assert (found.file.read_bytes(), found.file.stat().st_mtime_ns, sorted(found.file.parent.iterdir())) == before
    held = [value.reveal() for value in vars(login).values() if isinstance(value, Secret)]
    assert REFRESH not in str(held) + repr(vars(login))
    assert isinstance(credential, Credential)


# ── the Keychain ─────────────────────────────────────────────────────────────


def fake_security(tmp_path: Path, script: str) -> dict[str, str]:
    """A `security` command of our own, and the environment that finds it."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    command = folder / "security"
    command.write_text(f"#!{sys.executable}\nimport sys, time\n{script}\n")
    command.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def on_mac(tmp_path: Path, environ: dict[str, str], **changes: Any) -> ClaudeCodePlaces:
    """Where it is looked for on macOS."""
    found = ClaudeCodePlaces.find(environ, tmp_path, "darwin")
    return ClaudeCodePlaces(file=found.file, service=found.service, environ=environ, **changes)


def test_the_keychain_is_read(tmp_path: Path) -> None:
    """On macOS the item's text is the login; the command's arguments hold no secret."""
    said = json.dumps(document())
    script = f"assert sys.argv[1:] == ['find-generic-password', '-s', 'Claude Code-credentials', '-w']\nprint({said!r})"
    token = on_mac(tmp_path, fake_security(tmp_path, script)).read()
    assert token.access_token == Secret(ACCESS)
    assert "Keychain" in token.place


@pytest.mark.parametrize("end", ["", "\n", " "])
@pytest.mark.parametrize("form", ["{}", "0x{}"])
def test_what_the_keychain_prints_in_hexadecimal_is_read(tmp_path: Path, form: str, end: str) -> None:
    """`security` prints an item with a line end as the hexadecimal of its bytes."""
    said = form.format((json.dumps(document(), indent=2) + end).encode().hex())
    token = on_mac(tmp_path, fake_security(tmp_path, f"print({said!r})")).read()
    assert token.access_token == Secret(ACCESS)


def test_a_link_is_followed_to_a_private_file(tmp_path: Path) -> None:
    """As Claude Code reads it; what it names is checked, and its changes are seen."""
    found = places(tmp_path)
    target = write_private(tmp_path / "dotfiles" / "claude.json", document())
    found.file.parent.mkdir()
    found.file.symlink_to(target)
    login = ClaudeCodeLogin(found, wall=lambda: NOW)
    assert run(login.current()).access_token == Secret(ACCESS)
    write_private(target, document(accessToken="sk-ant-oat01-next"))
    assert run(login.current()).access_token == Secret("sk-ant-oat01-next")
    target.chmod(0o644)
    with pytest.raises(CredentialError, match="can be read or changed by other users"):
        found.read()


def test_of_two_the_longer_lasting_is_used(tmp_path: Path) -> None:
    """The file and the Keychain can both exist; an old file does not hide a fresh item."""
    environ = fake_security(tmp_path, f"print({json.dumps(document(accessToken='sk-ant-oat01-chain'))!r})")
    found = on_mac(tmp_path, environ)
    write_private(found.file, document(expiresAt=int((NOW - 5) * 1000)))
    assert found.read().access_token == Secret("sk-ant-oat01-chain")
    write_private(found.file, document(expiresAt=int((NOW + 9999) * 1000)))
    assert found.read().access_token == Secret(ACCESS)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("sys.exit(36)", "keychain_locked"),
        ("sys.exit(51)", "keychain_denied"),
        ("sys.exit(128)", "keychain_denied"),
        ("sys.exit(3)", "keychain_failed"),
        ("time.sleep(60)", "keychain_timeout"),
    ],
)
def test_what_keeps_the_keychain_shut_is_reported(tmp_path: Path, script: str, problem: str) -> None:
    """Locked, denied and hanging are different errors, and none waits for ever."""
    found = on_mac(tmp_path, fake_security(tmp_path, script), timeout=1.0 if "sleep" in script else 10.0)
    with pytest.raises(CredentialError) as caught:
        found.read()
    assert caught.value.problem == problem


def test_absent_in_both_places_is_missing(tmp_path: Path) -> None:
    """No file and no item is simply no login."""
    with pytest.raises(CredentialError) as caught:
        on_mac(tmp_path, fake_security(tmp_path, "sys.exit(44)")).read()
    assert caught.value.problem == "missing"
