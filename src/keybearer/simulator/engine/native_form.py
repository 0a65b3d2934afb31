"""An agent's conversation in a text format of its own, as the same conversation with the API's own tools.

Some frameworks send no `tools`: they list their functions in the system prompt, and read the calls from the reply's text.
Turned into native form, the engine plans such a conversation as any other; the format's module writes the plan down.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from keybearer.simulator.engine.prompt import Prompt, read_prompt

__all__ = ["Step", "native_prompt"]


class Step(Struct, frozen=True, kw_only=True):
    """One earlier call of a conversation.

    Args:
        tool: The function's name.
        input: Its arguments.
        result: What came back, as text.
        is_error: Whether that is an error's message.
    """

    tool: str
    input: dict[str, Any]
    result: str
    is_error: bool = False


def native_prompt(
    question: str, *, tools: Sequence[dict[str, Any]] = (), steps: Sequence[Step] = (), context: str = ""
) -> Prompt:
    """Write a conversation in native form.

    Args:
        question: The user's words.
        tools: The functions, each with `name`, `description` and `input_schema`.
        steps: The calls so far, oldest first.
        context: Text that the answer may be looked up in.

    Returns:
        The prompt that the engine reads in a request of that form.
    """
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    for number, step in enumerate(steps):
        use = {"type": "tool_use", "id": f"step_{number}", "name": step.tool, "input": step.input}
        result = {
            "type": "tool_result",
            "tool_use_id": f"step_{number}",
            "content": step.result,
            "is_error": step.is_error,
        }
        messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    return read_prompt({"system": context, "messages": messages, "tools": list(tools)})
