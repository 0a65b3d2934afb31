"""The command line's help."""

from __future__ import annotations

from bench.case import Case, Target

CASE = Case(
    name="usage",
    title="`keybearer --help` against `llm --help`",
    unit="process",
    scripts={
        "keybearer-sync": "argv:keybearer --help",
        "llm": "argv:llm --help",
        "floor": "",
    },
    targets=(Target("keybearer --help against llm --help: wall", "process_wall_ms", 1 / 20, "1/20", against="llm"),),
    note="the floor is a bare interpreter",
)
