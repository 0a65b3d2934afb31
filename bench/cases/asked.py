"""A question on the command line, from nothing to the first byte of its answer."""

from __future__ import annotations

from bench.case import Case, Target

CASE = Case(
    name="asked",
    title="`keybearer ask` against `llm` with its Claude plugin: a fresh process to the first byte of a streamed answer",
    unit="process",
    path="/burst-20",
    scripts={
        "keybearer-sync": "argv:keybearer ask --no-log --no-stdin -m claude-haiku-4-5 hello",
        "llm": "argv:llm --no-log -m claude-haiku-4.5 hello",
    },
    targets=(
        Target("keybearer ask against llm, to the first byte: wall", "first_byte_ms", 1 / 8, "1/8", against="llm"),
        Target("keybearer ask against llm: CPU", "process_cpu_ms", 1 / 8, "1/8", against="llm"),
    ),
    note="both stream, and keep nothing; llm is the newest with llm-anthropic and the SDK that it takes "
    "(`bench/llm/requirements.txt`); CPU is of the whole process, the interpreter's own start included",
)
