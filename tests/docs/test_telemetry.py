"""docs/telemetry.md: its programs run, and its table of attributes is what the spans have."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from keybearer import tool
from keybearer.policy.retry import RetryPolicy
from keybearer.simulator import Simulator
from keybearer.types import observing as seen
from support.telemetry import ASK, Recorder, attributes

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "telemetry.md").read_text("utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
CODE = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "src" / "keybearer" / "observe").glob("*.py")))

SPANS = {"POST": "attempt", "anthropic.messages.tool_runner": "run", "keybearer.credentials.refresh": "refresh"}
"""The kind of a span by its name; those of tools begin with `anthropic.custom_tool_use`, and all others are calls."""


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_page_runs(program: str, claude_env: Simulator) -> None:
    """The one that sets providers for its whole process prints the span of its call, and the metrics."""
    if "set_tracer_provider" in program:
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own page
        assert '"gen_ai.request.model": "claude-haiku-4-5"' in run.stdout
        assert '"name": "gen_ai.client.token.usage"' in run.stdout
    else:
        with warnings.catch_warnings(action="ignore"):  # a page may leave its client open
            exec(compile(program, "telemetry.md", "exec"), {"__name__": "page"})  # noqa: S102 - our own page
            gc.collect()
    assert len(claude_env.requests) == program.count("client.messages.create(")


def rows() -> dict[str, set[str]]:
    """Return the spans that each attribute of the second table is on."""
    table = PAGE.partition("| attribute | on the span of | is |")[2].partition("\n\n")[0]
    found: dict[str, set[str]] = {}
    for names, spans in re.findall(r"^\| (`[^|]+) \| ([a-z, ]+) \|", table, re.MULTILINE):
        found |= {name: set(spans.split(", ")) for name in re.findall(r"`([^`]+)`", names)}
    return found


def test_the_attributes_of_the_other_spans_are_those_of_the_page(sim: Simulator) -> None:
    """An attempt, a run, a tool and a refresh, with all that they may have: the table says the same, and nothing else."""
    recorder = Recorder()

    @tool
    def look_up(number: str) -> str:
        """Look a number up."""
        if number == "2":
            raise OSError("not there")
        return number

    for number in ("1", "2"):
        sim.script({"tool_use": {"name": "look_up", "input": {"number": number}}})
    sim.fail("overloaded")
    with recorder.client(sim, retry=RetryPolicy(min_delay=0.001)) as client:
        client.messages.run(**ASK, model="claude-haiku-4-5", tools=[look_up])
        sim.fail("400")
        with pytest.raises(Exception, match="400"):
            client.messages.run(**ASK, model="claude-haiku-4-5", tools=[look_up])
    recorder.telemetry.observe(seen.RefreshStarted(refresh_id="1", login="a login"))
    recorder.telemetry.observe(seen.RefreshEnded(refresh_id="1", login="a login", seconds=1.0, error=OSError("gone")))
    found: dict[str, set[str]] = {}
    for span in recorder.spans:
        kind = "tool" if "tool_use" in span.name else SPANS.get(span.name, "call")
        for name in attributes(span):
            found.setdefault(name, set()).add(kind)
    page = rows()
    assert page.pop("anthropic.workspace.id") == {"call", "attempt"}  # of a header that the simulator does not send
    others = {"attempt", "run", "tool", "refresh"}
    assert {name: spans & others for name, spans in page.items() if spans & others} == {
        name: spans & others for name, spans in found.items() if spans & others
    }


def test_each_attribute_of_the_code_is_on_the_page() -> None:
    """Each name that the code gives a span or a metric, and no attribute of the table that it does not give."""
    named = set(re.findall(r'"((?:anthropic|error|gen_ai|http|keybearer|server|url)\.[a-z0-9_.]+)"', CODE))
    assert len(named) > 80
    assert [name for name in sorted(named) if f"`{name}`" not in PAGE] == []
    assert [name for name in rows() if name not in named] == []
