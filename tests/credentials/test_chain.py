"""Which credential is chosen, what it shadows, and what ends the search."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from keybearer.config.auth_schema import AuthConfig
from keybearer.credentials.chain import CredentialChain, Resolved
from keybearer.credentials.folders import own_folder
from keybearer.errors import CredentialError, LoginRequired, NoCredentials
from keybearer.types.secret import Secret
from support.logins import ACCESS, NOW, SETUP, bundle, run, search, token_in, write_private

KEY = "sk-ant-api03-fake"


def claude(home: Path, **changes: Any) -> None:
    """Log Claude Code in."""
    login = {"accessToken": "sk-ant-oat01-claude", "refreshToken": "r", "expiresAt": int((NOW + 99) * 1000)} | changes
    write_private(home / ".claude" / ".credentials.json", {"claudeAiOauth": login})


def profile(home: Path, **changes: Any) -> None:
    """Make an SDK profile."""
    folder = home / ".config" / "anthropic"
    config = {"authentication": {"type": "user_oauth", "client_id": "c"}, "workspace_id": "wrkspc_1"} | changes
    write_private(folder / "configs" / "default.json", config)
    write_private(
        folder / "credentials" / "default.json",
        {"version": "1.0", "type": "oauth_token", "access_token": "profile-token", "expires_at": int(NOW + 3600)},
    )


def own(home: Path, name: str) -> Path:
    """A file in keybearer's own folder."""
    return home / ".config" / "keybearer" / name


def resolve(home: Path, **options: Any) -> Resolved:
    """Search below a folder."""
    return CredentialChain(search(home, **options)).resolve()


def test_the_order_is_bundle_claude_code_setup_token_key_profile(tmp_path: Path) -> None:
    """With everything there the bundle is used; taken away one by one, the next in order is."""
    write_private(own(tmp_path, "oauth.json"), bundle())
    claude(tmp_path)
    write_private(own(tmp_path, "setup_token"), SETUP.encode())
    profile(tmp_path)
    seen = []
    for gone in (own(tmp_path, "oauth.json"), tmp_path / ".claude" / ".credentials.json", own(tmp_path, "setup_token")):
        found = resolve(tmp_path, key=KEY)
        seen.append((found.mode, len(found.shadowed)))
        gone.unlink()
    found = resolve(tmp_path, key=KEY)
    seen.append((found.mode, len(found.shadowed)))
    found = resolve(tmp_path)
    seen.append((found.mode, len(found.shadowed)))
    assert seen == [("oauth_bundle", 4), ("cli_import", 3), ("setup_token", 2), ("static", 1), ("profile", 0)]


def test_nothing_at_all_lists_what_was_looked_for(tmp_path: Path) -> None:
    """Without any credential the error names each source and its place, in order."""
    with pytest.raises(NoCredentials) as caught:
        resolve(tmp_path)
    lines = caught.value.looked
    places = (
        "oauth.json",
        ".claude",
        "setup_token",
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "ANTHROPIC_FEDERATION_RULE_ID",
        "anthropic",
    )
    for line, words in zip(lines, places, strict=True):
        assert words in line
    assert "keybearer auth login" in str(caught.value)


@pytest.mark.parametrize("content", [b"{", {"access_token": ""}, bundle(expires_at=NOW - 5, refresh_token=None)])
def test_a_broken_bundle_ends_the_search(tmp_path: Path, content: Any) -> None:
    """What is there but unusable is an error with its name: going on would bill another account."""
    write_private(own(tmp_path, "oauth.json"), content)
    with pytest.raises(CredentialError, match=r"oauth\.json") as caught:
        resolve(tmp_path, key=KEY)
    assert not isinstance(caught.value, NoCredentials)
    assert caught.value.hint


def test_a_broken_setup_token_ends_the_search(tmp_path: Path) -> None:
    """A setup-token file with something else in it is not skipped."""
    write_private(own(tmp_path, "setup_token"), b"sk-ant-oat01-short")
    with pytest.raises(CredentialError, match="cut off"):
        resolve(tmp_path, key=KEY)


def test_an_unusable_claude_code_login_is_passed_over_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Claude Code's login is borrowed: expired, it is a warning, and the next source is used."""
    claude(tmp_path, expiresAt=int((NOW - 5) * 1000))
    with caplog.at_level(logging.WARNING):
        assert resolve(tmp_path, key=KEY).mode == "static"
    assert "has expired. It is skipped." in caplog.text
    with pytest.raises(NoCredentials) as caught:
        resolve(tmp_path)
    assert "has expired" in str(caught.value)


def test_a_login_over_a_key_is_a_warning_with_the_way_to_pin_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing says which is meant, one line warns that a login stands before the key; a mode that is set is no reason to."""
    write_private(own(tmp_path, "oauth.json"), bundle())
    resolve(tmp_path, key=KEY)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "it wins over ANTHROPIC_API_KEY" in record.getMessage()
    assert 'Set auth.mode to "static" to use the key' in record.getMessage()
    caplog.clear()
    resolve(tmp_path)
    for mode in ("oauth_bundle", "static"):
        resolve(tmp_path, key=KEY, auth=AuthConfig(mode=mode))
    assert caplog.records == []


def test_without_a_home_there_is_nothing_below_it(tmp_path: Path) -> None:
    """A user who has none has no login there, and a key is used; without one the error says so."""
    nowhere = structs.replace(search(tmp_path, key=KEY), home=None)
    assert CredentialChain(nowhere).resolve().mode == "static"
    with pytest.raises(NoCredentials) as caught:
        CredentialChain(structs.replace(nowhere, key=None)).resolve()
    assert [line for line in caught.value.looked if "(there is no home): not there" in line] == [
        "the OAuth bundle in keybearer's own folder (there is no home): not there",
        "Claude Code's login (there is no home): not there",
        "the setup-token file (there is no home): not there",
        "an SDK profile (there is no home): not there",
    ]
    with pytest.raises(CredentialError, match="this user has no home"):
        CredentialChain(structs.replace(nowhere, auth=AuthConfig(mode="oauth_bundle"))).resolve()
    auth = AuthConfig(bundle=str(write_private(tmp_path / "b.json", bundle())))
    assert CredentialChain(structs.replace(nowhere, auth=auth)).resolve().mode == "oauth_bundle"


@pytest.fixture
def barred(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let nobody see what is below a folder, root included."""
    import os

    def bar(folder: Path) -> None:
        for name in ("open", "lstat", "stat", "scandir"):
            real = getattr(os, name)

            def refuse(path: Any = ".", *args: Any, real: Any = real, **kwargs: Any) -> Any:
                if str(path).startswith(f"{folder}/"):
                    raise PermissionError(13, "Permission denied", str(path))
                return real(path, *args, **kwargs)

            monkeypatch.setattr(os, name, refuse)

    return bar


def test_a_home_that_cannot_be_entered_hides_no_key(
    tmp_path: Path, barred: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be seen at a default place is one warning, and the search goes on; at a named place it is an error."""
    home = tmp_path / "home"
    barred(home)
    assert resolve(home, key=KEY).mode == "static"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().count("cannot be seen: Permission denied") == 3
    with pytest.raises(NoCredentials, match="cannot be seen"):
        resolve(home)
    for auth in (
        AuthConfig(bundle=str(home / "b.json")),
        AuthConfig(setup_token_file=str(home / "t")),
        AuthConfig(mode="oauth_bundle"),
    ):
        with pytest.raises(CredentialError, match="cannot be seen: Permission denied") as caught:
            resolve(home, key=KEY, auth=auth)
        assert not isinstance(caught.value, NoCredentials)


@pytest.mark.parametrize("name", ["XDG_CONFIG_HOME", "APPDATA"])
@pytest.mark.parametrize("value", ["", "relative", "~/config", "~"])
def test_a_folder_of_configuration_that_is_not_absolute_is_ignored(tmp_path: Path, name: str, value: str) -> None:
    """A token never goes into whatever folder the program runs in."""
    platform = "win32" if name == "APPDATA" else "linux"
    base = tmp_path / "AppData" / "Roaming" if name == "APPDATA" else tmp_path / ".config"
    assert own_folder({name: value}, tmp_path, platform) == base / "keybearer"
    assert own_folder({name: "/x"}, tmp_path, platform) == Path("/x/keybearer")


@pytest.mark.parametrize("value", ["relative", "~nosuch-user/x", "."])
def test_another_programs_folder_that_is_none_is_reported_by_its_variable(
    tmp_path: Path, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    """To look elsewhere could find another account: Claude Code's is a warning, the SDK's an error; an empty one is unset."""
    assert resolve(tmp_path, key=KEY, environ={"CLAUDE_CONFIG_DIR": value}).mode == "static"
    assert f"CLAUDE_CONFIG_DIR, the folder of Claude Code's login, is '{value}'" in caplog.text
    with pytest.raises(CredentialError, match="ANTHROPIC_CONFIG_DIR, the folder of the SDK's profiles") as caught:
        resolve(tmp_path, environ={"ANTHROPIC_CONFIG_DIR": value})
    assert caught.value.problem == "bad_path"
    with pytest.raises(NoCredentials):
        resolve(tmp_path, environ={"CLAUDE_CONFIG_DIR": "", "ANTHROPIC_CONFIG_DIR": "", "ANTHROPIC_PROFILE": ""})


def test_an_explicit_mode_wins_over_a_key_with_one_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a mode set, a set api_key is not used, and one line says so."""
    claude(tmp_path)
    with caplog.at_level(logging.INFO):
        found = resolve(tmp_path, auth=AuthConfig(mode="cli_import"), key=KEY)
    assert found.mode == "cli_import"
    assert [r.getMessage() for r in caplog.records if "wins over ANTHROPIC_API_KEY" in r.getMessage()] != []
    assert len(caplog.records) == 1


def test_an_explicit_mode_that_fails_falls_through_to_nothing(tmp_path: Path) -> None:
    """With a mode set, nothing else is tried, not even for Claude Code's login."""
    claude(tmp_path, expiresAt=int((NOW - 5) * 1000))
    with pytest.raises(LoginRequired):
        resolve(tmp_path, auth=AuthConfig(mode="cli_import"), key=KEY)
    with pytest.raises(CredentialError, match="does not exist"):
        resolve(tmp_path, auth=AuthConfig(mode="oauth_bundle"), key=KEY)


def test_a_setup_token_may_stand_in_api_key(tmp_path: Path) -> None:
    """`api_key` takes a setup token, with the mode and without; the mode `static` refuses it, in words."""
    for auth in (AuthConfig(), AuthConfig(mode="setup_token")):
        assert run(resolve(tmp_path, auth=auth, key=SETUP).provider.current()).access_token == Secret(SETUP)
        quoted = resolve(tmp_path, auth=auth, key=f'"{SETUP}"')
        assert token_in(run(quoted.provider.current())) == SETUP
    for key in (SETUP, f"'{SETUP}'"):
        with pytest.raises(CredentialError, match="is a setup token"):
            resolve(tmp_path, auth=AuthConfig(mode="static"), key=key)


def test_the_configured_places_are_used(tmp_path: Path) -> None:
    """`auth.bundle` and `auth.setup_token_file` say where to look."""
    auth = AuthConfig(
        bundle=str(write_private(tmp_path / "b.json", bundle())),
        setup_token_file=str(write_private(tmp_path / "t", SETUP.encode())),
    )
    assert resolve(tmp_path, auth=auth).place.endswith("b.json")
    assert resolve(tmp_path, auth=auth).shadowed == (f"the setup-token file {tmp_path / 't'}",)


def test_a_profile_brings_its_workspace(tmp_path: Path) -> None:
    """A profile's requests name its workspace, as the SDK's do."""
    profile(tmp_path, base_url="https://api.example.claude.com")
    found = resolve(tmp_path)
    credential = run(found.provider.current())
    assert credential.headers == (("anthropic-workspace-id", "wrkspc_1"),)
    assert found.found.base_url == "https://api.example.claude.com"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"authentication": {"type": "oidc_federation"}},
            "workload identity federation, and lacks the federation rule",
        ),
        (
            {"authentication": {"type": "oidc_federation", "identity_token": {"source": "url", "path": "x"}}},
            "source is not 'file'",
        ),
        ({"authentication": {"type": "oidc_federation", "identity_token": {"source": "file"}}}, "without a path"),
        ({"authentication": None}, "none of user_oauth and oidc_federation"),
        ({"base_url": "http://api.example.com"}, "not https"),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(tmp_path: Path, config: dict[str, Any], words: str) -> None:
    """A profile of another kind is reported by its kind."""
    profile(tmp_path, **config)
    with pytest.raises(CredentialError, match=words):
        resolve(tmp_path)


def test_a_profile_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    """ANTHROPIC_PROFILE is a name, not a path."""
    with pytest.raises(CredentialError, match="is not one"):
        resolve(tmp_path, environ={"ANTHROPIC_PROFILE": "../../etc/passwd"})


def test_the_choice_is_one_line_without_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log names the source, its expiry and what it shadows, once."""
    write_private(own(tmp_path, "oauth.json"), bundle())
    with caplog.at_level(logging.DEBUG):
        resolve(tmp_path, key=KEY)
    (line,) = [record.getMessage() for record in caplog.records]
    assert "oauth.json (oauth_bundle), which expires at 2027-01-15 09:00 UTC" in line
    assert "it wins over ANTHROPIC_API_KEY" in line
    assert ACCESS not in line
    assert KEY not in line
