"""Arguments to a draft."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keybearer.errors import LintError
from keybearer.types.api_object import plain
from keybearer.types.content import citation, content_block
from keybearer.types.http import Draft, Timeouts
from keybearer.wire.json import dumps, loads
from keybearer.wire.request.build import Endpoint, count_body, draft, message_body
from keybearer.wire.response import parse

HELLO: Any = [{"role": "user", "content": "hello"}]


def make(body: dict[str, Any], **options: Any) -> Draft:
    """Make a draft of a body."""
    return draft(Endpoint(), "/v1/messages", body, options, timeouts=Timeouts())


def test_a_plain_request() -> None:
    """The body is the caller's own; the headers say version, type and who we are, and no credential."""
    made = make(message_body({"model": "m", "max_tokens": 5, "messages": HELLO, "system": None}))
    assert loads(made.body) == {"model": "m", "max_tokens": 5, "messages": HELLO}
    assert made.url == "https://api.anthropic.com/v1/messages"
    assert made.headers["anthropic-version"] == "2026-10-21"
    assert made.headers["user-agent"].startswith("keybearer/")
    assert not {"authorization", "x-api-key", "anthropic-beta"} & set(made.headers)


def test_options_steer_the_call_and_stay_out_of_the_body() -> None:
    """`extra_body` goes into the body untouched; the other options do not go there."""
    params = {"model": "m", "max_tokens": 5, "messages": HELLO, "betas": ["x"], "timeout": 3, "max_retries": 1}
    body = message_body(params | {"extra_body": {"born_tomorrow": [1], "max_tokens": 6}})
    assert body == {"model": "m", "max_tokens": 6, "messages": HELLO, "born_tomorrow": [1]}


def test_betas_are_whole_tags_sent_once() -> None:
    """Tags from the client, the call, a header and the rules are joined; a tag inside another is another tag."""
    endpoint = Endpoint(headers={"anthropic-beta": "a, b"})
    body = message_body({"model": "m", "max_tokens": 5, "messages": HELLO, "speed": "fast"})
    options = {"betas": ["b", "ab,c"], "extra_headers": {}}
    made = draft(endpoint, "/v1/messages", body, options, timeouts=Timeouts())
    assert made.headers["anthropic-beta"] == "a,b,ab,c,fast-mode-2026-02-01"


def test_the_workspace_and_the_profile_are_headers() -> None:
    """As the official SDK sends them; neither is in the body."""
    made = make({}, workspace_id="wrkspc_1", user_profile_id="uprof_1")
    assert made.headers["anthropic-workspace-id"] == "wrkspc_1"
    assert made.headers["anthropic-user-profile-id"] == "uprof_1"
    body = message_body({"model": "m", "max_tokens": 1, "messages": [], "workspace_id": "w", "user_profile_id": "u"})
    assert body.keys() == {"model", "max_tokens", "messages"}


def test_extra_headers_and_query() -> None:
    """Extra headers take the place of ours whatever their case; the query is encoded."""
    made = make({}, extra_headers={"Anthropic-Version": "2023-06-01", "X-Trace": "1"}, extra_query={"beta": "true"})
    assert made.headers["anthropic-version"] == "2023-06-01"
    assert made.headers["x-trace"] == "1"
    assert made.url.endswith("/v1/messages?beta=true")


@pytest.mark.parametrize("name", ["x-api-key", "Authorization"])
def test_a_credential_is_never_taken_from_extra_headers(name: str) -> None:
    """A header that only signing may set is refused, and the error does not show its value."""
    with pytest.raises(LintError, match=name.lower()) as caught:
        make({}, extra_headers={name: "canary-secret"})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"messages": HELLO, "max_tokens": 1}, "needs model"),
        ({"model": "m", "max_tokens": 1}, "needs messages"),
        ({"model": "m", "messages": HELLO}, "needs max_tokens"),
        ({"model": "m", "messages": HELLO, "max_token": 1}, "Did you mean max_tokens"),
        ({"model": "m", "messages": HELLO, "max_tokens": 1, "zork": 1}, "extra_body"),
    ],
)
def test_a_wrong_argument_is_reported_with_the_nearest_name(params: dict[str, Any], match: str) -> None:
    """A missing or unknown argument is a TypeError that says what to do."""
    with pytest.raises(TypeError, match=match):
        message_body(params)


@pytest.mark.parametrize("messages", ["hello", {"role": "user"}, 5])
def test_messages_must_be_a_list(messages: Any) -> None:
    """A single message in place of the list is refused before sending."""
    with pytest.raises(LintError, match="must be a list"):
        message_body({"model": "m", "max_tokens": 1, "messages": messages})


def test_iterables_are_taken() -> None:
    """Generators and tuples stand for lists."""
    turns = ({"role": "user", "content": ({"type": "text", "text": t} for t in "ab")} for _ in range(1))
    body = message_body({"model": "m", "max_tokens": 1, "messages": turns})
    assert loads(dumps(body))["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    ]


def test_bytes_become_base64() -> None:
    """The bytes of an image are encoded on the way out."""
    source = {"type": "base64", "media_type": "image/png", "data": b"\x89PNG" * 9}
    turn = {"role": "user", "content": [{"type": "image", "source": source}]}
    made = make(message_body({"model": "m", "max_tokens": 1, "messages": [turn]}))
    assert base64.b64decode(loads(made.body)["messages"][0]["content"][0]["source"]["data"]) == b"\x89PNG" * 9


def test_a_value_without_a_form_in_json_is_reported() -> None:
    """A value that JSON cannot hold is an error before sending."""
    with pytest.raises(LintError, match="metadata.user_id: it is of type object, which has no form in JSON"):
        make({"metadata": {"user_id": object()}})


def test_earlier_answers_go_back_as_they_came() -> None:
    """A message, its content or a single block of an answer stands for its own JSON, unknown fields included."""
    source = {
        "type": "message",
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "…", "signature": "s", "zork": 1},
            {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1.0}, "caller": {"type": "direct"}},
            {"type": "born_tomorrow", "x": [None]},
        ],
    }
    message = parse.message(source)
    wanted = {"role": "assistant", "content": source["content"]}
    nested = {"type": "tool_result", "tool_use_id": "t", "content": [message.content[2]]}
    body = message_body(
        {
            "model": "m",
            "max_tokens": 1,
            "messages": [
                message,
                {"role": "assistant", "content": message.content},
                {"role": "user", "content": [nested]},
            ],
        }
    )
    first, second, third = loads(dumps(body))["messages"]
    assert first == second == wanted
    assert third["content"][0]["content"] == [source["content"][2]]


def test_count_tokens_takes_no_max_tokens() -> None:
    """The body of a token count has the conversation only; what does not belong is refused."""
    assert count_body({"messages": HELLO}, model="m") == {"model": "m", "messages": HELLO}
    with pytest.raises(TypeError, match="max_tokens"):
        count_body({"messages": HELLO, "max_tokens": 1}, model="m")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
KNOWN = ["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "web_search_tool_result", "zork"]
FIELDS = ["text", "citations", "thinking", "signature", "data", "id", "name", "input", "content", "tool_use_id", "new"]
BLOCK = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(KNOWN) | JSON,
    st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON, max_size=5),
)
MESSAGE = st.builds(
    lambda content, fields: {"type": "message", "role": "assistant", **fields, "content": content},
    st.lists(BLOCK, max_size=4),
    st.dictionaries(
        st.sampled_from(["usage", "stop_reason", "stop_details", "id", "container"]) | st.text(), JSON, max_size=5
    ),
)


@given(MESSAGE)
def test_any_message_comes_back_equal(source: dict[str, Any]) -> None:
    """Any JSON message in, `to_param()` and `to_dict()` out: equal, through our own decoder and encoder."""
    data = msgspec.json.encode(source) if _plain(source) else dumps(source)
    message = parse.message(loads(data))
    assert loads(dumps(message.to_param()))["content"] == source["content"]
    assert message.to_dict() == source
    repr(message)


def _plain(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        return False
    return True


CITED: Any = {"type": "char_location", "cited_text": "W", "document_index": 0, "new": [1]}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ([{"type": "text", "text": "a", "citations": [citation(CITED)]}], None),
        (
            [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [content_block({"type": "text", "text": "x", "n": 1})],
                }
            ],
            None,
        ),
        ([{"type": "odd", "deep": {"er": ({"est": content_block({"type": "odd", "n": None})},)}}], None),
        (parse.message({"type": "message", "content": [{"type": "text", "text": "x", "n": 1}]}).content, None),
        (
            (each for each in [content_block({"type": "text", "text": "x", "n": 1})]),
            [{"type": "text", "text": "x", "n": 1}],
        ),
    ],
)
def test_values_of_answers_go_back_as_they_came_wherever_they_are(given: Any, sent: Any) -> None:
    """A value of an answer at any depth of the caller's dicts and lists is sent with its unknown fields and no nulls."""
    if sent is None:
        sent = loads(dumps(plain(given)))
    body = message_body({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": given}]})
    assert loads(make(body).body)["messages"][0]["content"] == sent
    block = content_block({"type": "text", "text": "x", "n": 1})
    more = message_body(
        {"model": "m", "max_tokens": 1, "messages": HELLO, "system": [block], "extra_body": {"e": [block]}}
    )
    assert loads(make(more).body)["system"] == loads(make(more).body)["e"] == [{"type": "text", "text": "x", "n": 1}]


def test_a_request_that_holds_itself_is_refused() -> None:
    """A list inside itself is a LintError, not a RecursionError."""
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(LintError, match="nested too deeply"):
        message_body({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": loop}]})


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"extra_headers": {"x-secret": "s3cret\r\nx: y"}}, "x-secret"),
        ({"extra_headers": {"x-secret": "s3cret\0"}}, "x-secret"),
        ({"extra_headers": {"x-secret": "s3crét"}}, "x-secret"),
        ({"extra_headers": {"x-secret": b"s3cret"}}, "x-secret"),
        ({"extra_headers": {"x secret": "s3cret"}}, "x secret"),
        ({"extra_headers": {"": "s3cret"}}, "extra_headers"),
        ({"extra_headers": {"x-a:\n": "s3cret"}}, "x-a"),
        ({"extra_headers": {3: "s3cret"}}, "3"),
        ({"betas": ["a", "s3cret\nx: y"]}, "betas"),
        ({"betas": ["s3cret\u00e9"]}, "betas"),
        ({"betas": [b"s3cret"]}, "betas"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_by_name(options: dict[str, Any], named: str) -> None:
    """A name that is no token and a value that is not printable ASCII are refused; the value is never shown."""
    with pytest.raises(LintError) as caught:
        make({}, **options)
    shown = str(caught.value) + repr(caught.value.problems)
    assert named in shown
    assert "s3cr" not in shown


def test_the_headers_of_an_endpoint_are_looked_at_too() -> None:
    """What configuration sets is refused in the same words as what a call sets."""
    for endpoint in (Endpoint(headers={"x-a": "s3cret\n"}), Endpoint(api_version="s3cret\n")):
        with pytest.raises(LintError, match="A header cannot be sent") as caught:
            draft(endpoint, "/v1/messages", {}, {}, timeouts=Timeouts())
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("model", ["", "  ", 5, b"m"])
def test_a_model_that_is_no_name_is_refused(model: Any) -> None:
    """An empty model is not the client's, and not the service's to refuse."""
    with pytest.raises(LintError, match="model: it is .*, where a model's name is due"):
        message_body({"model": model, "max_tokens": 1, "messages": HELLO}, model="default")


@pytest.mark.parametrize("query", [{"a": "x\ud800"}, {"b\udfff": 1}])
def test_a_query_with_half_a_character_is_refused(query: dict[str, Any]) -> None:
    """A query that no URL can carry is refused, with its name."""
    with pytest.raises(LintError, match="extra_query.* has half a character"):
        make({"model": "m"}, extra_query=query)


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
        ("https://gw.example/anthropic/v1/messages", "https://gw.example/anthropic/v1/messages"),
        ("https://gw.example/v1/claude", "https://gw.example/v1/claude/v1/messages"),
        ("https://gw.example/notv1", "https://gw.example/notv1/v1/messages"),
    ],
)
def test_a_base_url_that_has_the_version_already(base_url: str, url: str) -> None:
    """`/v1` at the end of a base URL is the one that each path begins with; elsewhere it is the URL's own."""
    made = draft(Endpoint(base_url=base_url), "/v1/messages", {}, {}, timeouts=Timeouts())
    assert made.url == url


def test_what_is_no_list_is_reported_by_its_type() -> None:
    """The type stands in a sentence that is right for each."""
    with pytest.raises(LintError, match="content is of type int; it must be a list"):
        message_body({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": 5}]})
