"""`keybearer doctor`: each kind of broken setup is found by its own check, with a remedy and an exit code; no secret is shown."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from keybearer.cli.commands.doctor import CHECKS
from keybearer.simulator import Simulator
from support.command import keybearer
from support.logins import ACCESS, REFRESH
from support.rawserver import Peer, Script, raw_server

KEY = "sk-ant-canary-0123456789abcdef"
REFUSAL = b'{"type": "error", "error": {"type": "authentication_error", "message": "no"}}'


def checks_of(*flags: str, environ: dict[str, str], cwd: Path | None = None) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the doctor; return the exit code, and the worst finding of each check."""
    done = keybearer("doctor", "--json", *flags, environ=environ, cwd=cwd)
    assert "canary" not in done.stdout + done.stderr
    assert ACCESS not in done.stdout
    report = json.loads(done.stdout)
    assert report["exit_code"] == done.returncode
    assert report["ok"] is (done.returncode == 0)
    assert list(dict.fromkeys(each["check"] for each in report["checks"])) == list(CHECKS)
    assert all(each["remedy"] for each in report["checks"] if each["state"] in {"failed", "warning"})
    rank = ["ok", "skipped", "warning", "failed"]
    return done.returncode, {
        each["check"]: each for each in sorted(report["checks"], key=lambda each: rank.index(each["state"]))
    }


def saying(body: bytes = REFUSAL, status: str = "401 Unauthorized", headers: str = "") -> Script:
    """Make a server that answers every request alike."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(body, status=status, headers="content-type: application/json\r\n" + headers)

    return script


def test_all_is_well(llm_yaml: Path, sim: Simulator) -> None:
    """Every check is named in its order with a mark, the call is real, and nothing failed."""
    llm_yaml.chmod(0o600)
    done = keybearer("doctor", "--config", str(llm_yaml))
    assert (done.returncode, done.stderr) == (0, "")
    marked = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert [line.split()[1].rstrip(":") for line in marked[:-1]] == list(CHECKS)
    assert marked[-1] == "no failures, no warnings."
    assert "named by --config" in " ".join(done.stdout.split())
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if " " in line.strip())  # a long path is not broken
    assert json.loads(sim.requests[-1].body)["max_tokens"] == 1
    assert sim.api_key not in done.stdout


def test_nothing_is_sent_offline(llm_yaml: Path, sim: Simulator) -> None:
    """With --offline no request leaves, and with --no-call no model is asked."""
    code, found = checks_of("--offline", "--config", str(llm_yaml), environ={})
    assert (code, found["dns"]["state"], found["call"]["state"]) == (0, "skipped", "skipped")
    assert sim.requests == []
    code, found = checks_of("--no-call", "--config", str(llm_yaml), environ={})
    assert (code, found["reachability"]["state"], found["call"]["state"]) == (0, "ok", "skipped")


def test_a_file_that_needs_trust(tmp_path: Path) -> None:
    """A found configuration that nobody trusted is the failure; what depends on it is skipped, and the remedy names the command."""
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "llm.yaml"
    file.write_text(f"providers: {{a: {{base_url: 'https://elsewhere.example', api_key: {KEY}}}}}\n")
    code, found = checks_of(environ={}, cwd=tmp_path)
    assert code == 2
    assert "keybearer config trust" in found["configuration"]["remedy"]
    assert {found[name]["state"] for name in list(CHECKS)[3:]} == {"skipped"}
    keybearer("config", "trust", cwd=tmp_path)
    code, found = checks_of("--offline", environ={}, cwd=tmp_path)
    assert code == 0
    assert found["configuration"]["state"] == "warning"
    assert "chmod 600" in found["configuration"]["remedy"]
    file.chmod(0o600)
    code, found = checks_of("--offline", environ={}, cwd=tmp_path)
    assert "trusted by you as it is now" in found["configuration"]["says"]


def test_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    """A key that is not known is the failure, with its line."""
    (tmp_path / "llm.yaml").write_text("providers: {a: {modle: x}}\n")
    code, found = checks_of("--config", str(tmp_path / "llm.yaml"), environ={})
    assert code == 2
    assert "llm.yaml:1" in found["configuration"]["says"]


def test_a_misnamed_configuration_is_said_once(tmp_path: Path) -> None:
    """The checks ask for the configuration more than once; the line about llm.yml stands once."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "llm.yml").touch()
    assert keybearer("doctor", "--offline", cwd=tmp_path).stderr.count("llm.yml") == 1


def test_a_login_that_others_can_read(tmp_path: Path, sim: Simulator) -> None:
    """A bundle with open permissions is refused, and the remedy is chmod."""
    bundle = tmp_path / "oauth.json"
    bundle.write_text(json.dumps({"access_token": ACCESS, "refresh_token": REFRESH, "expires_at": 4_000_000_000}))
    bundle.chmod(0o644)
    (tmp_path / "llm.yaml").write_text("providers: {a: {auth: {bundle: oauth.json}}}\n")
    environ = {"ANTHROPIC_BASE_URL": sim.base_url}
    code, found = checks_of("--config", str(tmp_path / "llm.yaml"), environ=environ)
    assert code == 4
    assert "chmod 600" in found["credentials"]["remedy"]
    assert found["call"]["state"] == "skipped"


def test_a_folder_of_logins_that_others_can_write_to(sim: Simulator) -> None:
    """It is a warning, and the remedy is chmod."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "keybearer"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    environ = {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}
    code, found = checks_of("--no-call", environ=environ)
    assert (code, found["credentials"]["state"]) == (0, "warning")
    assert "chmod 700" in found["credentials"]["remedy"]


def test_no_credential(sim: Simulator) -> None:
    """The places that were looked at are listed, and the API is reached all the same."""
    code, found = checks_of(environ={"ANTHROPIC_BASE_URL": sim.base_url})
    assert code == 4
    assert "not there" in found["credentials"]["says"]
    assert found["reachability"]["state"] == "ok"


@pytest.mark.parametrize(
    ("date", "state", "code"),
    [
        ("date: Thu, 01 Jan 2015 00:00:00 GMT\r\n", "failed", 1),
        ("date: Thu, 01 Jan 2099 00:00:00 GMT\r\n", "failed", 1),
        ("date: yesterday\r\n", "skipped", 0),
        ("", "skipped", 0),
    ],
)
def test_a_wrong_clock(date: str, state: str, code: int) -> None:
    """A clock that is years off is the failure; a server without a readable Date says nothing of it."""
    with raw_server(saying(headers=date)) as server:
        environ = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY}
        ended, found = checks_of("--no-call", environ=environ)
    assert (found["clock"]["state"], ended) == (state, code)
    assert state != "failed" or "days" in found["clock"]["says"]


def test_a_dead_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that cannot be looked up fails at dns and at reachability; tls could not be tried."""

    def fail(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    code, found = checks_of(environ={"ANTHROPIC_API_KEY": KEY})
    assert code == 9
    assert "api.anthropic.com was not found" in found["dns"]["says"]
    assert [found[name]["state"] for name in ("clock", "tls", "reachability", "call")] == [
        "skipped", "skipped", "failed", "skipped",
    ]  # fmt: skip


def test_a_certificate_of_an_unknown_authority(tmp_path: Path) -> None:
    """It fails at tls, and the remedy is ca_file; with that, all is well."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with raw_server(saying(), context) as server:
        code, found = checks_of(environ={"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY})
        assert (code, found["tls"]["state"], found["call"]["state"]) == (9, "failed", "skipped")
        assert "ca_file" in found["tls"]["remedy"]
        assert found["proxy"]["state"] == "ok"
        config = tmp_path / "llm.yaml"
        config.write_text(f"providers: {{a: {{base_url: '{server.url}', ca_file: ca.pem}}}}\n")
        code, found = checks_of("--no-call", "--config", str(config), environ={"ANTHROPIC_API_KEY": KEY})
    assert code == 0
    assert found["tls"]["says"].startswith("TLSv1.")


@contextmanager
def free_port() -> Iterator[int]:
    """A port of this machine on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.mark.parametrize("refuse", [None, "407 Proxy Authentication Required"])
def test_a_dead_proxy(refuse: str | None) -> None:
    """One that nobody listens at, or that refuses, fails at proxy; its password is masked, and what names it is said."""

    def script(peer: Peer) -> None:
        while peer.request():
            peer.reply(b"", status=refuse or "")

    with free_port() as port, raw_server(script) as server:
        proxy = server.url.replace("//", "//me:canary-word@") if refuse else f"http://me:canary-word@127.0.0.1:{port}"
        code, found = checks_of(environ={"ANTHROPIC_API_KEY": KEY, "HTTPS_PROXY": proxy})
    assert code == 9
    assert "***@127.0.0.1" in found["proxy"]["says"]
    assert "HTTPS_PROXY" in found["proxy"]["says"]
    assert found["tls"]["state"] == "skipped"
    assert found["dns"]["state"] == "ok"


def test_a_proxy_that_is_no_url() -> None:
    """A variable that holds no proxy's address is the failure, and the rest of the way is skipped."""
    code, found = checks_of(environ={"ANTHROPIC_API_KEY": KEY, "HTTPS_PROXY": "ftp://me:canary@p:1"})
    assert (code, found["proxy"]["state"], found["dns"]["state"]) == (2, "failed", "skipped")


def test_a_key_that_is_refused(sim: Simulator) -> None:
    """The way is good, and the real call fails with the credentials' code."""
    code, found = checks_of(environ={"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": KEY})
    assert (code, found["reachability"]["state"], found["call"]["state"]) == (4, "ok", "failed")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (saying(b"<html>Sign in</html>", "200 OK"), "is not the API"),
        (saying(b"{}", "503 Service Unavailable"), "HTTP 503"),
    ],
)
def test_something_else_answers(script: Script, says: str) -> None:
    """A sign-in page or a failing server is found before a call is tried."""
    with raw_server(script) as server:
        code, found = checks_of(environ={"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY})
    assert (code, found["call"]["state"]) == (8, "skipped")
    assert says in found["reachability"]["says"]


@pytest.mark.parametrize(("left", "state"), [("60", "ok"), ("1", "warning")])
def test_limits(left: str, state: str) -> None:
    """A limit that is almost used up is a warning."""
    message: dict[str, Any] = {
        "type": "message", "id": "m", "role": "assistant", "model": "claude-haiku-4-5", "content": [],
        "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    headers = f"anthropic-ratelimit-requests-limit: 100\r\nanthropic-ratelimit-requests-remaining: {left}\r\n"
    with raw_server(saying(json.dumps(message).encode(), "200 OK", headers)) as server:
        code, found = checks_of(environ={"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": KEY})
    assert (code, found["limits"]["state"]) == (0, state)
    assert f"{left} of 100 left" in found["limits"]["says"]


def test_packages_that_are_old_or_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is missing or too old is the failure, and the remedy names this Python."""
    from importlib import metadata

    real: Callable[[str], str] = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.1" if name == "msgspec" else real(name))
    code, found = checks_of("--offline", environ={"ANTHROPIC_API_KEY": KEY})
    assert code == 1
    assert "msgspec is version 0.1, and at least" in found["packages"]["says"]
    assert "-m pip install 'msgspec>=" in found["packages"]["remedy"]
