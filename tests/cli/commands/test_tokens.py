"""`keybearer tokens`: the service's count of a prompt, standard input or a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keybearer.simulator import Simulator
from support.command import keybearer


def test_a_prompt_standard_input_and_a_file_are_counted_alike(llm_yaml: Path, sim: Simulator, tmp_path: Path) -> None:
    """The number stands alone on standard output, and no model is asked."""
    text = "The ship sailed at dawn. It carried tea."
    (tmp_path / "a.txt").write_text(text + "\n")
    config = ("--config", str(llm_yaml))
    counts = [
        keybearer("tokens", text, *config).stdout,
        keybearer("tokens", "-", *config, text=text).stdout,
        keybearer("tokens", *config, text=text).stdout,
        keybearer("tokens", "-f", str(tmp_path / "a.txt"), *config).stdout,
    ]
    assert len(set(counts)) == 1
    assert int(counts[0]) > 5
    assert {request.path for request in sim.requests} == {"/v1/messages/count_tokens"}
    assert int(keybearer("tokens", text, "--system", text, *config).stdout) > int(counts[0])
    counted = json.loads(keybearer("tokens", text, "--json", "--agent", "scout", *config).stdout)
    assert counted == {"input_tokens": int(counts[0]), "model": "claude-haiku-4-5"}


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        ((), 2, "nothing to count"),
        (("-", "-f", "x"), 2, "not allowed with -"),
        (("-f", "gone.txt"), 1, "No such file or directory: gone.txt"),
        (("-f", "odd.bin"), 2, "odd.bin is not UTF-8 text"),
    ],
)
def test_what_cannot_be_counted_is_reported(args: tuple[str, ...], code: int, says: str, tmp_path: Path) -> None:
    """Each mistake is a line with the file's name, and nothing is sent."""
    (tmp_path / "odd.bin").write_bytes(b"\xff\xfe\xff")
    done = keybearer("tokens", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
