"""The tools by which an agent ends its work: `final_answer`, a typed result, the end of plan mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keybearer.simulator.engine.binding import make_arguments
from keybearer.simulator.engine.hints import Hints
from keybearer.simulator.engine.prompt import Prompt, ToolOutcome
from keybearer.simulator.engine.prose import work_of

__all__ = ["final_input", "plan_text"]


def final_input(tool: Mapping[str, Any], prompt: Prompt, answer: str) -> dict[str, Any]:
    """Make the arguments of such a tool: values of the prompt and of the results, and the answer where it takes free text.

    Args:
        tool: The tool.
        prompt: The prompt.
        answer: The answer in words.
    """
    done = work_of(prompt)
    values = [dict(outcome.values) for outcome in reversed(done) if outcome.values]
    came_back = "\n".join(outcome.text for outcome in done)
    verdict = came_back or None
    text = prompt.text if not came_back else f"{came_back}\n{prompt.text}"
    return make_arguments(tool, Hints(text, results=values, answer=answer, verdict=verdict))


def plan_text(asked: str, done: list[ToolOutcome]) -> str:
    """Write a plan for what was asked."""
    seen = "".join(f"- {outcome.name}: {' '.join(outcome.text.split())[:200]}\n" for outcome in done)
    return (
        f"# Plan\n\n## Context\n\n{asked.strip()}\n{'' if not seen else chr(10) + seen}\n"
        "## Steps\n\n1. Look at the files that it concerns.\n2. Make the change.\n3. Check it.\n\n"
        "## Verification\n\nRun the tests.\n"
    )
