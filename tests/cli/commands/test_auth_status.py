"""`keybearer auth status`: what it says of each state of a credential, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli import main
from keybearer.credentials.oauth.bundle_codec import BUNDLE
from keybearer.credentials.stores.file import FileStore
from keybearer.credentials.stores.notes import Refusal
from keybearer.simulator import Simulator
from support.logins import ACCESS, REFRESH, SETUP, Home, write_private

HOUR = 3600.0


def status(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any], str]:
    """Run it both ways; give the exit code, the JSON and the words."""
    code = main(["auth", "status", "--json", *args])
    report = json.loads(capsys.readouterr().out)
    assert main(["auth", "status", *args]) == code
    return code, report, capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "outcome", "says"),
    [
        ({"expires_at": HOUR}, (0, True), "; keybearer refreshes it by itself"),
        ({"expires_at": 30}, (0, True), "; the next call refreshes it"),
        (
            {"expires_at": -HOUR},
            (0, True),
            "; it has expired: the next call refreshes it, if its refresh token is still good",
        ),
        ({}, (0, True), "Expires: not stated; keybearer refreshes it by itself"),
        (
            {"expires_at": HOUR, "refresh_token": None},
            (0, False),
            "; it has no refresh token: log in again before it expires",
        ),
        ({"expires_at": -HOUR, "refresh_token": None}, (4, False), "has expired, and nothing here can refresh it"),
        ({"access_token": None}, (4, False), "has no access token"),
    ],
)
def test_how_a_login_stays_fresh_is_true(
    home: Home, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], outcome: tuple[int, bool], says: str
) -> None:
    """Fresh, due, expired, without a refresh token, without a token: each has its words, and 4 where nothing can be used."""
    document = {"access_token": ACCESS, "refresh_token": REFRESH} | changes
    if "expires_at" in changes:
        document["expires_at"] = time.time() + changes["expires_at"]
    write_private(home.bundle, {name: value for name, value in document.items() if value is not None})
    found, report, words = status(capsys, "--config", str(home.config))
    assert (found, report["sources"][0]["refreshed_by_keybearer"]) == outcome
    assert says in words
    assert (report["chosen"] is None) is (outcome[0] == 4)


@pytest.mark.parametrize(
    ("refresh", "code", "says"),
    [
        (REFRESH, 0, "; the service refused it: the next call refreshes it"),
        (None, 4, "The service has refused the access token of the OAuth bundle"),
    ],
)
def test_a_refusal_in_another_process_is_reported(
    home: Home, capsys: pytest.CaptureFixture[str], refresh: str | None, code: int, says: str
) -> None:
    """A 401 that some process got is known to this one: what comes of it depends on the refresh token."""
    document = {"access_token": ACCESS, "refresh_token": refresh, "expires_at": time.time() + HOUR}
    write_private(home.bundle, {name: value for name, value in document.items() if value is not None})
    store = FileStore(home.bundle, BUNDLE)
    store.notes.refuse(Refusal(store.load().token_id, time.time()))
    found, _, words = status(capsys, "--config", str(home.config))
    assert found == code
    assert says in words
    assert ("usable    oauth_bundle" in words) is (code == 0)


@pytest.mark.parametrize(
    ("left", "code", "says"),
    [
        (HOUR, 0, "; its refresh token is spent: log in again before it expires"),
        (-HOUR, 4, "is over: its refresh token is spent"),
    ],
)
def test_a_refresh_token_that_another_process_found_spent_is_reported(
    home: Home, capsys: pytest.CaptureFixture[str], left: float, code: int, says: str
) -> None:
    """What the token endpoint said to some process is known to this one; a token that still lives is used."""
    document = {"access_token": ACCESS, "refresh_token": REFRESH, "expires_at": time.time() + left}
    write_private(home.bundle, document)
    assert home.run("refresh") == 4
    capsys.readouterr()
    found, report, words = status(capsys, "--config", str(home.config))
    assert (found, report["sources"][0]["refreshed_by_keybearer"]) == (code, False)
    assert says in words


def test_the_account_is_shown(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Whose login it is, as far as the bundle says, without what could steer a terminal."""
    account = {"email_address": "a\x1b[2Jb@example.com"}
    write_private(home.bundle, {"access_token": ACCESS, "account": account, "organization": {"name": "Acme"}})
    _, report, words = status(capsys, "--config", str(home.config))
    assert report["chosen"]["account"] == "a\\x1b[2Jb@example.com (Acme)"
    assert "Account: a\\x1b[2Jb@example.com (Acme)\n" in words


@pytest.mark.parametrize("account", [None, [], {}, {"email_address": 1}, {"email_address": ""}])
def test_an_account_that_is_not_stated_is_not_shown(
    home: Home, capsys: pytest.CaptureFixture[str], account: Any
) -> None:
    """A bundle may say nothing of it, or nonsense."""
    write_private(home.bundle, {"access_token": ACCESS, "account": account})
    code, report, words = status(capsys, "--config", str(home.config))
    assert (code, report["chosen"]["account"]) == (0, None)
    assert "Account" not in words


def test_each_of_several_keys_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its place, its last four characters if it is long enough, and what is wrong with it; the keys are not shown."""
    first, second = (f"sk-ant-api03-{letter * 80}-{letter * 4}AA" for letter in "pq")
    (tmp_path / "key").write_text(second)
    path = tmp_path / "llm.yaml"
    path.write_text(f"providers: {{it: {{api_keys: [{first}, '${{file:key}}', sk-ant-short, two words]}}}}\n")
    code, report, words = status(capsys, "--config", str(path))
    place = f"providers.it.api_keys in {path}, number "
    assert (code, report["chosen"]) == (4, None)
    assert f"{place}4" in report["error"]
    assert [(each["place"], each["ends_with"], each["state"], each["problem"]) for each in report["keys"]] == [
        (place + "1", "ppAA", "usable", None),
        (place + "2", "qqAA", "usable", None),
        (place + "3", None, "usable", None),
        (place + "4", None, "unusable", ""),
    ]
    assert f"  usable    {place}2, ends in qqAA\n" in words
    assert f"  unusable  {place}4\n" in words
    assert "p" * 5 not in words + str(report)
    assert "q" * 5 not in words + str(report)
    assert "sk-ant-short" not in words + str(report)
    path.write_text(path.read_text().replace(", two words", ""))
    assert status(capsys, "--config", str(path))[0] == 0


def test_where_it_goes_and_what_said_so(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The base URL of the file with its line, of the environment, of the profile, or the default."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-fake")
    _, report, words = status(capsys)
    assert (report["base_url"], report["base_url_source"]) == ("https://api.anthropic.com", "the default")
    assert "Goes to: https://api.anthropic.com (set by the default)\n" in words
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1/x")
    _, report, _ = status(capsys)
    assert (report["base_url"], report["base_url_source"]) == ("http://127.0.0.1:1/x", "ANTHROPIC_BASE_URL")
    write_private(home.bundle, {"access_token": ACCESS})
    _, report, _ = status(capsys, "--config", str(home.config))
    assert report["base_url"] == home.sim.base_url
    assert report["base_url_source"] == f"providers.anthropic.base_url in {home.config}:3"


def test_the_base_url_of_a_profile_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A profile says which API it is for."""
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    config = {"authentication": {"type": "user_oauth"}, "base_url": "https://eu.anthropic.com"}
    write_private(tmp_path / "configs" / "default.json", config)
    write_private(tmp_path / "credentials" / "default.json", {"access_token": ACCESS})
    _, report, _ = status(capsys)
    assert report["base_url"] == "https://eu.anthropic.com"
    assert report["base_url_source"].startswith("an SDK profile in ")


def test_a_login_that_may_not_go_there_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An OAuth token and a base URL of another host are no usable pair; an API key goes where it is reported."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.example")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-fake")
    assert status(capsys)[0] == 0
    token = write_private(tmp_path / "token", SETUP.encode())
    (tmp_path / "llm.yaml").write_text(
        f"providers: {{anthropic: {{auth: {{mode: setup_token, setup_token_file: {token}}}}}}}"
    )
    code, report, words = status(capsys, "--config", str(tmp_path / "llm.yaml"))
    assert (code, report["chosen"]) == (4, None)
    assert "is not sent to 'gateway.example'" in words


def test_a_base_url_that_no_key_may_go_to_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the client refuses is refused here too, in one line."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://user:canary@a.example")
    assert main(["auth", "status"]) == 2
    err = capsys.readouterr().err
    assert "ANTHROPIC_BASE_URL" in err
    assert "canary" not in err


@pytest.mark.skipif(sys.platform == "darwin", reason="its file names are text")
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_path_that_is_no_text_is_shown(tmp_path: Path, flags: tuple[str, ...]) -> None:
    """Bytes of a path that are no UTF-8 are escaped, for people and in JSON."""
    place = os.fsencode(tmp_path) + b"/caf\xe9"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "keybearer", "auth", "status", "--bundle", place, *flags],
        capture_output=True,
        check=False,
        env=os.environ,
    )
    assert (done.returncode, done.stderr) == (4, b"")
    assert b"caf\\udce9" in done.stdout or b"caf\\\\udce9" in done.stdout


def test_the_command_of_the_simulator_is_shown_as_used(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `keybearer simulate` prints to export is what is used."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    code, report, _ = status(capsys)
    assert (code, report["chosen"]["mode"], report["base_url"]) == (0, "static", sim.base_url)
