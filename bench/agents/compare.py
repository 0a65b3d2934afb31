"""The same agent with three libraries, against the simulator: how long each program is, and what its run takes.

    python -m bench.agents.compare [--write]      with --write, docs/agents-compared.md is written

Strategy: the simulator answers each program with the same calls, so what differs is the libraries' own. Each program runs in a fresh
process of the benchmark's environment, a few times; time is the median, from the first request to the last.
"""

from __future__ import annotations

import argparse
import ast
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any, Final

from keybearer.simulator import Simulator

FOLDER: Final = Path(__file__).parent
ROOT: Final = FOLDER.parent.parent
PYTHON: Final = ROOT / "bench" / ".venv" / "bin" / "python"
PROGRAMS: Final = {"keybearer": "keybearer_agent", "official SDK": "sdk_agent", "pydantic-ai": "pydantic_ai_agent"}
ROUNDS: Final = 3
FINAL: Final = "The report is written."


def calls(*asked: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a reply with calls."""
    return {"tool_use": [{"name": name, "input": given} for name, given in asked]}


REPLIES: Final[tuple[Any, ...]] = (
    calls(("list_files", {"folder": "notes"}), ("search", {"words": ":"})),
    calls(*(("read_file", {"path": path}) for path in ("rent.txt", "food.txt", "books.txt", "cars.txt"))),
    calls(("calculate", {"numbers": [900, 350, 75]})),
    calls(("write_report", {"text": "All costs together are 1325."})),
    calls(("write_report", {"text": "The costs are rent, food and books."})),
    FINAL,
)
"""What the model says: a look around, four files of which one is not there, a sum, a report that is denied, and one that is not."""


def measure(program: str) -> dict[str, Any]:
    """Run a program once; return its turns, its seconds, its tokens, and what the model read of the file that is not there."""
    with Simulator() as sim:
        for reply in REPLIES:
            sim.script(reply)
        environment = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
        environment |= {
            "ANTHROPIC_API_KEY": sim.api_key,
            "ANTHROPIC_BASE_URL": sim.base_url,
            "PYTHONPATH": str(FOLDER.parent),
        }
        command = [str(PYTHON), str(FOLDER / f"{program}.py")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode or FINAL not in done.stdout:
            raise SystemExit(f"{program} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        asked = [each for each in sim.requests if each.path == "/v1/messages"]
        return {
            "turns": len(asked),
            "seconds": asked[-1].at + asked[-1].seconds - asked[0].at,
            "tokens": sum(_tokens(each.note) for each in asked),
            "bytes": sum(len(each.body) for each in asked),
            "leaks": any(b"/mnt/disk7" in each.body for each in asked),
        }


def _tokens(note: dict[str, Any]) -> int:
    usage = note.get("usage") or {}
    return sum(int(value) for name, value in usage.items() if name.endswith("tokens") and isinstance(value, int))


def lines_of(program: str) -> int:
    """Count the lines of a program that have code: no blank line, no docstring, no comment alone."""
    text = (FOLDER / f"{program}.py").read_text()
    docstring = ast.parse(text).body[0]
    after = text.splitlines()[docstring.end_lineno or 0 :]
    return sum(bool(line.strip()) and not line.strip().startswith("#") for line in after)


def code_of(program: str) -> str:
    """Return a program without its docstring."""
    return (FOLDER / f"{program}.py").read_text().partition('"""\n\n')[2]


HEAD: Final = """# The same agent with three libraries

This page is written by `make agents`.

The agent lists and searches a folder, reads four files of which one is not there, adds up numbers, and writes a report.
Somebody must allow the report: the first is denied, and the next one allowed.
Its functions are the same for all ([bench/agents/work.py](../bench/agents/work.py)), and each look at a file takes 0.2 s.
The simulator says the same to all.

| | lines | turns | seconds | tokens | KB sent |
|---|---|---|---|---|---|
"""

NOTES: Final = """
- *Lines* are those with code; *seconds* go from the first request to the end of the last answer.
- The SDK's runner sends only the new turns, by a message thread that the service keeps for five minutes.
- A function that raises: keybearer hides the exception from the model and goes on.
  The official SDK sends its `repr()`, with the path of the disk, and pydantic-ai ends the run, unless the program says otherwise.
- Approval: keybearer asks `approve`, and could put a call off to another day.
  The SDK's runner has none, so the function asks; pydantic-ai ends the run with the calls that wait, and is run again.
"""


def page(rows: dict[str, dict[str, Any]]) -> str:
    """Return the page."""
    table = ""
    for name, row in rows.items():
        figures = (
            f"{row['lines']} | {row['turns']} | {row['seconds']:.2f} | {row['tokens']:,} | {row['bytes'] / 1000:.1f}"
        )
        table += f"| {name} | {figures} |\n"
    programs = "".join(f"\n## {name}\n\n```py\n{code_of(program)}```\n" for name, program in PROGRAMS.items())
    return HEAD + table + NOTES + programs


def main() -> None:
    """Measure all, in turn; print, and write the page where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.agents.compare")
    parser.add_argument("--write", action="store_true", help="write docs/agents-compared.md")
    arguments = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            found[name].append(measure(program))
    rows = {}
    for name, runs in found.items():
        if any(run["leaks"] for run in runs):
            raise SystemExit(f"{name}: the model read where the disk is")
        seconds = statistics.median(run["seconds"] for run in runs)
        rows[name] = runs[0] | {"seconds": seconds, "lines": lines_of(PROGRAMS[name])}
        print(name, rows[name])
    if arguments.write:
        (ROOT / "docs" / "agents-compared.md").write_text(page(rows))


if __name__ == "__main__":
    main()
