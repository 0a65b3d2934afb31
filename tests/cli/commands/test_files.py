"""`keybearer files`: upload, list, download, remove; a file's own name decides little."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.cli.commands.files import _own_name
from keybearer.errors import UsageError
from keybearer.simulator import Simulator
from support.command import keybearer
from support.rawserver import Peer, raw_server


@pytest.fixture
def environ(sim: Simulator) -> dict[str, str]:
    """The simulator, as a command finds it."""
    return {"ANTHROPIC_BASE_URL": sim.base_url, "ANTHROPIC_API_KEY": sim.api_key}


def test_the_life_of_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    """An upload prints its id, which the list and rm take; what was uploaded cannot be downloaded, and what is gone is not found."""
    (tmp_path / "a.txt").write_text("hello")
    put = keybearer("files", "put", str(tmp_path / "a.txt"), "--expires-in", "7200", environ=environ)
    assert (put.returncode, put.stderr) == (0, "")
    name = put.stdout.strip()
    typed = keybearer("files", "put", "-", "--name", "b.txt", text="there", environ=environ).stdout.strip()
    head, *rows = keybearer("files", "list", environ=environ).stdout.splitlines()
    assert head.split() == ["ID", "BYTES", "TYPE", "CREATED", "NAME"]
    assert {row.split()[0]: row.split()[-1] for row in rows} == {typed: "b.txt", name: "a.txt"}
    assert [each["id"] for each in json.loads(keybearer("files", "list", "--json", environ=environ).stdout)] == [
        typed,
        name,
    ]
    assert keybearer("files", "get", name, "-o", str(tmp_path / "c"), environ=environ).returncode == 3
    assert not (tmp_path / "c").exists()
    gone = keybearer("files", "rm", name, typed, environ=environ)
    assert (gone.returncode, gone.stdout, gone.stderr.count("removed ")) == (0, "", 2)
    assert keybearer("files", "rm", name, environ=environ).returncode == 5


def test_a_download(tmp_path: Path) -> None:
    """It goes to the last part of its own name, replaces nothing without --force, and to standard output with -."""
    meta = {"type": "file", "id": "f", "filename": "../../x/chart.png", "mime_type": "image/png", "size_bytes": 3,
            "created_at": "2026-01-01T00:00:00Z", "downloadable": True}  # fmt: skip

    def script(peer: Peer) -> None:
        while request := peer.request():
            content = b"/content" in request.partition(b"\r\n")[0]
            peer.reply(b"abc" if content else json.dumps(meta).encode())

    with raw_server(script) as server:
        environ = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-ant-x"}
        done = keybearer("files", "get", "f", cwd=tmp_path, environ=environ)
        assert (done.returncode, done.stdout) == (0, "chart.png\n"), done.stderr
        assert (tmp_path / "chart.png").read_bytes() == b"abc"
        again = keybearer("files", "get", "f", cwd=tmp_path, environ=environ)
        assert (again.returncode, "--force" in again.stderr) == (2, True)
        assert keybearer("files", "get", "f", "--force", cwd=tmp_path, environ=environ).returncode == 0
        assert keybearer("files", "get", "f", "-o", "-", environ=environ).stdout == "abc"


@pytest.mark.parametrize("name", ["", "..", "a/..", ".bashrc", "x/.ssh", "-rf", "a\x1b[2J", "C:\\x\\"])
def test_a_name_that_is_none_to_write_to(name: str) -> None:
    """A hidden file, a flag, a folder and control characters are refused."""
    with pytest.raises(UsageError, match="-o"):
        _own_name(name)


@pytest.mark.parametrize("flags", [("a", "b", "--name", "x"), ("-",), ("a", "--expires-in", "soon")])
def test_flags_that_do_not_go_together(flags: tuple[str, ...]) -> None:
    """They are wrong usage, before anything is sent."""
    assert keybearer("files", "put", *flags).returncode == 2
