"""Replies in Python, for agents that call functions by writing code."""

from __future__ import annotations

import ast

import pytest

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.engine import answer

SYSTEM = '''You can solve any task using code blobs.
Write the code in simple Python. The code sequence must be opened with '<code>', and closed with '</code>'.
You only have access to these tools, behaving like regular python functions:
<code>
def get_weather(location: string) -> string:
    """Get the weather at a location.

    Args:
        location: the location
    """

def ping() -> string:
    """Ping.
    """

def final_answer(answer: any) -> any:
    """Provides a final answer to the given problem.
    """
</code>
'''
QUESTION = "New task:\nWhat's the weather like in Paris?"


def reply(*turns: str, system: str = SYSTEM) -> str:
    """Ask with turns of alternating roles, the user's first."""
    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": text} for number, text in enumerate(turns)]
    body = {"model": "claude-sonnet-4-5", "max_tokens": 1000, "system": system, "messages": messages}
    return "".join(block["text"] for block in answer(body, Ids(0)).content)


def code(text: str) -> str:
    """Return the code of a reply, which is Python."""
    found = text.partition("<code>")[2].partition("</code>")[0].strip()
    ast.parse(found)
    return found


CALL = "Thought: I will call get_weather.\n<code>\nprint(get_weather(location='Paris'))\n</code>"


def test_a_function_that_the_task_names_is_called_and_its_result_printed() -> None:
    """A stub in the system prompt is a tool, whose argument comes from the task."""
    assert code(reply(QUESTION)) == "print(get_weather(location='Paris'))"


@pytest.mark.parametrize(
    ("printed", "given"),
    [("snow\n", "'snow'"), ("21", "21"), ("2.5", "2.5"), ('it\'s\n"odd"', "'it\\'s\\n\"odd\"'"), ("[1]", "'[1]'")],
)
def test_what_a_call_printed_is_the_final_answer(printed: str, given: str) -> None:
    """The observation is handed on: a number as a number, other text as text."""
    observed = f"Observation:\nExecution logs:\n{printed}\nLast output from code snippet:\nNone"
    assert code(reply(QUESTION, CALL, observed)) == f"final_answer({given})"


def test_a_call_that_failed_is_part_of_the_answer() -> None:
    """An error ends the loop with its message: the same call is not made again."""
    assert code(reply(QUESTION, CALL, "Error:\nno such place")) == "final_answer('no such place')"


def test_a_task_without_a_function_is_answered_in_words() -> None:
    """What the engine would say to the task is the final answer."""
    assert code(reply("New task:\nWhat is 6 * 7?")) == "final_answer('6 * 7 = 42.')"


def test_a_new_task_begins_anew() -> None:
    """Calls that were made for an earlier task do not count."""
    done = "<code>\nfinal_answer('snow')\n</code>"
    again = reply(QUESTION, CALL, "Observation:\nsnow", done, "New task:\nHow is the weather in Oslo?")
    assert code(again) == "print(get_weather(location='Oslo'))"


@pytest.mark.parametrize(
    "odd", ["print(", "x = 1", "print(f(a=b))", "print(f(**{}))", "(" * 500, "print(f(a={[]: 1}))"]
)
def test_code_that_is_not_a_printed_call_is_passed_over(odd: str) -> None:
    """An earlier turn of another make leaves the loop at its beginning."""
    observed = reply(QUESTION, f"<code>\n{odd}\n</code>", "Observation:\nsnow")
    assert code(observed).startswith(("print(get_weather(", "final_answer("))


def test_the_tags_are_those_of_the_system_prompt() -> None:
    """An agent may ask for Markdown's fences instead."""
    system = SYSTEM.replace("'<code>'", "'```python'").replace("'</code>'", "'```'")
    assert "\n```python\nprint(get_weather(location='Paris'))\n```" in reply(QUESTION, system=system)


def test_without_the_request_for_code_there_is_none() -> None:
    """Another system prompt gets an ordinary answer."""
    assert "<code>" not in reply("Hello", system="You write code.")
