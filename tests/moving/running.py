"""Runs a program of the corpus against a simulator of its own, with the official SDK or with keybearer in its place."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from keybearer.migrate.imports import change, edits
from keybearer.simulator import Simulator
from moving.corpus import HERE, Program

__all__ = ["Run", "changed", "environment", "reason", "run"]

ROOT: Final = HERE.parents[1]

TIMEOUT: Final = 120
"""Seconds for one program."""

LENIENT: Final = frozenset({"model-known", "model-retired", "beta-known"})
"""Rules that are off: programs of other years name models and beta tags that are no more."""


class Run(NamedTuple):
    """How a program ended.

    Attributes:
        error: The line that says why it failed; empty when it ended well.
        requests: How many requests it sent.
    """

    error: str
    requests: int

    @property
    def works(self) -> bool:
        """Whether it ended well."""
        return not self.error


def changed(text: str) -> str:
    """Return a program with its imports changed, as `keybearer migrate --write` changes them."""
    source = text.encode()
    return change(source, edits(source, ast.parse(source))).decode()


def run(program: Program, python: Path, *, path: Sequence[Path] = (), keybearer: bool = False) -> Run:
    """Run a program in a fresh folder, below a fresh home.

    Args:
        program: The program.
        python: The interpreter, in whose environment the SDK and keybearer are.
        path: Folders whose modules come before those of the environment.
        keybearer: With keybearer in place of the SDK, which is then not to be had.
    """
    with tempfile.TemporaryDirectory() as folder, Simulator(lenient=LENIENT, batch_seconds=0) as sim:
        home = Path(folder)
        place = home / "work"
        place.mkdir()
        if program.files:
            shutil.copytree(program.files, place, dirs_exist_ok=True)
        text = program.text
        if keybearer:
            text = changed(text)
            if program.package:
                _overlay(program.package, python, home / "changed")
            path = [home / "changed", HERE / "blocked", ROOT / "src"]
        script = place / "program.py"
        script.write_text(text, encoding="utf-8")
        error = _ended([python, script.name], place, environment(home, sim, path))
        if not error and program.package and not sim.requests:
            error = "it sent nothing"
        return Run(error, len(sim.requests))


def environment(home: Path, sim: Simulator, path: Sequence[Path]) -> dict[str, str]:
    """Return a program's environment: nothing of the developer's own, and the simulator's address and key."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LC_ALL", "TMPDIR"}}
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONWARNINGS": "ignore",
        "ANTHROPIC_BASE_URL": sim.base_url,
        "ANTHROPIC_API_URL": sim.base_url,
        "ANTHROPIC_API_KEY": sim.api_key,
        "NO_PROXY": "*",
        # nobody is asked for a cloud's credentials, nor for npm's packages
        "NO_GCE_CHECK": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "npm_config_offline": "true",
    }


def _overlay(package: str, python: Path, folder: Path) -> None:
    """Copy a package from an environment, with the imports of its modules changed."""
    top = next((python.parents[1] / "lib").glob("python*/site-packages")) / package
    if top.is_dir():
        shutil.copytree(top, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        folder.mkdir()
        shutil.copy(top.with_suffix(".py"), folder)
    for path in folder.rglob("*.py"):
        text = path.read_text("utf-8")
        if "anthropic" in text:
            path.write_text(changed(text), encoding="utf-8")


def _ended(command: Sequence[str | Path], place: Path, around: dict[str, str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603  # programs of a corpus that we chose
            command, cwd=place, env=around, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not done after {TIMEOUT} s"
    return reason(done.stderr.decode(errors="replace")) if done.returncode else ""


def reason(said: str) -> str:
    """Return the line of a traceback that names the error."""
    lines = said.strip().splitlines()
    named = [line for line in lines if line[:1].isalpha() and ":" in line and not line.startswith("Traceback")]
    return (named or lines or ["no word"])[-1].strip()
