"""`keybearer config init`: a new configuration, or one more provider in one that keeps every line it has."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from keybearer.cli.commands import auth_login
from keybearer.cli.llm_yaml import new_file, provider_lines, with_key, with_provider, write_checked
from keybearer.config.loader import load_config
from keybearer.errors import ConfigError
from keybearer.simulator import Simulator
from support.command import keybearer
from support.logins import SETUP

KEY = "sk-ant-api03-canary-0123456789"


def run(tmp_path: Path, *flags: str, text: str | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the wizard in a folder."""
    done = keybearer("config", "init", *flags, text=text, cwd=tmp_path, environ=environ)
    assert "canary" not in done.stdout + done.stderr
    return done


def test_a_first_configuration_ends_with_a_call(tmp_path: Path, sim: Simulator) -> None:
    """The answers make llm.yaml, an agent and a folder of secrets; it is trusted, and a call is made by it."""
    done = run(tmp_path, "--base-url", sim.base_url, text="environment\nscout\n\n", ANTHROPIC_API_KEY=sim.api_key)
    assert done.returncode == 0, done.stderr
    assert "It works: claude-haiku-4-5" in done.stdout
    assert json.loads(sim.requests[-1].body)["max_tokens"] == 1
    config = tmp_path / "config"
    assert (config / "agents" / "scout.yaml").read_text().startswith("# An agent")
    assert (config / "llm.yaml").stat().st_mode & 0o777 == 0o600
    assert (config / "secrets").stat().st_mode & 0o777 == 0o700
    asked = keybearer(
        "ask", 'Say "hello"', "--agent", "scout", cwd=tmp_path, environ={"ANTHROPIC_API_KEY": sim.api_key}
    )
    assert (asked.returncode, asked.stdout) == (0, "hello\n")


def test_a_key_that_is_pasted(tmp_path: Path, sim: Simulator) -> None:
    """It is kept in a file of its own that git leaves out, for its owner alone, and is shown nowhere."""
    done = run(tmp_path, "--yes", "--auth", "key", "--base-url", sim.base_url, "--no-call", text=f"{KEY}\n")
    assert done.returncode == 0, done.stderr
    secret = tmp_path / "config" / "secrets" / "anthropic_api_key"
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == (KEY + "\n", 0o600)
    assert KEY not in (tmp_path / "config" / "llm.yaml").read_text()
    assert load_config(tmp_path / "config" / "llm.yaml").providers["anthropic"].api_key is not None
    git = shutil.which("git") or "git"
    subprocess.run([git, "init", "-q"], cwd=tmp_path, check=True)  # noqa: S603 - our own words
    seen = subprocess.run([git, "status", "-suall"], cwd=tmp_path, check=True, capture_output=True, text=True)  # noqa: S603
    assert "anthropic_api_key" not in seen.stdout
    assert "config/secrets/.gitignore" in seen.stdout


def test_a_setup_token(tmp_path: Path) -> None:
    """The token is read after the questions, and saved where the file says."""
    done = run(tmp_path, "--yes", "--auth", "setup-token", "--no-call", text=SETUP)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "config" / "secrets" / "setup_token").read_text().strip() == SETUP
    assert SETUP not in done.stdout + done.stderr


def test_a_key_that_is_missing_leaves_no_test_call(tmp_path: Path) -> None:
    """Without the variable the files are written, and the exit code says that there is no credential."""
    done = run(tmp_path, "--yes")
    assert done.returncode == 4
    assert "keybearer doctor --config" in done.stderr
    assert (tmp_path / "config" / "llm.yaml").exists()


def test_a_call_that_fails(tmp_path: Path, sim: Simulator) -> None:
    """The exit code is the call's, and the next step is named."""
    done = run(tmp_path, "--yes", "--base-url", sim.base_url, ANTHROPIC_API_KEY="sk-ant-canary-not-this-one")
    assert done.returncode == 4
    assert "the test call failed" in done.stderr


@pytest.mark.parametrize(
    ("flags", "text", "says"),
    [
        ((), "", "--yes"),
        ((), "9\n9\n9\n9\n9\n", "No answer was one of"),
        (("--auth", "environment"), "../scout\n\n", "cannot name the agent"),
        (("--yes", "--provider", "a b"), None, "cannot name the provider"),
        (("--yes", "--auth", "key"), "\n", ""),
    ],
)
def test_what_cannot_be_used_writes_nothing(
    flags: tuple[str, ...], text: str | None, says: str, tmp_path: Path
) -> None:
    """An input that ends, a wrong name and an empty key end it before llm.yaml is written."""
    done = run(tmp_path, *flags, text=text)
    assert done.returncode in {2, 4}, done.stderr
    assert says in done.stderr
    assert not (tmp_path / "config" / "llm.yaml").exists()


HAND = """\
\ufeff# mine
retry: {budget: 0.2} # keep
providers:
    "a b":   # first
        api_key: |
          ${ANTHROPIC_API_KEY:-}
        # more of it

        # still of it
# the end"""


def test_what_is_there_stays(tmp_path: Path) -> None:
    """Every line of the file is as it was, comments, quotes and line ends included; the new provider stands below the last."""
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "llm.yaml"
    before = HAND.replace("\n", "\r\n").encode()
    file.write_bytes(before)
    file.chmod(0o640)
    done = run(tmp_path, "--yes", "--no-call", ANTHROPIC_API_KEY="x")
    assert done.returncode == 0, done.stderr
    after = file.read_bytes()
    head, _, rest = after.partition(b"\r\n    anthropic:\r\n")
    assert head + b"# the end" == before
    assert rest.endswith(b"\r\n# the end")
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(load_config(file, with_key()).providers) == ["a b", "anthropic"]
    assert "keybearer config trust" in done.stdout  # what it asked for before was never trusted
    again = run(tmp_path, "--yes", "--no-call", "--auth", "claude-code", ANTHROPIC_API_KEY="x")
    assert list(load_config(file, with_key()).providers) == ["a b", "anthropic", "anthropic2"], again.stderr
    assert run(tmp_path, "--yes", "--provider", "anthropic", ANTHROPIC_API_KEY="x").returncode == 2


def test_trust_is_asked_for_what_somebody_else_wrote(tmp_path: Path) -> None:
    """A file that was not trusted is only trusted if the user says so; one that was stays so."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "llm.yaml").write_text("providers:\n  a: {base_url: https://elsewhere.example}\n")
    flags = ("--auth", "environment", "--provider", "b", "--agent", "x", "--agent-model", "m", "--no-call")
    run(tmp_path, *flags, text="n\n", ANTHROPIC_API_KEY="x")
    assert keybearer("config", "path", cwd=tmp_path).returncode == 2
    run(tmp_path, *(each if each != "b" else "c" for each in flags), text="y\n", ANTHROPIC_API_KEY="x")
    assert keybearer("config", "path", cwd=tmp_path).returncode == 0
    run(tmp_path, *(each if each != "b" else "d" for each in flags), text="", ANTHROPIC_API_KEY="x")
    assert keybearer("config", "path", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("text", ["providers: {a: {model: m}}\n", "{providers: {a: {model: m}}}\n"])
def test_a_file_in_braces_is_refused(text: str, tmp_path: Path) -> None:
    """Nothing is written where a provider cannot be added without changing a line."""
    (tmp_path / "llm.yaml").write_text(text)
    done = run(tmp_path, "llm.yaml", "--yes", ANTHROPIC_API_KEY="x")
    assert (done.returncode, (tmp_path / "llm.yaml").read_text()) == (2, text)


@pytest.mark.parametrize(
    "text",
    [
        "providers:\n  a: {model: m}",
        "providers:\n  a: {model: m}\nretry: {budget: 1}\n",
        "providers:\n- \n" * 0
        + "providers:\n  a:\n    betas:\n    - one\n    - two   # last\n\n\nretry:\n  budget: 1\n",
        "providers:\n a:\n  model: >-\n   folded\n   text\n",
        "providers:\n  a:\n    model:\n",
        "providers:\n  a:\n    prices:\n      m: {input: 1,\n          output: 2}\n  # about b\n  b: {model: x}\n",
    ],
)
def test_a_provider_is_added_below_the_last(text: str, tmp_path: Path) -> None:
    """Whatever the last provider ends with, the new one is read as a provider, and the text around it is whole."""
    path = tmp_path / "llm.yaml"
    path.write_text(text)
    after = with_provider(text, str(path), "new", provider_lines("environment", "https://g.example"))
    write_checked(path, after, text)
    config = load_config(path, {"ANTHROPIC_API_KEY": "x"})
    assert list(config.providers)[-1] == "new"
    assert config.providers["new"].base_url == "https://g.example"
    kept = [line for line in after.splitlines() if line in text.splitlines() or not line.strip()]
    assert [line for line in kept if line.strip()] == [line for line in text.splitlines() if line.strip()]


def test_a_text_that_lost_something_is_not_written(tmp_path: Path) -> None:
    """The last check is by what both texts say."""
    path = tmp_path / "llm.yaml"
    path.write_text("providers:\n  a: {model: m}\n")
    with pytest.raises(ConfigError, match="would have lost"):
        write_checked(path, new_file("b", provider_lines("claude-code")), path.read_text())
    assert path.read_text() == "providers:\n  a: {model: m}\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("base_url", "authorize_url"),
    [("http://127.0.0.1:9/", "http://127.0.0.1:9/oauth/authorize"), ("https://gateway.example", None), (None, None)],
)
def test_a_login_for_an_api_on_this_machine(base_url: str | None, authorize_url: str | None, tmp_path: Path) -> None:
    """It is a simulator's, so the login is made at its own pages; any other is made at Anthropic's."""
    write_checked(tmp_path / "llm.yaml", new_file("a", provider_lines("login", base_url)), None)
    auth = load_config(tmp_path / "llm.yaml").providers["a"].auth
    assert auth is not None
    assert (auth.authorize_url, bool(auth.token_endpoint)) == (authorize_url, authorize_url is not None)


def test_a_login_is_made_by_the_command_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wizard hands `auth login` every flag that it reads, and ends with its exit code where no login came."""
    used: list[argparse.Namespace] = []

    def login(args: argparse.Namespace) -> int:
        used.append(args)
        return 1

    monkeypatch.setattr(auth_login, "login", login)
    assert run(tmp_path, "--yes", "--auth", "login", "--no-browser").returncode == 1
    assert keybearer("auth", "login", "--accept-terms", cwd=tmp_path).returncode == 1
    wizard, command = map(vars, used)
    assert {"bundle", "accept_terms", "console", "port", "timeout", "no_browser"} <= wizard.keys() & command.keys()
    assert command.keys() - wizard.keys() == {"parser", "subcommand", "subcommand_name", "run"}
    assert (wizard["config"], wizard["provider"], wizard["no_browser"]) == ("config/llm.yaml", "anthropic", True)
