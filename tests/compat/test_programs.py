"""Programs that were written for the official SDK do the same after a change of import."""

from __future__ import annotations

import contextlib
import gc
import io
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from keybearer.simulator import Simulator

HERE = Path(__file__).parent
PROGRAMS = sorted((HERE / "programs").glob("*.py"))
TYPED = HERE.parent / "typing" / "moved_code.py"

IMPORT = re.compile(r"^(import anthropic$|from anthropic[\w.]* import )", re.MULTILINE)


@pytest.fixture(scope="module", autouse=True)
def _left_open() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # what the programs have left open is not found in another test


def moved(source: str) -> str:
    """Return a program with its imports changed, and nothing else."""
    source = re.sub(r"^import anthropic$", "import keybearer.compat as anthropic", source, flags=re.MULTILINE)
    return re.sub(r"^from anthropic(?=[. ])", "from keybearer.compat", source, flags=re.MULTILINE)


def output(source: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a program against a simulator of its own, and return what it prints."""
    with Simulator(batch_seconds=0.0) as sim, contextlib.redirect_stdout(io.StringIO()) as printed:
        monkeypatch.setenv("ANTHROPIC_API_KEY", sim.api_key)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", sim.base_url)
        monkeypatch.setitem(sys.modules, "program", module := ModuleType("program"))
        exec(compile(source, "program", "exec"), module.__dict__)  # noqa: S102 - our own programs
        module.__dict__.clear()
    return printed.getvalue()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the programs close no clients
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_prints_the_same_after_the_change_of_import(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of its output."""
    source = program.read_text(encoding="utf-8")
    assert IMPORT.search(source)
    assert not IMPORT.search(moved(source))
    before = output(source, monkeypatch)
    assert before.count("\n") >= 3
    assert output(moved(source), monkeypatch) == before


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
def test_the_typed_application_prints_the_same_under_both_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one whose types `make check` and `make test-e2e` look at, after the change."""
    source = TYPED.read_text(encoding="utf-8")
    before = source.replace("import keybearer.compat as anthropic", "import anthropic")
    before = before.replace("from keybearer.compat", "from anthropic")
    assert moved(before) == source
    assert output(source, monkeypatch) == output(before, monkeypatch)
