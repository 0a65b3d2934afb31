"""The service's own tools: calls and canned results in the wheel's shapes, scenarios, `tool_choice`, pauses and counts."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import anthropic.types
import anthropic.types.beta
import pytest

from keybearer.simulator import Simulator
from keybearer.simulator.service.server_tools import SERVER_TOOLS
from simulator.schema_check import by_the_wheel, fits

MODEL = "claude-opus-4-8"
ADVISOR_TAG = "advisor-tool-2026-03-01"
MCP_TAG = "mcp-client-2025-11-20"
SEARCH: dict[str, Any] = {"type": "web_search_20250305", "name": "web_search"}
FETCH: dict[str, Any] = {"type": "web_fetch_20260318", "name": "web_fetch"}
OLD_CODE: dict[str, Any] = {"type": "code_execution_20250522", "name": "code_execution"}
CODE: dict[str, Any] = {"type": "code_execution_20260521", "name": "code_execution"}
ADVISOR: dict[str, Any] = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5"}
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "defer_loading": True,
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
FIND: dict[str, Any] = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}


def ask(sdk: anthropic.Anthropic, *tools: dict[str, Any], prompt: str = "Hello", **more: Any) -> Any:
    """Ask with tools, through the SDK's beta client."""
    fields: dict[str, Any] = {
        "model": MODEL, "max_tokens": 900, "tools": list(tools), "messages": [{"role": "user", "content": prompt}],
        "betas": [ADVISOR_TAG, MCP_TAG], **more,
    }  # fmt: skip
    return sdk.beta.messages.create(**fields)


def force(name: str) -> dict[str, Any]:
    """Make a choice of one tool."""
    return {"type": "tool", "name": name}


def kinds(message: Any) -> list[str]:
    """List the types of a message's blocks."""
    return [block.type for block in message.content]


ASKED: list[tuple[list[dict[str, Any]], str, str, str]] = [
    ([SEARCH], "What is the latest news?", "web_search", "web_search_tool_result"),
    ([FETCH], "Read https://example.com/a, please.", "web_fetch", "web_fetch_tool_result"),
    ([OLD_CODE], "Run `print(1)`.", "code_execution", "code_execution_tool_result"),
    ([CODE], "Run `ls`.", "bash_code_execution", "bash_code_execution_tool_result"),
    ([CODE], "View the file.", "text_editor_code_execution", "text_editor_code_execution_tool_result"),
    ([ADVISOR], "Give me advice.", "advisor", "advisor_tool_result"),
]


@pytest.mark.parametrize(("tools", "prompt", "name", "result"), ASKED)
def test_a_prompt_that_asks_for_a_tool_gets_its_call_and_result(
    sdk: anthropic.Anthropic, tools: list[Any], prompt: str, name: str, result: str
) -> None:
    """The call, its result at once, and words about it, in one answer."""
    message = ask(sdk, *tools, prompt=prompt)
    assert kinds(message) == ["server_tool_use", result, "text"]
    use, answer = message.content[:2]
    assert (use.name, answer.tool_use_id, use.id.startswith("srvtoolu_")) == (name, use.id, True)
    assert message.stop_reason == "end_turn"


@pytest.mark.parametrize("asked", ASKED, ids=[name for _, _, name, _ in ASKED])
def test_every_reply_and_event_fits_both_references(
    sdk: anthropic.Anthropic, asked: tuple[list[Any], str, str, str]
) -> None:
    """Plain and streamed, by the OpenAPI document and strictly by the wheel's types."""
    tools, prompt, name, result = asked
    is_beta = name == "advisor"
    fields: dict[str, Any] = {
        "model": MODEL, "max_tokens": 900, "tools": tools, "messages": [{"role": "user", "content": prompt}],
    }  # fmt: skip
    http = sdk.with_options(default_headers={"anthropic-beta": ADVISOR_TAG} if is_beta else {})
    plain = json.loads(http.messages.with_raw_response.create(**fields).http_response.read())
    types: Any = anthropic.types.beta if is_beta else anthropic.types
    assert by_the_wheel(types.BetaMessage if is_beta else types.Message, plain) == []
    raw = http.messages.with_raw_response.create(**fields, stream=True).http_response.read().decode()
    events = [json.loads(line.removeprefix("data: ")) for line in raw.splitlines() if line.startswith("data: ")]
    for event in events:
        if event["type"] != "ping":
            assert (
                by_the_wheel(types.BetaRawMessageStreamEvent if is_beta else types.RawMessageStreamEvent, event) == []
            )
        assert is_beta or fits(event, "MessageStreamEvent") == []
    assert is_beta or fits(plain, "Message") == []
    opened = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert [block["type"] for block in opened] == ["server_tool_use", result, "text"]
    assert opened[0]["input"] == {}
    start, end = events[0]["message"]["usage"], events[-2]["usage"]
    assert end["input_tokens"] > start["input_tokens"]
    assert "server_tool_use" not in start
    assert end["server_tool_use"] == plain["usage"]["server_tool_use"]
    assert end["input_tokens"] == plain["usage"]["input_tokens"]


@pytest.mark.parametrize("tool", [SEARCH, FETCH, OLD_CODE, CODE, ADVISOR])
def test_a_forced_tool_is_called(sdk: anthropic.Anthropic, tool: dict[str, Any]) -> None:
    """Whatever the prompt says."""
    message = ask(sdk, tool, tool_choice=force(tool["name"]))
    assert kinds(message)[0] == "server_tool_use"
    assert kinds(message)[1].endswith("_tool_result")
    assert message.content[0].name.endswith(tool["name"])
    forbidden = ask(sdk, tool, prompt="Search, fetch, run, advise.", tool_choice={"type": "none"})
    assert kinds(forbidden) == ["text"]
    assert kinds(ask(sdk, tool, tool_choice={"type": "any"}))[0] == "server_tool_use"


def test_a_prompt_that_asks_for_none_gets_words(sdk: anthropic.Anthropic) -> None:
    """A tool is not called only because it is there."""
    assert kinds(ask(sdk, SEARCH, FETCH, CODE, ADVISOR, prompt="Reply with exactly: hi")) == ["text"]


def test_a_search_is_cited_and_counted(sdk: anthropic.Anthropic) -> None:
    """The words about a search cite its first result, and the usage counts the search and its tokens."""
    message = ask(sdk, SEARCH, prompt="Search for foxes.")
    (citation,) = message.content[2].citations
    assert (citation.type, citation.url) == ("web_search_result_location", message.content[1].content[0].url)
    assert message.usage.server_tool_use.web_search_requests == 1
    assert message.usage.server_tool_use.web_fetch_requests == 0
    first, second = message.usage.iterations
    assert first.input_tokens + second.input_tokens == message.usage.input_tokens
    assert first.output_tokens + second.output_tokens == message.usage.output_tokens


def test_an_advisor_has_its_own_iteration(sdk: anthropic.Anthropic) -> None:
    """Its tokens are those of its model, and not in the totals."""
    usage = ask(sdk, ADVISOR, prompt="Give me advice.").usage
    assert [each.type for each in usage.iterations] == ["message", "advisor_message", "message"]
    assert usage.iterations[1].model == "claude-opus-5"
    assert usage.input_tokens == usage.iterations[0].input_tokens + usage.iterations[2].input_tokens


RESULTS: list[tuple[dict[str, Any], str, Any, str]] = [
    (SEARCH, "web_search", [{"title": "Foxes", "url": "https://a.b/c", "text": "They are red."}], "They are red."),
    (SEARCH, "web_search", {"error_code": "max_uses_exceeded"}, "max_uses_exceeded"),
    (FETCH, "web_fetch", {"title": "Foxes", "text": "They are red."}, "They are red."),
    (FETCH, "web_fetch", {"error_code": "url_not_accessible"}, "url_not_accessible"),
    (OLD_CODE, "code_execution", {"stdout": "42", "return_code": 1, "files": ["file_1"]}, "42"),
    (CODE, "bash_code_execution", {"stderr": "no such file", "return_code": 2}, "no such file"),
    (CODE, "bash_code_execution", {"error_code": "execution_time_exceeded"}, "execution_time_exceeded"),
    (CODE, "text_editor_code_execution", {"content": "line 1"}, "line 1"),
    (CODE, "text_editor_code_execution", {"error_code": "file_not_found"}, "file_not_found"),
    (FIND, "tool_search_tool_regex", {"error_code": "unavailable"}, "unavailable"),
    (ADVISOR, "advisor", {"text": "Wait.", "stop_reason": "max_tokens"}, "Wait."),
    (ADVISOR, "advisor", {"encrypted_content": "c2VjcmV0"}, "advisor says"),
]


@pytest.mark.parametrize("case", RESULTS, ids=[f"{name}-{said}" for _, name, _, said in RESULTS])
def test_a_scenario_sets_the_result(
    sim: Simulator, sdk: anthropic.Anthropic, case: tuple[dict[str, Any], str, Any, str]
) -> None:
    """The tool is called because the scenario has a result for it; the wheel parses result and error."""
    tool, name, value, said = case
    sim.script({"server_tools": {name: value}})
    message = ask(sdk, tool)
    assert kinds(message)[-1] == "text"
    assert said in message.content[-1].text
    assert message.content[0].name == name
    assert by_the_wheel(anthropic.types.beta.BetaMessage, message.to_dict(mode="json")) == []


def test_a_scenario_sets_arguments_and_words(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """`input` and `result` are the call's, and a scripted text follows the result."""
    found = {"input": {"query": "foxes"}, "result": [{"title": "Foxes", "url": "https://a.b/c", "text": "Red."}]}
    sim.script({"server_tools": {"web_search": found}, "text": "Foxes are red."})
    message = ask(sdk, SEARCH)
    assert kinds(message) == ["server_tool_use", "web_search_tool_result", "text"]
    assert message.content[0].input == {"query": "foxes"}
    assert (message.content[1].content[0].title, message.content[2].text) == ("Foxes", "Foxes are red.")


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ({"web_serch": []}, "web_search"),
        ({"web_search": {"title": "x"}}, "should be a list of mappings"),
        ({"web_search": ["x"]}, "should be a list of mappings"),
        ({"tool_search_tool_bm25": [1]}, "should be a list of strings"),
        ({"bash_code_execution": "x"}, "should be a mapping"),
        ({"bash_code_execution": {"return_code": "x"}}, "return_code is a whole number"),
        ({"advisor": {"input": "x", "result": {}}}, "should be a mapping"),
        ({"mcp": "x"}, "from an MCP tool's name"),
        ({"mcp": {"find": 3}}, "should be a mapping"),
    ],
)
def test_a_wrong_result_is_refused_when_it_is_written(sim: Simulator, results: dict[str, Any], words: str) -> None:
    """With its place, or the nearest name."""
    with pytest.raises(ValueError, match=words):
        sim.script({"server_tools": results})


def test_domains_are_heeded(sdk: anthropic.Anthropic) -> None:
    """Results of other domains are left out, and a page that is blocked is not fetched."""
    only = ask(sdk, {**SEARCH, "allowed_domains": ["example.org"]}, tool_choice=force("web_search"))
    assert [each.url for each in only.content[1].content] == ["https://example.org/another-result"]
    none = ask(sdk, {**SEARCH, "blocked_domains": ["example.com", "example.org"]}, tool_choice=force("web_search"))
    assert (none.content[1].content, none.content[2].text) == ([], "The search found nothing.")
    blocked = ask(sdk, {**FETCH, "blocked_domains": ["b.c"]}, prompt="Fetch https://a.b.c/d")
    assert blocked.content[1].content.error_code == "url_not_allowed"


def test_a_search_for_tools_loads_what_it_finds(sdk: anthropic.Anthropic) -> None:
    """The deferred tool that the prompt asks for is found, and called in the same answer."""
    message = ask(sdk, FIND, WEATHER, prompt="What is the weather in Oslo?")
    assert kinds(message) == ["server_tool_use", "tool_search_tool_result", "tool_use"]
    assert message.content[1].content.tool_references[0].tool_name == "get_weather"
    assert (message.content[2].input, message.stop_reason) == ({"city": "Oslo"}, "tool_use")


def test_mcp_tools(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A server's tool is called by its name, gets a scenario's result, and the journal says that no server was asked."""
    server = {"type": "url", "name": "notes", "url": "https://notes.example/mcp"}
    toolset = {"type": "mcp_toolset", "mcp_server_name": "notes", "tools": [{"name": "find_note", "input_schema": {}}]}
    message = ask(sdk, toolset, prompt="Use find_note.", mcp_servers=[server])
    assert kinds(message) == ["mcp_tool_use", "mcp_tool_result", "text"]
    assert (message.content[0].name, message.content[0].server_name) == ("find_note", "notes")
    assert sim.requests[-1].notes == [
        "mcp_servers: no MCP server is asked; its tools get a scenario's or canned results"
    ]
    assert sim.verdict == []
    sim.script(
        {"server_tools": {"mcp": {"find_note": {"input": {"q": "x"}, "result": {"text": "No.", "is_error": True}}}}}
    )
    message = ask(sdk, toolset, mcp_servers=[server], betas=["mcp-client-2026-09-15"])
    assert kinds(message) == ["mcp_tool_listing", "mcp_tool_use", "mcp_tool_result", "text"]
    assert (message.content[1].input, message.content[2].is_error) == ({"q": "x"}, True)
    disabled = {**toolset, "default_config": {"enabled": False}}
    assert kinds(ask(sdk, disabled, prompt="Use find_note.", mcp_servers=[server])) == ["text"]


@pytest.mark.parametrize(
    ("tool", "prompt", "said"),
    [
        (SEARCH, "search", "Nothing was searched"),
        (FETCH, "fetch", "Nothing was fetched"),
        (CODE, "run", "Nothing was run"),
    ],
)
def test_a_paused_turn_goes_on(sdk: anthropic.Anthropic, tool: dict[str, Any], prompt: str, said: str) -> None:
    """`pause_turn` ends after the result; the same turn sent back is answered, without a second call."""
    first = ask(sdk, tool, prompt=f"[sim:pause_turn] {prompt}")
    assert (kinds(first)[0], len(first.content), first.stop_reason) == ("server_tool_use", 2, "pause_turn")
    messages = [
        {"role": "user", "content": f"[sim:pause_turn] {prompt}"},
        {"role": "assistant", "content": first.content},
    ]
    second = ask(sdk, tool, messages=messages)
    assert (kinds(second), second.stop_reason) == (["text"], "end_turn")
    assert said in second.content[0].text


def test_a_paused_turn_goes_on_in_a_thread(sdk: anthropic.Anthropic) -> None:
    """A thread resumes it from an empty list of messages."""
    betas = ["message-threads-2026-08-12"]
    first = ask(sdk, SEARCH, prompt="[sim:pause_turn] search", thread={"type": "create"}, betas=betas)
    fields: dict[str, Any] = {"model": MODEL, "max_tokens": 900, "messages": [], "betas": betas}
    second: Any = sdk.beta.messages.create(**fields, thread={"type": "continue", "previous_message_id": first.id})
    assert second.stop_reason == "end_turn"
    assert "Nothing was searched" in second.content[0].text


def test_a_container_is_reported_and_kept(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """Code runs in a new container, or in the one that is named; its skills are listed, plain and at the end of a stream."""
    first = ask(sdk, CODE, prompt="Run `ls`.")
    assert first.container.id.startswith("container_")
    assert first.container.expires_at.timestamp() > sim.clock.now()
    wanted = {"id": first.container.id, "skills": [{"type": "anthropic", "skill_id": "pptx", "version": "latest"}]}
    second = ask(sdk, CODE, prompt="Run `ls`.", container=wanted)
    assert (second.container.id, second.container.skills[0].skill_id) == (first.container.id, "pptx")
    assert [note.split(":")[0] for note in sim.requests[-1].notes] == ["container", "container.skills"]
    events = list(ask(sdk, CODE, prompt="Run `ls`.", container=first.container.id, stream=True))
    assert events[0].message.container is None
    assert events[-2].delta.container.id == first.container.id
    assert ask(sdk, CODE, prompt="Reply with exactly: hi").container is None


def test_results_cost_no_output(sdk: anthropic.Anthropic) -> None:
    """What the model reads is not cut by `max_tokens`, and a call that does not fit is."""
    message = ask(sdk, SEARCH, prompt="Search for foxes.", max_tokens=30)
    assert kinds(message) == ["server_tool_use", "web_search_tool_result", "text"]
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 30)
    cut = ask(sdk, SEARCH, prompt="Search for foxes.", max_tokens=4)
    assert (kinds(cut), cut.content[0].input) == (["server_tool_use"], {})


def test_the_speed_is_reported(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """`usage.speed` says what was asked for; that nothing is faster is the simulator's own gap."""
    assert ask(sdk, speed="fast", betas=["fast-mode-2026-02-01"]).usage.speed == "fast"
    assert [note.split(":")[0] for note in sim.requests[-1].notes] == ["speed"]
    assert ask(sdk).usage.speed is None
    assert sim.requests[-1].notes == []


def test_every_server_tool_has_its_shape_in_the_wheel() -> None:
    """Every name is one that the wheel's `server_tool_use` has."""
    known = anthropic.types.beta.BetaServerToolUseBlock.model_fields["name"].annotation
    assert {tool.name for tool in SERVER_TOOLS} == set(known.__args__)  # type: ignore[union-attr]  # a Literal


def test_a_tool_stops_at_its_limit(sdk: anthropic.Anthropic) -> None:
    """Each page of a prompt is fetched; what is above `max_uses` gets the service's error, and the rest its result."""
    prompt = "Fetch https://a.example/x, https://b.example/y and https://a.example/x."
    both = ask(sdk, FETCH, prompt=prompt)
    assert kinds(both) == [*["server_tool_use", "web_fetch_tool_result"] * 2, "text", "text"]
    assert [both.content[index].input["url"] for index in (0, 2)] == ["https://a.example/x", "https://b.example/y"]
    one = ask(sdk, {**FETCH, "max_uses": 1}, prompt=prompt)
    assert one.content[1].content.url == "https://a.example/x"
    assert one.content[3].content.error_code == "max_uses_exceeded"
    assert one.content[5].text == "web_fetch failed: max_uses_exceeded."


def test_a_scenario_has_several_calls_of_one_tool(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """A list of calls is made in order, up to the tool's limit."""
    found = [{"title": "T", "url": "https://a.example/", "text": "x"}]
    calls = [{"input": {"query": name}, "result": found} for name in ("one", "two", "three")]
    sim.script({"server_tools": {"web_search": calls}})
    message = ask(sdk, {**SEARCH, "max_uses": 2})
    assert [block.input["query"] for block in message.content if block.type == "server_tool_use"] == [
        "one",
        "two",
        "three",
    ]
    results = [block.content for block in message.content if block.type == "web_search_tool_result"]
    assert [isinstance(each, list) for each in results] == [True, True, False]
    assert results[2].error_code == "max_uses_exceeded"


def test_a_page_is_cut_to_its_tokens(sim: Simulator, sdk: anthropic.Anthropic) -> None:
    """`max_content_tokens` cuts the text of a page, at a whole letter."""
    sim.script({"server_tools": {"web_fetch": {"text": "aé" * 100}}})
    page = ask(sdk, {**FETCH, "max_content_tokens": 2}, prompt="Fetch https://a.example/")
    assert page.content[1].content.content.source.data == "aéaéa"
