"""`keybearer auth`: every other subcommand's words and exit codes."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import pytest

from keybearer.cli import main
from support.logins import SETUP, Home, write_private


@pytest.fixture
def logged_in(home: Home) -> Home:
    """A login whose token is good for an hour."""
    granted = home.sim.login()
    write_private(
        home.bundle,
        {
            "access_token": granted["access_token"],
            "refresh_token": granted["refresh_token"],
            "expires_at": time.time() + 3600,
            "token_endpoint": home.sim.base_url + "/v1/oauth/token",
        },
    )
    return home


def test_status_says_what_is_used(logged_in: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """For people and as JSON: the source, its expiry, what it shadows; and no secret."""
    assert logged_in.run("status") == 0
    words = capsys.readouterr().out
    assert f"Used: the OAuth bundle {logged_in.bundle} (mode oauth_bundle)" in words
    assert logged_in.run("status", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["chosen"]["mode"] == "oauth_bundle"
    assert [source["mode"] for source in report["sources"]] == [
        "oauth_bundle",
        "cli_import",
        "setup_token",
        "static",
        "auth_token",
        "claude_code_token",
        "federation",
        "profile",
    ]
    assert "sk-ant-o" not in words + str(report)


def test_status_shows_shadows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A key in the environment that a setup token stands before is shown as shadowed."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(SETUP[:50] + "\n" + SETUP[50:] + "\n"))
    assert main(["auth", "setup-token"]) == 0
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-fake")
    assert main(["auth", "status"]) == 0
    assert "Shadows: ANTHROPIC_API_KEY" in capsys.readouterr().out


def test_status_without_any_credential(capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing there the exit code is 4, and every place is listed."""
    assert main(["auth", "status"]) == 4
    assert "No credential can be used." in capsys.readouterr().out
    assert main(["auth", "status", "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["chosen"] is None


def test_refresh_makes_a_new_token(logged_in: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """`refresh` refreshes a token that is still good, and says until when the new one is."""
    before = logged_in.bundle.read_text()
    assert logged_in.run("refresh") == 0
    assert "which expires at" in capsys.readouterr().out
    assert logged_in.bundle.read_text() != before


def test_refresh_of_a_key_is_reported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An API key has nothing to refresh."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-fake")
    assert main(["auth", "refresh"]) == 4
    assert "nothing to refresh" in capsys.readouterr().err


def test_token_prints_the_access_token_and_nothing_else(logged_in: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """For scripts: one line; an API key is not printed."""
    assert logged_in.run("token") == 0
    assert capsys.readouterr().out == json.loads(logged_in.bundle.read_text())["access_token"] + "\n"


def test_token_prints_no_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An API key in use is not handed out."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-fake")
    assert main(["auth", "token"]) == 4
    assert "sk-ant-api03" not in "".join(capsys.readouterr())


def test_logout_removes_the_login(logged_in: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle is gone; a second time there was none."""
    assert logged_in.run("logout") == 0
    assert not logged_in.bundle.exists()
    assert "not revoked" in capsys.readouterr().out
    assert logged_in.run("logout") == 0
    assert "There was no login" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["my thesis", "[]", '{"name": "keybearer"}', '{"access_token": 1}', "", "\udcff"])
def test_logout_removes_nothing_but_a_login(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    """A file that is no login stays, with nothing left beside it, and the exit code says so."""
    file = write_private(tmp_path / "precious.json", content.encode("utf-8", "surrogateescape"))
    before = sorted(tmp_path.iterdir())
    assert main(["auth", "logout", "--bundle", str(file)]) == 1
    assert sorted(tmp_path.iterdir()) == before
    assert "precious.json" in capsys.readouterr().err


def test_logout_follows_no_link_and_removes_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A link stays, and so does what it names; a folder is reported."""
    login = write_private(tmp_path / "login.json", {"access_token": "sk-ant-oat01-fake"})
    (tmp_path / "link.json").symlink_to(login)
    (tmp_path / "folder").mkdir()
    before = sorted(tmp_path.iterdir())
    assert main(["auth", "logout", "--bundle", str(tmp_path / "link.json")]) == 1
    assert "symbolic link" in capsys.readouterr().err
    assert main(["auth", "logout", "--bundle", str(tmp_path / "folder")]) == 1
    assert "is not a file" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before


def test_logout_of_nothing_writes_nothing(tmp_path: Path) -> None:
    """A login that is not there gets neither a folder nor a lock file."""
    assert main(["auth", "logout", "--bundle", str(tmp_path / "none" / "oauth.json")]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("document", [{"refresh_token": "r"}, {"access_token": "a", "expires_at": "never"}])
def test_logout_removes_a_login_that_cannot_be_used(tmp_path: Path, document: dict[str, str]) -> None:
    """What holds a token is removed, whatever else is wrong with it, and whoever can read it."""
    file = write_private(tmp_path / "oauth.json", document)
    file.chmod(0o644)
    assert main(["auth", "logout", "--bundle", str(file)]) == 0
    assert not file.exists()


def test_setup_token_is_read_from_a_file_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The token is saved whole and private, with the terms shown once, and never echoed."""
    saved = Path.home() / ".config" / "keybearer" / "setup_token"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    source = write_private(tmp_path / "t", SETUP.encode())
    assert main(["auth", "setup-token", "--file", str(source)]) == 0
    assert saved.read_text() == SETUP + "\n"
    assert saved.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(sys, "stdin", io.StringIO(SETUP + "x"))
    assert main(["auth", "setup-token"]) == 0
    assert saved.read_text() == SETUP + "x\n"
    out, err = capsys.readouterr()
    assert err.count("Before you go on") == 1
    assert SETUP[:40] not in out + err


def test_a_bad_setup_token_is_not_saved(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be one is refused with its length."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(SETUP[:60]))
    assert main(["auth", "setup-token"]) == 4
    assert "it has 60 characters" in capsys.readouterr().err


def test_a_setup_token_can_be_removed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`logout --setup-token` removes the file that `setup-token` saved, and nothing else; a second time there was none."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(SETUP))
    assert main(["auth", "setup-token"]) == 0
    assert main(["auth", "status"]) == 0
    assert main(["auth", "logout"]) == 0
    assert main(["auth", "status"]) == 0
    assert main(["auth", "logout", "--setup-token"]) == 0
    assert "Removed: " in capsys.readouterr().out
    assert main(["auth", "status"]) == 4
    assert main(["auth", "logout", "--setup-token"]) == 0
    assert "There was no setup token" in capsys.readouterr().out


def test_logout_removes_no_file_but_a_setup_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the configuration names by mistake stays."""
    (tmp_path / "thesis").write_text("my thesis")
    config = tmp_path / "llm.yaml"
    config.write_text(f"providers: {{anthropic: {{auth: {{setup_token_file: {tmp_path}/thesis}}}}}}")
    assert main(["auth", "logout", "--setup-token", "--config", str(config)]) == 1
    assert "does not start with" in capsys.readouterr().err
    assert (tmp_path / "thesis").read_text() == "my thesis"


@pytest.mark.parametrize(
    "args", [("setup-token", SETUP), ("setup-token", "piece" + SETUP[30:]), (SETUP,), ("status", "--json", SETUP)]
)
def test_no_subcommand_takes_a_secret_as_an_argument(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A token on the command line is refused as wrong usage, and not shown again."""
    with pytest.raises(SystemExit) as caught:
        main(["auth", *args])
    assert caught.value.code == 2
    assert SETUP[30:60] not in "".join(capsys.readouterr())


def test_a_setup_token_that_is_no_text_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes that are no text are refused in words."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe"), encoding="utf-8"))
    assert main(["auth", "setup-token"]) == 1
    assert "the input is not utf-8 text" in capsys.readouterr().err


def test_a_path_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """What an error quotes is printed without control characters."""
    assert main(["auth", "setup-token", "--file", "none\x1b]0;title\x07\x9b"]) == 4
    err = capsys.readouterr().err
    assert "does not exist" in err
    assert not {"\x1b", "\x07", "\x9b"} & set(err)
