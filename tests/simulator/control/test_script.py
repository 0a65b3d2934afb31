"""Scripts for agents: what they match, captures, sequences, functions, tests that share a simulator, and what is unused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import anthropic
import pytest
import urllib3

from keybearer.simulator import Simulator
from keybearer.simulator.control.scenario import make_turn
from keybearer.simulator.control.seen import SeenRequest

SESSION = "804f31ca-b0f5-4d94-b1b2-0e0a491b3b21"
CALL: Any = {"type": "tool_use", "id": "toolu_one", "name": "Read", "input": {}}
RESULT: Any = {
    "type": "tool_result",
    "tool_use_id": "toolu_one",
    "content": "eighteen\n<system-reminder>the file is old</system-reminder>",
}
TOOL: Any = {"name": "Read", "input_schema": {"type": "object"}}
SUBAGENT = "x-anthropic-billing-header: cc_version=2.1.332.63c; cc_entrypoint=sdk-cli; cc_is_subagent=true;"


def ask(sdk: anthropic.Anthropic, content: Any = "Say 'engine', hello", **more: Any) -> anthropic.types.Message:
    """Ask one question."""
    request: Any = {"model": "claude-haiku-4-5", "max_tokens": 200, "messages": [{"role": "user", "content": content}]}
    message: anthropic.types.Message = sdk.messages.create(**{**request, **more})
    return message


def words(message: anthropic.types.Message) -> str:
    """Join the text of an answer."""
    return "".join(block.text for block in message.content if block.type == "text")


def seen(headers: dict[str, str] | None = None, **body: Any) -> SeenRequest:
    """Make a request as a script sees it."""
    return SeenRequest({"messages": [{"role": "user", "content": "Hello"}], **body}, headers or {})


TALK: Any = [
    {"role": "user", "content": "How old is it?"},
    {"role": "assistant", "content": [CALL]},
    {"role": "user", "content": [RESULT]},
]


@pytest.mark.parametrize(
    ("match", "fits", "fits_not"),
    [
        ({"turn": 2}, seen(messages=TALK), seen()),
        ({"turn": 1}, seen(messages=[*TALK[:1], {"role": "assistant", "content": "It is"}]), seen(messages=TALK)),
        ({"tool_use_id": "^toolu_one$"}, seen(messages=TALK), seen(messages=TALK[:2])),
        ({"reminder": "is old"}, seen(messages=TALK), seen(messages=[*TALK, {"role": "assistant", "content": "18"}])),
        ({"session": SESSION}, seen({"x-claude-code-session-id": SESSION}), seen()),
        ({"session": f"^{SESSION}$"}, seen(metadata={"user_id": json.dumps({"session_id": SESSION})}), seen()),
        ({"session": f"^{SESSION}$"}, seen(metadata={"user_id": f"user_1_account_2_session_{SESSION}"}), seen()),
        ({"session": "^alice$"}, seen(metadata={"user_id": "alice"}), seen(metadata={"user_id": None})),
        ({"agent": "subagent"}, seen(system=[{"type": "text", "text": SUBAGENT}]), seen(system=SUBAGENT[:60])),
        ({"agent": "^main"}, seen(system=SUBAGENT[:60]), seen(system=SUBAGENT)),
        ({"agent": "a12b5f"}, seen({"x-claude-code-agent-id": "a12b5f38b0f83f9f2"}), seen()),
        ({"agent": "subagent"}, seen({"x-claude-code-agent-id": "a12b5f38b0f83f9f2"}), seen()),
        ({"agent": "^workflow"}, seen({"x-claude-code-request-class": "workflow"}), seen()),
        ({"headers": {"X-App": "^cli$"}}, seen({"x-app": "cli"}), seen({"x-app": "web"})),
        ({"system": "plan mode"}, seen(messages=[*TALK, {"role": "system", "content": "Plan mode is on"}]), seen()),
        ({"stream": False}, seen(), seen(stream=True)),
        (
            {"turn": 2, "text": "cat"},
            seen(messages=[{"role": "user", "content": "cat"}, *TALK[1:]]),
            seen(messages=TALK),
        ),
    ],
)
def test_match_for_agents(match: Any, fits: SeenRequest, fits_not: SeenRequest) -> None:
    """A turn finds the turn, the session, the agent, the call, the reminder and the headers of a request."""
    turn = make_turn({"match": match, "reply": "x"})
    assert turn.captures(fits, turn.replies[0]) is not None
    assert turn.captures(fits_not, turn.replies[0]) is None


def test_captures_go_into_texts_and_inputs(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Groups are put into texts and tool inputs, as text or as JSON; doubled braces are braces."""
    sim.script(
        {
            "text": "{what}: {1} {{1}}",
            "tool_use": {"name": "Read", "input": {"n": "{2:json}", "all": ["{2}"], "{1}": 1}},
        },
        match={"text": r"(?P<what>\w+) (\d+)", "system": "(be )?nice"},
    )
    message = ask(sdk, "put 18", system="nice", tools=[TOOL])
    assert words(message) == "put: put {1}"
    assert message.content[1].to_dict()["input"] == {"n": 18, "all": ["18"], "{1}": 1}


def test_braces_are_text_without_groups(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A reply with braces of its own is not touched where the match has no groups."""
    sim.script(r"\d{3} {city} {{x}}", match="hello")
    assert words(ask(sdk)) == r"\d{3} {city} {{x}}"


def test_a_sequence_is_used_in_order(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A sequence gives its replies one after the other, faults among them, and then the engine answers."""
    sim.script(
        sequence=["One.", {"fault": "overloaded"}, {"reply": "Three.", "fault": "slow; seconds=0"}], match="hello"
    )
    assert words(ask(sdk)) == "One."
    with pytest.raises(anthropic.APIStatusError) as caught:
        ask(sdk)
    assert caught.value.status_code == 529
    assert [words(ask(sdk)), words(ask(sdk))] == ["Three.", "engine"]


def test_a_sequence_may_go_on(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """With `times` always, the last reply of a sequence repeats."""
    sim.script(sequence=["One.", "Two."], times=None)
    assert [words(ask(sdk)) for _ in range(4)] == ["One.", "Two.", "Two.", "Two."]


def test_a_function_replies(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A function gets the request without its credentials, and may return anything that a reply may be."""
    got: list[SeenRequest] = []

    def answer(request: SeenRequest) -> Any:
        got.append(request)
        return {"tool_use": {"name": "Read", "input": {"path": request.captures["path"]}}}

    sim.script(answer, match=r"read (?P<path>\S+)")
    message = ask(sdk, "read a.txt", tools=[TOOL])
    assert message.content[0].to_dict()["input"] == {"path": "a.txt"}
    assert (got[0].turn, got[0].body["max_tokens"]) == (1, 200)
    assert sim.api_key not in json.dumps(got[0].headers)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda _: {"txt": "x"}, "a reply has no 'txt'; did you mean 'text'?"),
        (lambda _: {"events": [{"type": "ping"}]}, "the reply is for a stream"),
        (lambda _: lambda _: "x", "not another function"),
        (lambda _: {"text": object()}, "reply.text should be a string"),
    ],
)
def test_a_function_that_fails(sim: Simulator, function: Any, reason: str) -> None:
    """What a function gets wrong is a 400 in words that no client retries, and stands in the journal."""
    sim.script(function, times=None)
    with anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=5) as sdk:
        with pytest.raises(anthropic.BadRequestError, match=re.escape(reason)):
            ask(sdk)
    assert [(entry.status, entry.note["rule"]) for entry in sim.requests] == [(400, "script")]


def test_a_function_may_script_more(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A function runs without a lock: it may add turns and faults."""

    def answer(_: SeenRequest) -> str:
        sim.script("Second.")
        return "First."

    sim.script(answer)
    assert [words(ask(sdk)), words(ask(sdk))] == ["First.", "Second."]


def test_a_turn_of_events_waits_for_a_stream(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Events, and faults that need a stream, are not used up by a plain request."""
    sim.script({"events": [{"type": "message_stop"}]})
    sim.script("Streamed.", fault="missing_event; name=ping")
    assert words(ask(sdk)) == "engine"
    with ask(sdk, stream=True) as stream:  # type: ignore[attr-defined]  # a stream, because it was asked for
        assert [event.type for event in stream] == ["message_stop"]
    assert words(ask(sdk)) == "engine"
    with sdk.messages.stream(model="claude-haiku-4-5", max_tokens=9, messages=TALK[:1]) as answer:
        assert answer.get_final_text() == "Streamed."
    assert sim.unused == []


def test_tests_share_a_simulator(sim: Simulator) -> None:
    """Turns, faults, requests and findings of one test are not those of another, nor of requests without the header."""
    red, blue = sim.test("red"), sim.test("blue")
    red.script("Red.")
    blue.script("Blue.")
    blue.fail("overloaded")
    sim.script("Nobody's.")

    def client(headers: dict[str, str]) -> anthropic.Anthropic:
        return anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0, default_headers=headers)

    with client(red.headers) as of_red, client(blue.headers) as of_blue, client({}) as of_nobody:
        assert words(ask(of_red)) == "Red."
        with pytest.raises(anthropic.APIStatusError, match="overloaded"):
            ask(of_blue)
        assert [words(ask(each)) for each in (of_blue, of_nobody)] == ["Blue.", "Nobody's."]
        for each in (of_red, of_blue):
            with pytest.raises(anthropic.NotFoundError):
                ask(each, model="claude-nope")
    assert [entry.status for entry in red.requests] == [200, 404]
    assert [entry.status for entry in blue.requests] == [529, 200, 404]
    assert (len(sim.requests), sim.verdict) == (6, [])
    red.clear()
    assert (red.requests, len(blue.requests)) == ([], 3)


def test_each_test_has_the_scenario_from_its_beginning(tmp_path: Path) -> None:
    """Every test reads the scenario file from the top, and a turn is used if any test used it."""
    path = tmp_path / "turns.yaml"
    path.write_text("- First.\n- Second.\n- match: never\n  reply: Third.\n")
    with Simulator(scenario=path) as sim, anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key) as sdk:
        got = [words(ask(sdk, extra_headers={"x-sim-test": name})) for name in ("a", "b", "a")]
        assert got == ["First.", "First.", "Second."]
        assert [each["origin"] for each in sim.unused] == ["turns.yaml, line 3"]
        assert [each["origin"] for each in sim.test("b").unused] == ["turns.yaml, line 2", "turns.yaml, line 3"]
        sim.reset()
        assert words(ask(sdk, extra_headers={"x-sim-test": "a"})) == "First."


def test_what_is_unused(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A turn counts as used once each of its replies was given; a fault once it struck as often as it should."""
    sim.script("x", match="wether")
    sim.script(sequence=["One.", "Two."], match={"text": "hello"})
    sim.script("y", match="hello", times=None)
    sim.fail("slow", times=2, seconds=0)
    sim.test("red").fail("missing_event")
    ask(sdk)
    found = [
        {
            "origin": "script 1",
            "match": {"text": "wether"},
            "replies": 1,
            "times": 1,
            "used": 0,
            "left": 1,
            "test": None,
        },
        {
            "origin": "script 2",
            "match": {"text": "hello"},
            "replies": 2,
            "times": 2,
            "used": 1,
            "left": 1,
            "test": None,
        },
    ]
    assert [each for each in sim.unused if each.get("origin") != "script 3"][:2] == found
    assert [(each["fault"], each["left"], each["test"]) for each in sim.unused[3:]] == [
        ("slow", 1, None),
        ("missing_event", 1, "red"),
    ]
    ask(sdk)
    ask(sdk)
    assert [each.get("origin") or each["fault"] for each in sim.unused] == ["script 1", "missing_event"]


def test_a_test_over_http(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """With the header, the pages of scripts, faults, requests and what is unused are those of the test."""
    with urllib3.PoolManager(headers={"x-sim-token": sim.token, "x-sim-test": "red"}) as http:
        assert http.request("POST", sim.base_url + "/_sim/script", json={"reply": "Red."}).status == 200
        assert http.request("POST", sim.base_url + "/_sim/faults", json={"fault": "slow; seconds=0"}).status == 200
        assert words(ask(sdk)) == "engine"

        def get(page: str) -> Any:
            return http.request("GET", f"{sim.base_url}/_sim/{page}").json()["data"]

        assert [each["test"] for each in get("unused")] == ["red", "red"]
        assert [each["origin"] for each in get("script")] == ["script 1"]
        assert words(ask(sdk, extra_headers={"x-sim-test": "red"})) == "Red."
        assert [entry["test"] for entry in get("requests")] == ["red"]
        assert (get("unused"), get("script")) == ([], [])


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 201, "grün"])
def test_a_name_that_no_header_carries(sim: Simulator, name: str) -> None:
    """A test's name is refused if a header could not carry it."""
    with pytest.raises(ValueError, match="a test's name"):
        sim.test(name)


def is_refused(sdk: anthropic.Anthropic) -> bool:
    """Ask, and return whether the rate limit refused it."""
    try:
        ask(sdk)
    except anthropic.RateLimitError:
        return True
    return False


def test_a_rate_limit_uses_up_no_turn() -> None:
    """A request that is refused by its rate limit leaves the script to the retry."""
    with (
        Simulator(tier="tiny", frozen=True) as sim,
        anthropic.Anthropic(base_url=sim.base_url, api_key=sim.api_key, max_retries=0) as sdk,
    ):
        assert any(is_refused(sdk) for _ in range(100))
        sim.script("Scripted.")
        assert is_refused(sdk)
        sim.clock.advance(3600)
        assert words(ask(sdk)) == "Scripted."
