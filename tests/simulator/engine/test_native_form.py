"""A text conversation as one with the API's own tools."""

from __future__ import annotations

from keybearer.simulator.engine.native_form import Step, native_prompt


def test_steps_become_calls_and_results() -> None:
    """The last step is what the engine answers from, and every step's tool counts as called."""
    steps = [
        Step(tool="look", input={"at": "a"}, result="one"),
        Step(tool="ask", input={"who": "b"}, result="two", is_error=True),
    ]
    prompt = native_prompt(
        "Look, then ask.", tools=[{"name": "look", "input_schema": {}}], steps=steps, context="Some."
    )
    assert (prompt.text, prompt.context) == ("Look, then ask.", "Some.")
    assert [(each.name, each.input, each.text, each.is_error) for each in prompt.outcomes] == [
        ("ask", {"who": "b"}, "two", True)
    ]
    assert [tool["name"] for tool in prompt.tools] == ["look"]
