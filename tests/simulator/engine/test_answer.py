"""The engine: text, tool calls, thinking, citations and stop reasons."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.simulator.core.ids import Ids
from keybearer.simulator.engine import answer
from keybearer.simulator.engine.answer import EngineAnswer

WEATHER = {
    "name": "get_weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
READ = {"name": "Read", "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}}}
ADD = {
    "name": "add_numbers",
    "input_schema": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
    },
}


def ask(content: Any, **more: Any) -> EngineAnswer:
    """Ask the engine one thing."""
    body = {"model": "claude-opus-4-8", "max_tokens": 1000, "messages": [{"role": "user", "content": content}], **more}
    return answer(body, Ids(0))


def words(content: Any, **more: Any) -> str:
    """Ask the engine one thing, and join its words."""
    return "".join(block["text"] for block in ask(content, **more).content if block["type"] == "text")


def calls(content: Any, *tools: Any, **more: Any) -> list[tuple[str, Any]]:
    """Ask the engine one thing, and list its calls."""
    blocks = ask(content, tools=list(tools), **more).content
    return [(block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"]


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("I like tea.", "You said: “I like tea.”"),
        ("Reply with exactly: 42 apples", "42 apples"),
        ('Please say "good night" now', "good night"),
        ("Repeat after me: one two", "one two"),
        ("Count to 5", "1 2 3 4 5"),
        ("Write 3 words", "The lighthouse keeper"),
        ("What is 6 * 7?", "6 * 7 = 42."),
        ("(1 + 2) * 3", "(1 + 2) * 3 = 9."),
        ("7 / 2 =", "7 / 2 = 3.5."),
        ("What is 1 / 0?", "You said: “What is 1 / 0?”"),
        ("", "You sent no words, so I have none to give back."),
        (
            "Summarise: It rains. It pours. The old man snores.",
            "In short: It rains. The old man snores. (8 words in 3 sentences.)",
        ),
        ("<system-reminder>Mind the gap.</system-reminder>I like tea.", "You said: “I like tea.”"),
    ],
)
def test_words(prompt: str, said: str) -> None:
    """Each kind of prompt gets its kind of answer."""
    assert words(prompt) == said


def test_a_question_about_a_long_text_finds_its_sentence() -> None:
    """A question is answered with the sentence of the context that shares the most words with it."""
    text = " ".join(f"Rule {number}: the {animal} eats {food}." for number, (animal, food) in enumerate(
        [("fox", "berries"), ("owl", "mice"), ("bear", "honey")] * 10
    ))  # fmt: skip
    assert words("What does the owl eat?", system=text).startswith("The text says: “Rule 1: the owl eats mice.”")


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("What is the weather in Paris?", [("get_weather", {"city": "Paris"})]),
        ("Weather in New York, please", [("get_weather", {"city": "New York"})]),
        ("use get_weather", [("get_weather", {"city": "city"})]),
        ('get_weather {"city": "Rome"}', [("get_weather", {"city": "Rome"})]),
        ("Tell me about Paris", []),
        ("Read me a poem", []),
        ("Use the Read tool on notes/a.txt", [("Read", {"file_path": "notes/a.txt"})]),
        ("Add the numbers 2 and 40 with add_numbers", [("add_numbers", {"a": 2, "b": 40})]),
    ],
)
def test_calls(prompt: str, wanted: list[Any]) -> None:
    """A tool is called when the prompt asks for it, with values from the prompt; a plain word is not enough."""
    assert calls(prompt, WEATHER, READ, ADD) == wanted


def test_two_tools_at_once_or_one_after_the_other() -> None:
    """Two tools that are asked for are called together, or in turn when parallel use is off."""
    prompt = "Use get_weather for Oslo, then add_numbers 1 2"
    both = calls(prompt, WEATHER, ADD)
    assert [name for name, _ in both] == ["get_weather", "add_numbers"]
    choice = {"type": "auto", "disable_parallel_tool_use": True}
    body: dict[str, Any] = {
        "max_tokens": 900, "tools": [WEATHER, ADD], "tool_choice": choice, "messages": [{"role": "user", "content": prompt}],
    }  # fmt: skip
    named = []
    for _ in range(3):
        turn = answer(body, Ids(0))
        named.append([block.get("name", block.get("text")) for block in turn.content])
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": "ok"}
            for block in turn.content
            if block["type"] == "tool_use"
        ]
        body["messages"] += [{"role": "assistant", "content": turn.content}, {"role": "user", "content": results}]
    said = "I asked get_weather about Oslo, and it says: ok. I asked add_numbers about 1, 2, and it says: ok."
    assert named == [["get_weather"], ["add_numbers"], [said]]


def test_a_failed_tool_is_reported() -> None:
    """A result that is an error is passed on as one."""
    call = {"type": "tool_use", "id": "t", "name": "get_weather", "input": {"city": "Oslo"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "no network", "is_error": True}
    messages = [
        {"role": "user", "content": "Weather in Oslo?"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    assert words("", messages=messages, tools=[WEATHER]) == "get_weather could not help with Oslo: no network."


def test_thinking_names_the_plan() -> None:
    """The thinking names the tool and the arguments of the next call."""
    block = ask("Weather in Oslo?", tools=[WEATHER], thinking={"type": "adaptive"}).content[0]
    assert block["type"] == "thinking"
    assert "get_weather fits; I will call it with city='Oslo'" in block["thinking"]


@pytest.mark.parametrize(
    ("source", "location"),
    [
        (
            {"type": "text", "media_type": "text/plain", "data": "Foxes are small. Owls eat mice."},
            {"type": "char_location", "start_char_index": 17, "end_char_index": 31},
        ),
        (
            {
                "type": "content",
                "content": [{"type": "text", "text": "Foxes."}, {"type": "text", "text": "Owls eat mice."}],
            },
            {"type": "content_block_location", "start_block_index": 1, "end_block_index": 2},
        ),
    ],
)
def test_citations(source: dict[str, Any], location: dict[str, Any]) -> None:
    """A citable document is cited, with the location of the sentence."""
    document = {"type": "document", "title": "Animals", "citations": {"enabled": True}, "source": source}
    blocks = ask([document, {"type": "text", "text": "What do owls eat?"}]).content
    assert blocks[0]["text"] == "Animals says: "
    (citation,) = blocks[1]["citations"]
    assert citation["cited_text"] == "Owls eat mice."
    assert {key: citation[key] for key in location} == location


@pytest.mark.parametrize(
    ("prompt", "more", "reason", "text"),
    [
        ("Count to 9", {}, "end_turn", "1 2 3 4 5 6 7 8 9"),
        ("Count to 9", {"max_tokens": 2}, "max_tokens", "1 2 3 4 "),
        ("Count to 9", {"stop_sequences": ["7", " 5"]}, "stop_sequence", "1 2 3 4"),
        ("Count to 9", {"max_tokens": 0}, "max_tokens", ""),
        ("[sim:refusal] Count to 9", {}, "refusal", ""),
        ("[sim:pause_turn] Count to 9", {}, "pause_turn", "1 2 3 4 5 6 7 8 9"),
        ("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAE", {}, "refusal", ""),
    ],
)
def test_stops(prompt: str, more: dict[str, Any], reason: str, text: str) -> None:
    """An answer ends at the right place, with the right stop reason."""
    turn = ask(prompt, **more)
    assert (turn.stop_reason, "".join(block.get("text", "") for block in turn.content)) == (reason, text)


def test_the_context_window_ends_an_answer() -> None:
    """An answer that does not fit the window ends there."""
    body = {"max_tokens": 100, "messages": [{"role": "user", "content": "Count to 99"}]}
    assert answer(body, Ids(0), room=3).stop_reason == "model_context_window_exceeded"


def test_the_same_seed_gives_the_same_answer() -> None:
    """Equal seeds give equal answers."""
    request = {"tools": [WEATHER], "thinking": {"type": "adaptive"}}
    assert ask("Weather in Oslo and Rome?", **request) == ask("Weather in Oslo and Rome?", **request)
