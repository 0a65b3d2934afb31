"""Importing the library and making a client."""

from __future__ import annotations

from bench.case import Case, Target

_PROGRAM = """import sys, time
modules, cpu = set(sys.modules), time.process_time_ns()
{code}
from bench.script import report
report(modules, cpu)
"""


def program(code: str) -> str:
    """Return a program that runs the code and says what it cost."""
    return _PROGRAM.format(code=code)


CASE = Case(
    name="imports",
    title="`from keybearer import Client; Client(api_key=...)`",
    unit="process",
    scripts={
        "keybearer-sync": program("from keybearer import Client\nClient(api_key='sk-ant-bench')"),
        "anthropic-sync": program("from anthropic import Anthropic\nAnthropic(api_key='sk-ant-bench')"),
        "keybearer-async": program("from keybearer import AsyncClient\nAsyncClient(api_key='sk-ant-bench')"),
        "anthropic-async": program("from anthropic import AsyncAnthropic\nAsyncAnthropic(api_key='sk-ant-bench')"),
        "pydantic-ai": program("from pydantic_ai.models.anthropic import AnthropicModel"),
        "llm": program("import llm, llm_anthropic"),
        "floor": program(""),
    },
    targets=(
        Target("import: CPU", "cpu_ms", 1 / 15, "1/15"),
        Target("import: memory above bare Python", "above_mb", 1 / 5, "1/5"),
        Target("import: modules", "modules", 160, "160", against=""),
    ),
    note="CPU is of the two statements alone; memory is the process's above that of a bare interpreter, which is the floor.",
)
