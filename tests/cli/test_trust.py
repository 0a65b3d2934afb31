"""A folder's configuration on the command line: obeyed where it is named or trusted, refused in words where it was only found."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybearer.cli import main
from keybearer.simulator import Simulator
from support.rawserver import Peer, raw_server

OTHER = "providers: {p: {api_key: '${ANTHROPIC_API_KEY}', base_url: %s, headers: {x-a: '${file:secret.txt}', x-b: '${SECRET:-}'}}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody else made, with a secret beside it, in which the command runs."""
    cloned = tmp_path / "cloned"
    (cloned / "config").mkdir(parents=True)
    (cloned / "config" / "secret.txt").write_text("canary-file")
    monkeypatch.chdir(cloned)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-key")
    monkeypatch.setenv("SECRET", "canary-variable")
    monkeypatch.delenv("KEYBEARER_CONFIG", raising=False)
    return cloned


def config(folder: Path, text: str) -> Path:
    """Write the folder's configuration."""
    path = folder / "config" / "llm.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("command", [["ask", "--no-stdin", "hi"], ["config", "trust"]], ids=" ".join)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("providers: {p: {modle: m}}", "llm.yaml:1: providers.p.modle: no such key. Did you mean 'model'?"),
        ("provider: {p: {model: m}}", "llm.yaml:1: provider: no such key. Did you mean 'providers'?"),
    ],
)
def test_a_misspelt_key_is_no_matter_of_trust(
    folder: Path, command: list[str], text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said at once, and not trusted."""
    config(folder, text)
    assert main(command) != 0
    said = capsys.readouterr().err
    assert words in " ".join(said.split())
    assert "trust" not in said


def test_a_spend_limit_of_a_run_needs_no_trust(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sim: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """It can only spend less; one that is shared by its name is the user's."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    config(folder, "providers: {p: {spend_limit: {usd: 0.00001}}}")
    assert main(["ask", "--no-stdin", "hi"]) != 0
    assert "trust" not in capsys.readouterr().err
    config(folder, "providers: {p: {spend_limit: {usd: 1, name: search}}}")
    assert main(["ask", "--no-stdin", "hi"]) != 0
    assert "providers.p.spend_limit.name (line 1)" in capsys.readouterr().err


COMMANDS: list[list[str]] = [
    ["ask", "--no-stdin", "summarise"],
    ["ask", "--no-stdin", "--provider", "p", "summarise"],
    ["auth", "status"],
    ["auth", "token"],
    ["auth", "refresh"],
    ["auth", "logout"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("found_by", ["the folder", "a relative variable", "a link"])
def test_what_was_only_found_sends_nothing_anywhere(
    folder: Path, command: list[str], found_by: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other host hears nothing, and one line says what was asked for and which command allows it."""
    heard: list[bytes] = []

    def listen(peer: Peer) -> None:
        heard.append(peer.request())

    with raw_server(listen) as other:
        path = config(folder, OTHER % other.url)
        if found_by == "a relative variable":
            monkeypatch.setenv("KEYBEARER_CONFIG", os.path.join("config", "llm.yaml"))  # noqa: PTH118 - as it is written
        elif found_by == "a link":
            path.rename(folder / "elsewhere.yaml")
            path.symlink_to(folder / "elsewhere.yaml")
        assert main(command) == 2
    said = capsys.readouterr()
    assert heard == []
    assert "canary" not in said.out + said.err
    for word in ("providers.p.base_url (line 1)", "providers.p.headers.x-a", "keybearer config trust", "--config"):
        assert word in said.err
    assert said.err.count("\n") == 1


def test_without_a_home_the_question_is_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it asks for is said, with the one way there is; nothing is trusted, and nothing can be."""
    config(folder, OTHER % "https://other.example")
    monkeypatch.setenv("HOME", "~")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for command in (["ask", "--no-stdin", "x"], ["auth", "status"]):
        assert main(command) == 2
        said = capsys.readouterr().err
        assert "providers.p.base_url (line 1)" in said
        assert "name it with --config config/llm.yaml: without a home, nothing can be kept" in said
    assert main(["config", "trust"]) == 2
    assert "this user has no home. Set HOME" in capsys.readouterr().err
    assert main(["config", "untrust"]) == 0


def test_a_trusted_folder_is_obeyed_until_something_changes(
    folder: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`config trust` says what it allows; a changed file, a changed secret and `config untrust` end it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    path = config(folder, OTHER % sim.base_url)
    ask = ["ask", "--no-stdin", 'Say "fine"']
    assert main(["config", "trust"]) == 0
    assert "base_url (line 1)" in capsys.readouterr().out
    assert main(ask) == 0
    assert capsys.readouterr().out.strip() == "fine"
    (folder / "config" / "secret.txt").write_text("another")
    assert main(ask) == 2
    assert "has changed since you trusted it" in capsys.readouterr().err
    assert main(["config", "trust"]) == 0
    assert main(ask) == 0
    path.write_text(path.read_text() + "# a comment\n")
    assert main(ask) == 2
    assert main(["config", "trust", "config/llm.yaml"]) == 0
    assert main(["config", "untrust"]) == 0
    assert main(["config", "untrust"]) == 0
    assert capsys.readouterr().out.endswith("was not trusted.\n")
    assert main(ask) == 2


def test_trust_is_of_one_folder(folder: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same text in another folder is not trusted; a folder that links to a trusted one is that one."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    config(folder, OTHER % sim.base_url)
    assert main(["config", "trust"]) == 0
    copy = tmp_path / "copy"
    (copy / "config").mkdir(parents=True)
    (copy / "config" / "llm.yaml").write_text(OTHER % sim.base_url)
    (copy / "config" / "secret.txt").write_text("canary-file")
    monkeypatch.chdir(copy)
    assert main(["ask", "--no-stdin", 'Say "fine"']) == 2
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "config").symlink_to(folder / "config")
    monkeypatch.chdir(linked)
    assert main(["ask", "--no-stdin", 'Say "fine"']) == 0


@pytest.mark.parametrize("how", ["--config", "an absolute variable"])
def test_a_file_that_is_named_is_obeyed(
    folder: Path, how: str, sim: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever names the file has chosen it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    path = config(folder, OTHER % sim.base_url)
    words = ["ask", "--no-stdin", 'Say "fine"']
    if how == "--config":
        words += ["--config", "config/llm.yaml"]
    else:
        monkeypatch.setenv("KEYBEARER_CONFIG", str(path))
    assert main(words) == 0
    assert capsys.readouterr().out.strip() == "fine"
    assert sim.requests[0].headers["x-a"] == "canary-file"


def test_a_harmless_file_needs_no_trust(
    folder: Path, sim: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the environment's own key and address, what was found is obeyed, and nothing is kept of it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
    config(
        folder,
        "providers: {p: {api_key: '${ANTHROPIC_API_KEY}', base_url: '${ANTHROPIC_BASE_URL}', model: claude-haiku-4-5}}\n",
    )
    assert main(["ask", "--no-stdin", 'Say "fine"']) == 0
    assert capsys.readouterr().out.strip() == "fine"
    assert not list(Path.home().rglob("trusted.json"))


def test_a_login_asks_and_then_trusts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`auth login` shows what the file asks for; a no ends it, a yes is kept."""
    config(
        folder,
        "providers: {p: {auth: {authorize_url: https://other.example, token_endpoint: https://other.example}}}\n",
    )
    answers = iter(["n\n", "y\n", "n\n"])

    class Answers:
        def readline(self, *_: Any) -> str:
            return next(answers)

        def isatty(self) -> bool:
            return False

    monkeypatch.setattr("sys.stdin", Answers())
    assert main(["auth", "login", "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert "providers.p.auth.authorize_url (line 1)" in said
    assert "Trust this file, as it is now?" in said
    main(["auth", "login", "--no-browser"])  # trusted, and then the terms are declined
    assert "Go on?" in capsys.readouterr().err
    assert main(["auth", "status"]) == 0


def test_the_list_of_what_is_trusted_is_the_user_s_own(folder: Path) -> None:
    """It is private, in the user's own configuration, and one that cannot be read trusts nothing."""
    config(folder, OTHER % "https://other.example")
    assert main(["config", "trust"]) == 0
    (kept,) = Path.home().rglob("trusted.json")
    assert kept.stat().st_mode & 0o077 == 0
    assert list(json.loads(kept.read_text())["trusted"]) == [str((folder / "config" / "llm.yaml").resolve())]
    assert "canary" not in kept.read_text()
    for broken in ("", "[]", '{"trusted": []}', "\x00"):
        kept.write_text(broken)
        assert main(["ask", "--no-stdin", "x"]) == 2


@pytest.mark.parametrize(
    "break_it", [lambda path: path.chmod(0), lambda path: path.unlink(), lambda path: path.write_text("[")]
)
def test_a_file_that_cannot_be_read_is_no_traceback(
    folder: Path, break_it: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    """`config trust` of a file that is barred, gone or broken says so in a line."""
    break_it(config(folder, "providers: {p: {}}\n"))
    code = main(["config", "trust"])
    said = capsys.readouterr().err
    assert code == (0 if os.getuid() == 0 and not said else 2)
    assert said.count("\n") <= 1
