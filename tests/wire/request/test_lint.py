"""What the service refuses, found before it is sent: each rule just inside and just outside, and held against the simulator."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer import Client
from keybearer.errors import APIError, LintError
from keybearer.simulator import Simulator
from keybearer.simulator.core.catalogue import CATALOGUE
from keybearer.wire.request.lint import check, lint
from keybearer.wire.response import parse

MODEL = "claude-opus-4-6"


def png(width: int, height: int) -> bytes:
    """Return a PNG of one colour."""
    raw = zlib.compress((b"\0" + b"\0" * width) * height, 1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", raw) + chunk(b"IEND", b"")


def image(data: bytes | str, media_type: str = "image/png") -> dict[str, Any]:
    """Return an image block."""
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def text(words: str, **more: Any) -> dict[str, Any]:
    """Return a text block."""
    return {"type": "text", "text": words, **more}


def user(*content: Any) -> dict[str, Any]:
    """Return a user turn."""
    return {"role": "user", "content": list(content)}


def assistant(*content: Any) -> dict[str, Any]:
    """Return an assistant turn."""
    return {"role": "assistant", "content": list(content)}


def call(number: int = 1, name: str = "get_weather") -> dict[str, Any]:
    """Return a tool call."""
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {}}


def result(number: int = 1) -> dict[str, Any]:
    """Return its result."""
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "rain"}


HI = user(text("hi"))
TOOL: dict[str, Any] = {"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}
MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}


def marked(count: int, mark: dict[str, Any] = MARK) -> dict[str, Any]:
    """Return a user turn with that many breakpoints."""
    return user(*[text(f"part {n}", cache_control=mark) for n in range(count)])


CASES: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    # name, what is fine, what is refused
    ("temperature", {}, {"temperature": 1.0}),
    ("top_p", {}, {"top_p": 1.0}),
    ("top_k", {}, {"top_k": 5}),
    ("no messages", {"messages": [HI]}, {"messages": []}),
    ("a role", {"messages": [HI]}, {"messages": [{"role": "zork", "content": "hi"}]}),
    (
        "empty content",
        {"messages": [{"role": "user", "content": "x"}]},
        {"messages": [{"role": "user", "content": ""}, HI]},
    ),
    ("empty text", {"messages": [user(text("x"))]}, {"messages": [user(text(""), text("x"))]}),
    (
        "prefill",
        {"model": "claude-haiku-4-5", "messages": [HI, {"role": "assistant", "content": "It is"}]},
        {"model": "claude-haiku-4-5", "messages": [HI, {"role": "assistant", "content": "It is "}]},
    ),
    ("four breakpoints", {"messages": [marked(4)]}, {"messages": [marked(5)]}),
    (
        "the hour first",
        {"messages": [user(text("a", cache_control=HOUR), text("b", cache_control=MARK))]},
        {"messages": [user(text("a", cache_control=MARK), text("b", cache_control=HOUR))]},
    ),
    (
        "budget at least",
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"thinking": {"type": "enabled", "budget_tokens": 1023}},
    ),
    (
        "budget below",
        {"thinking": {"type": "enabled", "budget_tokens": 3999}},
        {"thinking": {"type": "enabled", "budget_tokens": 4000}},
    ),
    (
        "thinking forces no tool",
        {"tools": [TOOL], "tool_choice": {"type": "auto"}, "thinking": {"type": "enabled", "budget_tokens": 1024}},
        {"tools": [TOOL], "tool_choice": {"type": "any"}, "thinking": {"type": "enabled", "budget_tokens": 1024}},
    ),
    ("stop sequence", {"stop_sequences": ["x"]}, {"stop_sequences": [" "]}),
    ("tool name", {"tools": [TOOL]}, {"tools": [TOOL | {"name": "get weather"}]}),
    ("a list of tools", {"tools": [TOOL]}, {"tools": [[TOOL]]}),
    ("tool names once", {"tools": [TOOL, TOOL | {"name": "other"}]}, {"tools": [TOOL, TOOL]}),
    (
        "the chosen tool",
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "get_weather"}},
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "zork"}},
    ),
    ("a choice without tools", {"tools": [TOOL], "tool_choice": {"type": "auto"}}, {"tool_choice": {"type": "auto"}}),
    (
        "a call is answered",
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result())]},
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(text("no"))]},
    ),
    (
        "a call is answered next",
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result()), assistant(text("a")), HI]},
        {"tools": [TOOL], "messages": [HI, assistant(call()), HI, assistant(text("a")), user(result())]},
    ),
    (
        "every call",
        {"tools": [TOOL], "messages": [HI, assistant(call(1), call(2)), user(result(1), result(2))]},
        {"tools": [TOOL], "messages": [HI, assistant(call(1), call(2)), user(result(1))]},
    ),
    (
        "results first",
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result(), text("and"))]},
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(text("and"), result())]},
    ),
    (
        "a result has its call",
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result())]},
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result(), result(2))]},
    ),
    (
        "ids once",
        {"tools": [TOOL], "messages": [HI, assistant(call(1), call(2)), user(result(1), result(2))]},
        {"tools": [TOOL], "messages": [HI, assistant(call(1), call(1)), user(result(1))]},
    ),
    ("an image's type", {"messages": [user(image(png(3, 2)))]}, {"messages": [user(image(png(3, 2), "image/jpeg"))]}),
    ("an unknown image type", {"messages": [user(image(png(3, 2)))]}, {"messages": [user(image(b"BM", "image/bmp"))]}),
    ("an image's side", {"messages": [user(image(png(8000, 1)))]}, {"messages": [user(image(png(8001, 1)))]}),
    (
        "a side among many",
        {"messages": [user(*[image(png(2000, 1))] * 21)]},
        {"messages": [user(*[image(png(2001, 1))] * 21)]},
    ),
    ("a side among twenty", {"messages": [user(*[image(png(2001, 1))] * 20)]}, None),
    (
        "an image as text",
        {"messages": [user(image(base64.b64encode(png(3, 2)).decode()))]},
        {"messages": [user(image(base64.b64encode(png(9000, 1)).decode()))]},
    ),
    (
        "an image in a result",
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result() | {"content": [image(png(3, 2))]})]},
        {"tools": [TOOL], "messages": [HI, assistant(call()), user(result() | {"content": [image(png(9000, 1))]})]},
    ),
]


def body(change: dict[str, Any]) -> dict[str, Any]:
    """Return a whole request."""
    return {"model": MODEL, "max_tokens": 4000, "messages": [HI]} | change


@pytest.mark.parametrize(("fine", "refused"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_just_inside_and_just_outside(fine: dict[str, Any], refused: dict[str, Any] | None) -> None:
    """A request just inside a rule has no problem; one just outside has a sure one that says where and what to do."""
    assert lint(body(fine)) == []
    if refused is not None:
        problems = lint(body(refused))
        assert problems
        assert all(problem.sure and problem.where and problem.fix for problem in problems)


@pytest.mark.parametrize(("fine", "refused"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_simulator_agrees(sim: Simulator, fine: dict[str, Any], refused: dict[str, Any] | None) -> None:
    """What has no problem is taken by the simulator, and what is surely refused gets its 400: two separate readings of the rules."""
    with Client(api_key=sim.api_key, base_url=sim.base_url) as client:
        client.messages.create(**body(fine))
        if refused is not None:
            with pytest.raises(LintError, match="was not sent"):
                client.messages.create(**body(refused))
            sent = len(sim.requests)
            with pytest.raises(APIError) as caught:
                client.messages.create(**body(refused), validate=False)
            assert caught.value.status == 400
            assert len(sim.requests) == sent + 1


def test_the_older_version_takes_what_the_newer_refuses() -> None:
    """Sampling parameters, documents of the assistant and citations of the user are a matter of the version."""
    source = {"type": "text", "media_type": "text/plain", "data": "x"}
    request = body(
        {
            "temperature": 0.5,
            "messages": [
                user(text("hi", citations=[{"type": "char_location"}])),
                assistant({"type": "document", "source": source}),
                HI,
            ],
        }
    )
    assert lint(request, api_version="2023-06-01") == []
    assert {problem.where for problem in lint(request)} == {
        "temperature",
        "messages[0].content[0]",
        "messages[1].content[0]",
    }


def test_interleaved_thinking_may_have_a_larger_budget() -> None:
    """With its beta tag the budget is over several turns, and may be above max_tokens."""
    request = body({"thinking": {"type": "enabled", "budget_tokens": 9000}})
    assert lint(request)
    assert lint(request, betas=("interleaved-thinking-2025-05-14",)) == []
    assert lint(request | {"betas": ["interleaved-thinking-2025-05-14"]}) == []


def test_advice_is_not_an_error() -> None:
    """A tool call sent back without its thinking is advice: the service may take it."""
    request = body(
        {
            "tools": [TOOL],
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "messages": [HI, assistant(call()), user(result())],
        }
    )
    [problem] = lint(request)
    assert not problem.sure


def test_every_problem_is_reported_at_once() -> None:
    """The error names the first problem, counts the others, and has them all."""
    with Client(api_key="sk-ant-test", base_url="http://127.0.0.1:1", model=MODEL) as client:
        with pytest.raises(LintError, match="2 more") as caught:
            client.messages.create(max_tokens=5, messages=[user(text(""))], temperature=1.0, stop_sequences=["\n"])
    assert len(caught.value.problems) == 3
    assert "validate=False" in str(caught.value)


@pytest.mark.parametrize(
    "request_",
    [
        {"messages": 5},
        {"messages": [5, None, {"role": []}]},
        {"messages": [{"role": "user", "content": [5, {"type": "image"}, {"type": "tool_result", "content": 5}]}]},
        {"tools": 5, "tool_choice": 5, "thinking": 5, "system": 5, "stop_sequences": 5},
        {"tools": [5, {}], "tool_choice": {"type": "tool"}},
        {"messages": [user(image("not base64 at all!"), image(b"\x89PNG\r\n\x1a\n"))]},
    ],
)
def test_a_body_of_another_shape_is_left_to_the_service(request_: dict[str, Any]) -> None:
    """No rule fails on what it does not expect."""
    lint(request_)


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use", "mcp_tool_use"])
def test_the_marks_of_a_cut_call_are_never_sent(kind: str) -> None:
    """A block's `to_dict` in a turn has keybearer's own marks: refused, with what to send instead."""
    block = call() | {"type": kind, "incomplete": True, "partial_json": "{"}
    found = lint(body({"tools": [TOOL], "messages": [HI, assistant(block), user(result())]}))
    assert "messages[1].content[0]" in [
        each.where for each in found if "marks of a tool call that was cut" in each.what
    ]
    assert not [each for each in lint(body({"messages": [HI, assistant(call())]})) if "marks" in each.what]


PDF = b"%PDF-1.4 x"


def pdf(data: Any) -> dict[str, Any]:
    """Return a document block."""
    return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}}


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
@pytest.mark.parametrize("block", [image, pdf])
def test_bytes_that_are_base64_already_are_refused(block: Any, wrap: Any) -> None:
    """`base64.b64encode(...)` without `.decode()` would be encoded twice, in a turn or a tool's result."""
    data = PDF if block is pdf else png(3, 2)
    again = block(wrap(base64.b64encode(data)))
    for turns in ([user(again)], [HI, assistant(call()), user(result() | {"content": [again]})]):
        found = lint(body({"tools": [TOOL], "messages": turns}))
        [problem] = [each for each in found if "base64 already" in each.what]
        assert problem.sure
        assert problem.where.startswith("messages[")
    for fine in (wrap(data), base64.b64encode(data).decode()):
        assert not [each for each in lint(body({"messages": [user(block(fine))]})) if "base64 already" in each.what]


def test_results_for_calls_that_the_service_holds() -> None:
    """In a thread that goes on, the first turn may answer calls of a turn that is not sent; later turns may not."""
    turns = [user(result(1), text("and"))]
    held = {"tools": [TOOL], "messages": turns, "thread": {"type": "continue", "previous_message_id": "msg_1"}}
    assert lint(body(held)) == []
    assert lint(body(held | {"thread": {"type": "create"}})) != []
    assert lint(body(held | {"messages": [user(text("and"), result(1))]})) != []
    assert lint(body(held | {"messages": [*turns, assistant(text("a")), user(result(2))]})) != []


def test_a_thread_that_goes_on_leaves_out_what_the_thread_keeps() -> None:
    """The choice among its tools is repeated, they need not be; the answer before must be named."""
    asked: dict[str, Any] = {"tool_choice": {"type": "tool", "name": "get_weather"}}
    goes_on = asked | {"thread": {"type": "continue", "previous_message_id": "msg_1"}}
    assert lint(body(goes_on)) == []
    assert [each.where for each in lint(body(asked | {"thread": {"type": "create"}}))] == ["tool_choice"]
    advice = lint(body({"thread": goes_on["thread"], "fallbacks": [{"model": "m"}]}))
    assert [(each.where, each.sure) for each in advice] == [("fallbacks", False)]
    for thread in ({"type": "continue"}, {"type": "continue", "previous_message_id": ""}):
        assert [(each.where, each.sure) for each in lint(body({"thread": thread}))] == [
            ("thread.previous_message_id", True)
        ]
    assert lint(body({"thread": {"type": "of next year"}})) == []


def test_the_page_lists_every_rule() -> None:
    """docs/requests.md has the first line of each rule's docstring."""
    from pathlib import Path

    from keybearer.wire.request.lint import RULES

    page = (Path(__file__).parents[3] / "docs" / "requests.md").read_text()
    for rule in RULES:
        assert (rule.__doc__ or "?").splitlines()[0].rstrip(".") in page, rule.__name__


ODD = st.sampled_from([["x"], {"a": 1}, None, 3, "x", [], "tool", "any", "enabled", "user", "assistant"])
KINDS = st.sampled_from(["text", "tool_use", "tool_result", "image", "document", "thinking", ["x"], {}])
ODD_BLOCK = st.fixed_dictionaries(
    {"type": KINDS},
    optional=dict.fromkeys(("id", "tool_use_id", "text", "content", "source", "cache_control"), ODD),
)
ODD_TURN = st.fixed_dictionaries({"role": ODD, "content": ODD | st.lists(ODD_BLOCK, max_size=4)})


@given(
    st.fixed_dictionaries(
        {"messages": ODD | st.lists(ODD | ODD_TURN, max_size=4)},
        optional={
            "tools": ODD | st.lists(ODD | st.fixed_dictionaries({"name": ODD}), max_size=3),
            "tool_choice": ODD | st.fixed_dictionaries({"type": ODD, "name": ODD}),
            "thinking": ODD | st.fixed_dictionaries({"type": ODD, "budget_tokens": ODD}),
            "betas": ODD | st.lists(ODD),
            "system": ODD | st.lists(ODD_BLOCK, max_size=2),
            "stop_sequences": ODD | st.lists(ODD),
        },
    )
)
def test_no_rule_fails_on_a_body_of_another_shape(body: dict[str, Any]) -> None:
    """Lists and dicts where ids, names and types are due, and anything else, make no rule raise."""
    assert isinstance(lint(body), list)


def test_values_of_answers_are_looked_at_as_they_are_sent() -> None:
    """`lint` of the arguments of create sees an answer among the messages as its turn."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    answer = parse.message({"type": "message", "role": "assistant", "content": [call]})
    ask = {"role": "user", "content": "hi"}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}]}
    assert lint({"model": MODEL, "max_tokens": 5, "messages": [ask, answer, result]}) == []
    found = lint({"model": MODEL, "max_tokens": 5, "messages": [ask, answer]})
    assert [problem.where for problem in found] == ["messages[1].content[0]"]


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "robot", "content": "hi"}]},
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "so "}]},
        {"messages": [{"role": "user", "content": "hi"}], "temperature": 1.0},
        {"messages": [{"role": "user", "content": "hi"}], "stop_sequences": [" "]},
        {"messages": [user(text(""))]},
    ],
)
def test_only_a_plain_question_is_let_through_unseen(body: dict[str, Any]) -> None:
    """The short way past the rules is for one text of the user's with nothing beside it; all of these are near it, and refused."""
    request = {"model": "m", "max_tokens": 1, "stream": True}
    check(request | {"messages": [{"role": "user", "content": "hi"}]}, api_version="2026-10-21", betas=())
    with pytest.raises(LintError):
        check(request | body, api_version="2026-10-21", betas=())


@pytest.mark.parametrize(
    ("model", "refused"),
    [
        ("claude-3-5-sonnet-20241022", True),
        ("claude-opus-4-20250514", True),
        ("claude-sonnet-4-0", True),
        ("claude-opus-4-1-20250805", False),
        ("claude-sonnet-4-5-20250929", False),
        ("claude-haiku-5-5", False),
        ("a-gateways-own", False),
    ],
)
def test_a_model_without_structured_outputs_is_not_asked_for_them(model: str, *, refused: bool) -> None:
    """The simulator has none of these models, for the service has retired them; a format that is null asks for nothing."""
    asked = {"format": {"type": "json_schema", "schema": {"type": "integer"}}}
    assert [each.where for each in lint(body({"model": model, "output_config": asked}))] == (
        ["output_config.format"] if refused else []
    )
    assert lint(body({"model": model, "output_config": {"format": None}})) == []


def test_a_tool_is_forced_where_the_simulators_table_of_models_says_so() -> None:
    """That table is made of other people's; every model of it is asked for, by each way to force a tool."""
    for model in CATALOGUE.values():
        for choice in ({"type": "any"}, {"type": "tool", "name": "a"}, {"type": "auto"}):
            body = {
                "model": model.id,
                "max_tokens": 9,
                "messages": [user(text("Go."))],
                "tools": [{"name": "a"}],
                "tool_choice": choice,
            }
            refused = choice["type"] != "auto" and not model.forced_tools
            assert [each.where for each in lint(body)] == ["tool_choice"] * refused


def test_a_misspelt_content_is_named() -> None:
    """The key that it probably stands under is in the words."""
    (problem,) = lint({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "contnet": "hi"}]})
    assert (problem.what, problem.fix) == ("it has no content, but 'contnet'", "Write content.")
