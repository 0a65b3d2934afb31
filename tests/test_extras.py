"""A package of an extra that is not installed is one clear line, with the command that installs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HIDE = """
import runpy, sys
sys.modules[sys.argv[1]] = None  # as if it were not installed
what, sys.argv = sys.argv[2], sys.argv[2:]
exec(sys.argv[1]) if what == "-c" else runpy.run_module(what, run_name="__main__", alter_sys=True)
"""

CLIENT = "import keybearer; keybearer.Client(api_key='sk-ant-fake', base_url='http://127.0.0.1:9', {})"
FIT = """
import keybearer, struct
size = struct.pack(">II", 9000, 10)
picture = b"\\x89PNG\\r\\n\\x1a\\n" + struct.pack(">I", 13) + b"IHDR" + size + bytes([8, 0, 0, 0, 0]) + bytes(100)
client = keybearer.Client(api_key="sk-ant-fake", base_url="http://127.0.0.1:9", max_retries=0)
content = [keybearer.image(picture)]
client.messages.create(model="m", max_tokens=9, media="fit", messages=[{"role": "user", "content": content}])
"""
KEYRING = """
import pathlib, sys
from keybearer.cli import main
config = pathlib.Path("llm.yaml")
config.write_text("providers: {anthropic: {auth: {mode: oauth_bundle, store: keyring}}}")
sys.exit(main(["auth", *sys.argv[2:], "--config", "llm.yaml"]))
"""


def without(package: str, *args: str, cwd: Path, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run Python as if a package were not installed; give the exit code, the output and what was complained."""
    done = subprocess.run(  # noqa: S603 - our own Python
        [sys.executable, "-c", HIDE, package, *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=cwd,
        env=os.environ | (environ or {}),
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("package", ["jsonschema", "python_multipart", "starlette"])
@pytest.mark.parametrize("command", [("keybearer.simulator",), ("keybearer", "simulate")])
def test_the_simulator_as_a_command(package: str, command: tuple[str, ...], tmp_path: Path) -> None:
    """It is reported before anything is served, by both of its names."""
    code, out, err = without(package, *command, cwd=tmp_path)
    assert (code, out) == (1, "")
    assert err.endswith(
        f": The simulator needs {package}, which is not installed. Install keybearer with its extra: 'keybearer[simulator]'\n"
    )
    assert err.count("\n") == 1


def test_the_fixture_of_the_simulator(tmp_path: Path) -> None:
    """A test that asks for the fixture fails in one line, not in a traceback of imports."""
    (tmp_path / "test_user.py").write_text("def test_it(claude_sim): pass\n")
    args = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", str(tmp_path))
    code, out, _ = without("starlette", *args, cwd=tmp_path)
    assert code == 1
    assert "The simulator needs starlette, which is not installed." in out
    assert "plugin.py" not in out


@pytest.mark.parametrize(
    ("package", "code", "extra"),
    [
        ("jsonschema", "from keybearer.simulator import Simulator", "simulator"),
        ("httpcore2", "import keybearer.shell.transports.httpx_transport", "httpx"),
        ("h2", "import keybearer.shell.transports.httpx_transport", "httpx"),
        ("httpx2", CLIENT.format("proxy='socks5://127.0.0.1:9'"), "httpx"),
        ("socksio", CLIENT.format("proxy='socks5://127.0.0.1:9'"), "httpx"),
        ("PIL", FIT, "media"),
    ],
)
def test_in_the_library(package: str, code: str, extra: str, tmp_path: Path) -> None:
    """The last line of what is raised names the command that installs it."""
    exit_code, _, err = without(package, "-c", code, cwd=tmp_path)
    assert exit_code == 1
    assert f"is not installed. Install keybearer with its extra: 'keybearer[{extra}]'" in err.splitlines()[-1]


@pytest.mark.parametrize(
    "command", [("login", "--accept-terms", "--no-browser"), ("status",), ("refresh",), ("logout",), ("token",)]
)
def test_a_login_in_the_keyring(command: tuple[str, ...], tmp_path: Path) -> None:
    """Each command that looks into the keyring says so, and ends."""
    code, out, err = without("keyring", "-c", KEYRING, *command, cwd=tmp_path)
    assert code == (1 if command == ("logout",) else 4)
    said = out + err
    assert "the package keyring is not installed. Install keybearer with its extra: 'keybearer[keyring]'" in said
    assert "Traceback" not in said
    assert "Log in with this address" not in said


def test_a_question_through_a_socks_proxy(tmp_path: Path) -> None:
    """The command line says it as the library does."""
    environ = {"all_proxy": "socks5://127.0.0.1:9", "ANTHROPIC_API_KEY": "sk-ant-fake"}
    code, out, err = without("httpx2", "keybearer", "ask", "hello", cwd=tmp_path, environ=environ)
    assert (code, out) == (2, "")
    assert err == (
        "keybearer ask: A SOCKS proxy needs httpx2, which is not installed. "
        "Install keybearer with its extra: 'keybearer[httpx]'\n"
    )
