"""What an operator does over SSH, at terminals of 60, 80 and 120 columns, in three shells, and in a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from e2e.screens import WAIT, on_screen
from keybearer.shell.ledger import Ledger
from keybearer.simulator import Simulator
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage


def environ(sim: Simulator) -> dict[str, str]:
    """Return what points at a simulator."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_doctor(columns: int, tmp_path: Path, sim: Simulator) -> None:
    """Each check has its line, none runs over the edge, and a long path alone is broken by the terminal."""
    with on_screen("doctor", folder=tmp_path, environ=environ(sim), columns=columns) as screen:
        text = screen.wait("EXIT 0")
    assert [word for word in ("python:", "credentials:", "reachability:", "call:", "limits:") if word not in text] == []
    assert "no failures, no warnings." in text
    begun = [line for line in text.splitlines() if line.startswith("ok ")]
    assert len(begun) == 11


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_wizard(columns: int, tmp_path: Path, sim: Simulator) -> None:
    """Answers by number, by name and by Enter; a key that is typed is not on the screen; it ends with a call."""
    command = f"config init --base-url {sim.base_url}"
    with on_screen(command, folder=tmp_path, environ={}, columns=columns) as screen:
        screen.wait("Which one? [1]")
        screen.keys("9", "Enter")
        screen.wait("give a number from 1 to 5")
        screen.keys("key", "Enter")
        screen.wait("[assistant]")
        screen.keys("scout", "Enter")
        screen.wait("Its model?")
        screen.keys("Enter")
        screen.wait("Paste the API key")
        screen.keys(sim.api_key, "Enter")
        text = screen.wait("EXIT 0")
    assert "It works: claude-haiku-4-5" in text
    assert sim.api_key not in text.replace("\n", "")
    assert (tmp_path / "config" / "secrets" / "anthropic_api_key").read_text().strip() == sim.api_key


def test_a_wizard_that_is_left(tmp_path: Path) -> None:
    """Ctrl-C ends it with 130, and no configuration is there."""
    with on_screen("config init", folder=tmp_path, environ={}) as screen:
        screen.wait("Which one? [1]")
        screen.keys("C-c")
        text = screen.wait("EXIT 130")
    assert "Traceback" not in text
    assert not (tmp_path / "config" / "llm.yaml").exists()


def test_a_wizard_whose_terminal_is_closed(tmp_path: Path) -> None:
    """Nothing was written yet, so nothing is there."""
    with on_screen("config init", folder=tmp_path, environ={}, stays=False) as screen:
        screen.wait("Which one? [1]")
        screen.keys("key", "Enter")
        screen.wait("[assistant]")
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_watching_limits(columns: int, tmp_path: Path, sim: Simulator) -> None:
    """A look takes the place of the one before; Ctrl-C ends it."""
    command = "limits --watch --interval 5"
    with on_screen(command, folder=tmp_path, environ=environ(sim), columns=columns) as screen:
        first = screen.wait("output-tokens").splitlines()[0]
        until = time.monotonic() + WAIT
        while (text := screen.text).splitlines()[0] == first:
            assert time.monotonic() < until, text
            time.sleep(0.1)
        assert (text.count("Ctrl-C ends it"), text.count("output-tokens")) == (1, 1)
        screen.tmux("resize-window", "-x", str(columns - 10), "-y", "30")
        screen.keys("C-c")
        text = screen.wait("EXIT 130")
    assert "Traceback" not in text


def test_the_page_of_usage_in_a_browser(tmp_path: Path) -> None:
    """Chromium draws the plots, and finds nothing to load or to run."""
    ledger = Ledger(tmp_path / "spend.db", agent="<script>document.title = 'run'</script>")
    for model in ("claude-haiku-4-5", "claude-opus-5-5"):
        usage = Usage.of({"input_tokens": 100_000, "output_tokens": 900, "cache_read_input_tokens": 50_000})
        ledger.add(UsageReported(usage=usage, model=model, request_id=None))
    ledger.close()
    page, picture = tmp_path / "usage.html", tmp_path / "usage.png"
    words = ["usage", "--ledger", str(tmp_path / "spend.db"), "--html", str(page)]
    subprocess.run([sys.executable, "-m", "keybearer", *words], check=True, timeout=WAIT)  # noqa: S603 - our own words
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=1000", "--window-size=1000,1600"]

    def browse(*more: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own words
            [browser, *flags, *more, page.as_uri()], capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    dom = browse("--dump-dom")
    assert dom.count("<rect") == 5  # a bar for each model, and one for each kind of token
    assert "<script>" not in dom
    assert "<title>run" not in dom
    browse(f"--screenshot={picture}")
    assert picture.stat().st_size > 20_000


def test_completion_in_zsh(tmp_path: Path) -> None:
    """Commands with their lines, and the values of a flag."""
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    setup = f"autoload -U compinit; compinit -u; source <({sys.executable} -m keybearer completion zsh)"
    (tmp_path / ".zshrc").write_text(f"PS1='> '\n{setup}\necho READY\n")
    with on_screen(f"version; ZDOTDIR={tmp_path} zsh -i", folder=tmp_path, environ={}) as screen:
        screen.wait("READY")
        screen.keys("keybearer auth lo", "Tab", "Tab")
        screen.wait("login   -- Log in")
        screen.keys("C-u", "keybearer usage --by ", "Tab")
        screen.wait("agent    day      model")


def test_completion_in_fish(tmp_path: Path) -> None:
    """What fish would offer."""
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish is not installed")
    script = f"{sys.executable} -m keybearer completion fish | source; "
    asked = {
        "auth lo": {"login", "logout"},
        "usage --by ": {"day", "model", "agent", "project", "tag"},
        "usage --ht": {"--html"},
    }
    for words, offered in asked.items():
        program = f"{script} complete -C 'keybearer {words}'"
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run([fish, "-c", program], capture_output=True, text=True, timeout=WAIT, check=True, env=env)  # noqa: S603 - our own words
        assert {line.split("\t")[0] for line in done.stdout.splitlines()} == offered
