"""Conversations of agent frameworks and Claude Code, from the requests that they send, played to their end.

The bodies in `data/` were captured from the published first examples of each framework, and shortened.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keybearer.simulator.core.errors import ServiceError
from keybearer.simulator.core.ids import Ids
from keybearer.simulator.engine import answer

DATA = Path(__file__).parent / "data"
Call = tuple[str, dict[str, Any]]
HOME = "/home/ada/project"


def load(name: str) -> dict[str, Any]:
    """Read a captured request."""
    body: dict[str, Any] = {"max_tokens": 5000, **json.loads((DATA / f"{name}.json").read_text())}
    return body


def play(body: dict[str, Any], results: Callable[[str, dict[str, Any]], Any], most: int = 15) -> tuple[list[Call], str]:
    """Answer every call with its result until the engine answers in words.

    Returns:
        The calls, and the words.
    """
    calls: list[Call] = []
    ids = Ids(0)
    for _ in range(most):
        turn = answer(body, ids)
        made = [block for block in turn.content if block["type"] == "tool_use"]
        if not made:
            return calls, "".join(block.get("text", "") for block in turn.content)
        calls += [(call["name"], call["input"]) for call in made]
        if made[-1]["name"] in {"final_answer", "final_result"}:
            return calls, ""
        back = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": results(call["name"], call["input"])}
            for call in made
        ]
        body["messages"] += [{"role": "assistant", "content": turn.content}, {"role": "user", "content": back}]
    raise AssertionError(f"no end: {calls}")


def ask(
    text: str, *tools: dict[str, Any], results: Callable[[str, dict[str, Any]], Any] = lambda *_: "ok", **more: Any
) -> tuple[list[Call], str]:
    """Ask one thing, and play to the end."""
    return play(
        {"max_tokens": 5000, "tools": [*tools], "messages": [{"role": "user", "content": text}], **more}, results
    )


def tool(tool_name: str, _required: list[str] | None = None, **kinds: str) -> dict[str, Any]:
    """Make a tool from its arguments' types."""
    required = [*kinds] if _required is None else _required
    properties = {name: {"type": kind} for name, kind in kinds.items()}
    return {"name": tool_name, "input_schema": {"type": "object", "properties": properties, "required": required}}


BASH = tool("Bash", command="string")
WRITE = tool("Write", file_path="string", content="string")
READ = tool("Read", file_path="string")
WEATHER = tool("get_weather", city="string")


def weather(name: str, given: dict[str, Any]) -> str:
    """Answer as the examples' weather tools do."""
    if name == "convertFahrenheitToCelsius":
        return '{"celsius":25}'
    return json.dumps({"location": given["location"], "temperature": 77})


UNGODLY = "The weather in Paris is UNGODLY with torrential rains and temperatures below -10 F."
CONVERSATIONS: list[tuple[str, Callable[[str, dict[str, Any]], Any], list[Call], str]] = [
    (
        "langgraph_weather",
        lambda _, given: f"It's always sunny in {given['city']}!",
        [("get_weather", {"city": "sf"})],
        "always sunny in sf!",
    ),
    ("langgraph_add", lambda _, given: str(given["a"] + given["b"]), [("add", {"a": 3, "b": 4})], "it says: 7."),
    ("tool_runner", lambda *_: "68", [("get_weather", {"location": "SF", "units": "c"})], "68"),
    (
        "tool_runner_search",
        lambda name, _: [{"type": "tool_reference", "tool_name": "get_humidity"}] if "search" in name else "40%",
        [("search_available_tools", {"keyword": "humidity"}), ("get_humidity", {"location": "SF"})],
        "40%",
    ),
    (
        "vercel_agent",
        weather,
        [("weather", {"location": "San Francisco"}), ("convertFahrenheitToCelsius", {"temperature": 77})],
        '{"celsius":25}',
    ),
    (
        "pydantic_ai_won",
        lambda *_: "winner",
        [("roulette_wheel", {"square": 18}), ("final_result", {"response": True})],
        "",
    ),
    (
        "pydantic_ai_lost",
        lambda *_: "loser",
        [("roulette_wheel", {"square": 5}), ("final_result", {"response": False})],
        "",
    ),
    ("pydantic_ai_typed", lambda *_: "", [("final_result", {"name": "Oslo", "population": 700_000})], ""),
    (
        "smolagents_observed",
        lambda *_: "",
        [("final_answer", {"answer": f"I asked get_weather about Paris, and it says: {UNGODLY}"})],
        "",
    ),
    (
        "claude_code_three",
        lambda name, _: f"<{name}>\n\n<system-reminder>\n<total_tokens>1</total_tokens>\n</system-reminder>",
        [
            ("Bash", {"command": "ls"}),
            ("Read", {"file_path": f"{HOME}/notes.txt"}),
            ("Write", {"file_path": f"{HOME}/eng.txt", "content": "eins"}),
        ],
        (
            f"I asked Bash about ls, and it says: <Bash>. I asked Read about {HOME}/notes.txt, and it says: <Read>. "
            f"I asked Write about {HOME}/eng.txt, eins, and it says: <Write>."
        ),
    ),
    (
        "claude_code_write",
        lambda *_: "written",
        [("Write", {"file_path": f"{HOME}/hello.txt", "content": "hello world"})],
        "written",
    ),
    (
        "claude_code_ten",
        lambda *_: "ok",
        [
            ("Bash", {"command": f"echo {word}"})
            for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        ],
        "echo ten",
    ),
    (
        "claude_code_haiku",
        lambda *_: "hi",
        [("Bash", {"command": "echo hi"})],
        "I asked Bash about echo hi, and it says: hi.",
    ),
    (
        "claude_code_subagent",
        lambda *_: (
            "  <tools-used-before-summary>Read</tools-used-before-summary>\n[Subagent hand-back] What follows is a report. "
            "The report follows:\n  The code word is heron.\n  It says no more.\nagentId: a1\n<usage>tool_uses: 1</usage>"
        ),
        [
            (
                "Agent",
                {
                    "description": "read notes.txt and report",
                    "prompt": "read notes.txt and report what it says.",
                    "subagent_type": "general-purpose",
                    "run_in_background": False,
                },
            )
        ],
        "it says: The code word is heron. It says no more.",
    ),
    (
        "claude_agent_sdk",
        lambda *_: "No tool was found.",
        [("ToolSearch", {"query": "select:mcp__tools__greet"})],
        "No tool was found.",
    ),
    (
        "claude_agent_sdk_loaded",
        lambda _, given: f"Hello, {given['name']}!",
        [("mcp__tools__greet", {"name": "Alice"})],
        "Hello, Alice!",
    ),
]


@pytest.mark.parametrize(("name", "results", "calls", "said"), CONVERSATIONS, ids=[each[0] for each in CONVERSATIONS])
def test_a_frameworks_first_example_ends_with_the_right_result(
    name: str, results: Callable[[str, dict[str, Any]], Any], calls: list[Call], said: str
) -> None:
    """The calls come in the prompt's order with its values, and the answer has what came back."""
    made, words = play(load(name), results)
    assert made == calls
    assert said in words
    assert "system-reminder" not in words


def test_a_weather_agent_gives_its_final_answer() -> None:
    """Smolagents takes an answer only through its tool."""
    made, _ = play(load("smolagents"), lambda *_: "rain")
    assert [name for name, _ in made] == ["get_weather", "final_answer"]
    assert made[0][1] == {"location": "Paris"}
    assert "rain" in made[1][1]["answer"]


def test_a_bank_gives_advice() -> None:
    """pydantic-ai's typed output holds what the tool said."""
    made, _ = play(load("pydantic_ai_balance"), lambda *_: "$123.45")
    assert [name for name, _ in made] == ["customer_balance", "final_result"]
    assert "$123.45" in made[1][1]["support_advice"]


def test_values_are_extracted() -> None:
    """Instructor's nested and listed models are filled from the prompt."""
    resident = answer(load("instructor_resident"), Ids(0)).content[0]["input"]
    assert resident == {
        "name": "Anna",
        "age": 31,
        "addresses": [{"street": "12 Main Street", "city": "Oslo", "country": "Norway"}],
    }
    listed = answer(load("instructor_list"), Ids(0)).content[0]["input"]
    assert listed == {"tasks": [{"name": "John", "age": 25}, {"name": "Mary", "age": 30}]}
    recipe = json.loads(answer(load("vercel_recipe"), Ids(0)).content[0]["text"])["recipe"]
    assert recipe["name"] == "Lasagna recipe"


def test_plan_mode_writes_the_plan_and_nothing_else() -> None:
    """In Claude Code's plan mode the plan goes to the file that the note names, then to the user's approval."""
    body = load("claude_code_plan")
    body["tools"] += [tool("ExitPlanMode", plan="string")]
    body["messages"][0]["content"][-1]["text"] = "Read notes.txt, run `rm x`, write 'a' to README.md, and plan it."
    made, _ = play(body, lambda *_: "ok")
    assert [name for name, _ in made] == ["Read", "Write", "ExitPlanMode"]
    assert made[1][1]["file_path"].startswith("/home/ada/.claude/plans/")
    assert made[2][1]["plan"].startswith("# Plan")


def test_a_subagent_in_the_background_is_heard() -> None:
    """The report of a subagent that comes later, in a reminder, is the answer."""
    body = load("claude_code_subagent")
    turn = answer(body, Ids(0))
    call = next(block for block in turn.content if block["type"] == "tool_use")
    notification = (
        "<system-reminder>\n[SYSTEM NOTIFICATION - NOT USER INPUT]\n<task-notification>\n<task-id>a1</task-id>\n"
        f"<tool-use-id>{call['id']}</tool-use-id>\n<status>completed</status>\n<result>It says &lt;heron&gt;.</result>\n"
        "</task-notification>\n</system-reminder>"
    )
    body["messages"] += [
        {"role": "assistant", "content": turn.content},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": call["id"], "content": "Async agent launched successfully."}
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "It works on it."}]},
        {"role": "user", "content": [{"type": "text", "text": notification}]},
    ]
    said = "".join(block.get("text", "") for block in answer(body, Ids(0)).content)
    assert said.endswith("and it says: It says <heron>.")
    assert "Async" not in said


@pytest.mark.parametrize(
    ("prompt", "tools", "wanted"),
    [
        (
            "run `ls`, Read notes.txt, then Write eng.txt",
            [BASH, READ, WRITE],
            [
                ("Bash", {"command": "ls"}),
                ("Read", {"file_path": "notes.txt"}),
                ("Write", {"file_path": "eng.txt", "content": "ok"}),
            ],
        ),
        ("Read a.txt and b.txt", [READ, WRITE], [("Read", {"file_path": "a.txt"}), ("Read", {"file_path": "b.txt"})]),
        ("Write a summary of notes.txt", [BASH, READ, WRITE], []),
        ("Use the Write tool on notes.txt", [WRITE], []),
        ("Use Bash to list the files", [BASH], []),
        (
            "use get_weather for Oslo and Rome",
            [tool("get_weather", [], city="string")],
            [("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Rome"})],
        ),
        (
            "Search for red shoes, then send an email to bob@x.org with subject 'Hi' and body 'There'",
            [tool("search", query="string"), tool("send_email", to="string", subject="string", body="string")],
            [("search", {"query": "red shoes"}), ("send_email", {"to": "bob@x.org", "subject": "Hi", "body": "There"})],
        ),
        (
            "Use search for 'cats' with limit 5",
            [tool("search", ["query"], query="string", limit="integer", exact="boolean")],
            [("search", {"query": "cats", "limit": 5})],
        ),
        ("Do not use get_weather for Oslo", [WEATHER], []),
        (
            "What is 100 divided by 7?",
            [tool("divide", a="number", b="number"), tool("multiply", a="number", b="number")],
            [("divide", {"a": 100, "b": 7})],
        ),
        (
            "It's order #4821 and it hasn't arrived.",
            [tool("lookup_order", order_id="string")],
            [("lookup_order", {"order_id": "4821"})],
        ),
        ("I have a question about an order.", [tool("lookup_order", order_id="string")], []),
    ],
)
def test_calls_follow_the_clauses(prompt: str, tools: list[dict[str, Any]], wanted: list[Call]) -> None:
    """Each clause's call has the clause's own values, in order; where a file or a command is not given there is no call."""
    assert ask(prompt, *tools)[0] == wanted


def test_why_a_tool_is_not_called_is_said() -> None:
    """A tool that is asked for without what it needs is named in the answer."""
    calls, said = ask("Use Bash to list the files", BASH)
    assert calls == []
    assert said.endswith("I did not call Bash: the prompt does not clearly give a command to run.")


def test_a_forced_effect_that_nobody_asked_for_is_refused() -> None:
    """`tool_choice` forces no file to be written that the prompt does not name."""
    with pytest.raises(ServiceError) as caught:
        ask("Read notes.txt", WRITE, tool_choice={"type": "tool", "name": "Write"})
    assert caught.value.rule == "engine-effects"


def test_a_forced_call_ends() -> None:
    """A call that is forced in every turn and comes back the same is made three times, then the answer is in words."""
    calls, said = ask("Weather in Oslo", WEATHER, tool_choice={"type": "any"})
    assert calls == [("get_weather", {"city": "Oslo"})] * 3
    assert said.startswith("I asked get_weather about Oslo")


def test_a_failed_step_writes_nothing() -> None:
    """What a failed call said is not written to a file."""
    body: dict[str, Any] = {
        "max_tokens": 900,
        "tools": [READ, WRITE],
        "messages": [{"role": "user", "content": "Read a.txt, then write it to b.txt"}],
    }
    call = answer(body, Ids(0)).content
    failed = [{"type": "tool_result", "tool_use_id": call[0]["id"], "content": "no such file", "is_error": True}]
    body["messages"] += [{"role": "assistant", "content": call}, {"role": "user", "content": failed}]
    (block,) = answer(body, Ids(0)).content
    assert block["text"].startswith("Read could not help with a.txt: no such file. I did not call Write")
