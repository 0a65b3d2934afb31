"""Error bodies to errors."""

from __future__ import annotations

import pickle
import time
from typing import Any

import pytest

from keybearer import errors as e
from keybearer.exchange.classify_reply import classify_reply
from keybearer.types.events import ErrorEvent
from keybearer.types.http import Headers, Reply
from keybearer.wire.response.errors import ERRORS, api_error, is_error_body, stream_error
from keybearer.wire.response.reader import StreamReader


def body(kind: str, message: str = "No.", code: str | None = None) -> dict[str, Any]:
    """Return an error body in the API's shape."""
    error: dict[str, Any] = {"type": kind, "message": message}
    if code:
        error["details"] = {"error_code": code}
    return {"type": "error", "error": error, "request_id": "req_body"}


@pytest.mark.parametrize(("kind", "status", "cls"), [(k, s, c) for k, (s, c) in ERRORS.items()])
def test_every_type_has_its_class(kind: str, status: int, cls: type[e.APIError]) -> None:
    """Each type of the table gives its class, with everything that the body says."""
    error = api_error(status, body(kind), Headers([("request-id", "req_1")]))
    assert type(error) is cls
    assert (error.status, error.http_status, error.type, error.request_id) == (status, status, kind, "req_1")
    assert kind in str(error)
    assert "req_1" in str(error)


@pytest.mark.parametrize(
    ("status", "given", "cls"),
    [
        (429, body("rate_limit_error", code="enforced_spend_limit_reached"), e.QuotaExceeded),
        (400, body("invalid_request_error", code="contract_spend_limit_reached"), e.QuotaExceeded),
        (
            400,
            body(
                "invalid_request_error",
                "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
            ),
            e.QuotaExceeded,
        ),
        (
            400,
            body(
                "invalid_request_error",
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
            ),
            e.QuotaExceeded,
        ),
        (400, body("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), e.PromptTooLong),
        (500, None, e.ServerError),
        (503, {"error": "upstream"}, e.ServerError),
        (529, "text", e.Overloaded),
        (418, {}, e.InvalidRequest),
        (400, body("overloaded_error"), e.InvalidRequest),
        (400, body("rate_limit_error"), e.InvalidRequest),
        (401, body("overloaded_error"), e.AuthenticationFailed),
        (403, body("authentication_error"), e.PermissionDenied),
        (429, body("overloaded_error"), e.RateLimited),
        (500, body("invalid_request_error"), e.ServerError),
        (500, body("overloaded_error"), e.Overloaded),
        (404, body("invalid_request_error"), e.NotFound),
        (400, body("not_found_error"), e.NotFound),
        (408, {}, e.ServerError),
        (401, {"error": {"type": 5, "message": []}}, e.AuthenticationFailed),
        (404, body("zork_error"), e.NotFound),
    ],
)
def test_the_rest_goes_by_code_text_and_status(status: int, given: Any, cls: type[e.APIError]) -> None:
    """Spend limits, a prompt that is too long, unknown types and bodies of any shape have their class."""
    assert type(api_error(status, given, Headers(()))) is cls


def test_a_prompt_that_is_too_long_says_by_how_much() -> None:
    """The tokens used and allowed are read from the message."""
    error = api_error(400, body("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), {})
    assert isinstance(error, e.PromptTooLong)
    assert (error.tokens, error.limit) == (210000, 200000)


def test_the_request_id_of_the_body_stands_in_for_the_header() -> None:
    """Where no header came, the body's id is used."""
    assert api_error(400, body("invalid_request_error"), {}).request_id == "req_body"


def test_a_long_or_odd_text_of_an_error_is_looked_at_briefly() -> None:
    """Only the beginning of a text says its kind, and figures of absurd length are not read."""
    body: Any = {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: "}}
    body["error"]["message"] += f"{'9' * 5000} tokens > {'9' * 5000}"
    error: Any = api_error(400, body, {})
    assert isinstance(error, e.PromptTooLong)
    assert error.tokens is None
    late = {"error": {"type": "invalid_request_error", "message": "x" * 5000 + " prompt is too long"}}
    assert not isinstance(api_error(400, late, {}), e.PromptTooLong)
    begun = time.perf_counter()
    api_error(400, {"error": {"message": "spend limit " * 200_000}}, {})
    assert time.perf_counter() - begun < 1


def test_what_the_service_says_cannot_steer_a_terminal_and_is_short() -> None:
    """Type, code, text and id are shown on one line, escaped and cut; the body is there as it came."""
    given = body("odd\x1b[1m", "\x1b[31mNo\r\nway\x07 " + "x" * 5000, "code\x9b")
    error = api_error(400, given, Headers([("request-id", "req_\x1b")]))
    assert str(error).startswith("The API answered 400 (odd\\x1b[1m, code\\x9b): \\x1b[31mNo way\\x07 xxx")
    assert str(error).isprintable()
    assert "... (cut: it has 5,014 characters)" in str(error)
    assert "[request req_\\x1b]" in str(error)
    assert len(str(error)) < 1300
    assert error.body == given


def test_an_answer_that_is_not_the_api_s_is_shown_in_part() -> None:
    """Content type, the target of a redirect and the body are escaped and cut."""
    odd = Reply(
        status=200, headers=Headers([("content-type", "text/\x1b[2J" + "y" * 500)]), body=b"\x1b]0;x\x07<html>" * 99
    )
    error: Any = classify_reply(odd, stream=False, now=0)
    assert str(error).isprintable()
    assert len(str(error)) < 500
    assert error.excerpt.startswith("\\x1b]0;x\\x07<html>")
    away = Reply(status=302, headers=Headers([("location", "https://u:canary@evil.example/\x1b")]))
    error = classify_reply(away, stream=False, now=0)
    assert "a redirect to 'https://***@evil.example/\\x1b', which is not followed" in str(error)


def test_a_stream_that_is_garbled_is_shown_in_part() -> None:
    """What an event holds is escaped and cut in the error that it ends with."""
    for data in (b'{"type": "\x1b[2J' + b"x" * 5000, b'{"type": "content_block_stop", "\\u001b[31m": 1}'):
        reader = StreamReader()
        with pytest.raises(e.StreamError) as caught:
            list(reader.feed(b"event: content_block_stop\ndata: " + data + b"\n\n"))
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 600


GATEWAYS: list[tuple[Any, str]] = [
    ({"message": "Forbidden by WAF rule 7"}, "Forbidden by WAF rule 7"),
    ({"detail": "Not authenticated"}, "Not authenticated"),
    ({"detail": [{"loc": ["body"], "msg": "field required"}, {"msg": "too short"}]}, "field required; too short"),
    ({"error": "no credits"}, "no credits"),
    ({"error": {"message": "Provider returned error", "code": 502}}, "(502): Provider returned error"),
    ({"error": {"code": "context_length", "message": "too much"}}, "(context_length): too much"),
    ({"error": {"message": {"detail": "inner"}}}, "inner"),
    ({"errors": [{"message": "one"}, "two"]}, "one; two"),
    ({"error": "invalid_request", "error_description": "bad scope"}, "invalid_request: bad scope"),
    ({"title": "Too Many"}, "Too Many"),
    ("upstream connect error", "upstream connect error"),
    ("<html><title>Just a moment...</title>", "Just a moment..."),
    ({}, "it gave no reason"),
    ("", "it gave no reason"),
]


@pytest.mark.parametrize(("given", "said"), GATEWAYS)
def test_what_a_gateway_says_is_shown_and_not_taken_for_the_api_s(given: Any, said: str) -> None:
    """The words of each form come through, the body is kept, and nothing is said in the API's name."""
    error = api_error(403, given, {})
    assert said in str(error)
    assert (type(error), error.type, error.body) == (e.PermissionDenied, None, given)
    assert str(error).startswith("HTTP 403 came, and not in the API's form")
    assert "A proxy, a gateway or a firewall in between answered" in error.hint


@pytest.mark.parametrize("depth", [10, 400, 900])
def test_a_foreign_error_nested_without_end_is_an_error_all_the_same(depth: int) -> None:
    """However deep a body is, its error is built."""
    body: Any = "x"
    for _ in range(depth):
        body = {"error": {"message": body}}
    assert isinstance(api_error(500, body, {}), e.ServerError)


def test_no_key_is_kept_that_a_body_or_a_header_echoes() -> None:
    """What `vars(error)` and a pickle hold has no key of Anthropic's form, and no cookie."""
    key = "sk-ant-api03-abcdefghijkl"
    headers = Headers([("x-echo", f"got {key}"), ("set-cookie", "session=1"), ("request-id", "r")])
    error = api_error(401, {"error": {"type": "authentication_error", "message": f"bad {key}"}, key: [key]}, headers)
    assert key not in repr(vars(error)) + str(error)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(error, protocol)
        assert key.encode() not in data
        copied = pickle.loads(data)  # noqa: S301 - our own bytes
        assert (str(copied), copied.body, dict(copied.headers)) == (str(error), error.body, dict(error.headers))
    assert dict(error.headers) == {"x-echo": "got sk-ant-***", "request-id": "r"}
    assert key not in repr(vars(stream_error(ErrorEvent.of({"type": "error", "error": {"message": key}}), headers)))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"type": "error", "error": {"type": "x"}}, True),
        ({"error": {"message": "m"}}, True),
        ({"error": "text"}, True),
        ({"message": "m"}, True),
        ({"type": "message", "error": "x"}, False),
        ({"type": "message", "message": "m"}, False),
        ({"error": None, "id": 1}, False),
        ({"id": "chatcmpl", "choices": []}, False),
        ({}, False),
    ],
)
def test_which_objects_say_an_error(body: dict[str, Any], says: bool) -> None:
    """An object of another type is not one, nor one that says nothing."""
    assert is_error_body(body) is says
