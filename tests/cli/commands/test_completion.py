"""`keybearer completion`: the scripts have every command and flag, and bash completes by its own."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from keybearer.cli import COMMANDS, whole_parser
from keybearer.cli.completion.tree import branches
from support.command import keybearer


@pytest.fixture(scope="module")
def tree() -> dict[str, Any]:
    """The branches by their places."""
    return {branch.place: branch for branch in branches(whole_parser())}


def test_the_tree(tree: dict[str, Any]) -> None:
    """It has every command, subcommand and flag, what a flag takes, and which arguments are files."""
    assert set(tree[""].children) == {*COMMANDS, "help"}
    flags = {name: flag for flag in tree["/usage"].flags for name in flag.names}
    assert flags["--by"].choices[:2] == ("day", "model")
    assert (flags["--html"].takes, flags["--since"].takes, flags["--json"].takes) == ("file", "text", "")
    assert (tree["/lint"].files, tree["/ask"].files) == (True, False)
    assert tree["/completion"].choices == ("bash", "zsh", "fish")
    assert "/auth/login" in tree


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_has_everything(shell: str, tree: dict[str, Any]) -> None:
    """Each place and each flag of it is there."""
    script = keybearer("completion", shell).stdout
    for branch in tree.values():
        assert branch.place in script
        for flag in branch.flags:
            long = flag.names[-1]
            assert (f"-l {long[2:]}" if shell == "fish" else long) in script


CASES = {
    "au": "auth",
    "auth lo": "login logout",
    "ask --mod": "--model",
    "usage --by ": "day model agent project tag",
    "usage --by = mo": "model",
    "auth login --con": "--console --config",
    "lint a": "",
    "ask --config a": "",
    "completion ": "bash zsh fish",
}


def test_bash_completes() -> None:
    """Each beginning has its ends; where a file is due, bash's own completion is left to it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    asks = "\n".join(f"t keybearer {words}{chr(39) * 2 if words.endswith(' ') else ''}" for words in CASES)
    program = (
        keybearer("completion", "bash").stdout
        + 't() { COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _keybearer; echo "${COMPREPLY[*]}"; }\n'
        + asks
    )
    done = subprocess.run([bash, "--norc", "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    answers = [" ".join(sorted(line.split())) for line in done.stdout.splitlines()]
    assert dict(zip(CASES, answers, strict=True)) == {
        name: " ".join(sorted(each.split())) for name, each in CASES.items()
    }
    assert done.stderr == ""
