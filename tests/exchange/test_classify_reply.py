"""A reply, judged: what the API says, and what something in between says in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keybearer import errors as e
from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.api_key import APIKeySigner
from keybearer.exchange.classify_reply import MOST_TEXT, classify_reply, describe_refusal
from keybearer.types.http import Headers, Reply
from keybearer.types.secret import Secret

KEY = "gw-key-0123456789"


def reply(status: int, body: Any, content_type: str = "text/html") -> Reply:
    """Return a whole reply."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, headers=Headers([("content-type", content_type)]), body=data)


def judged(status: int, body: Any, content_type: str = "text/html") -> Any:
    """Return the error that a reply is."""
    return classify_reply(reply(status, body, content_type), stream=False, now=0.0)


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, e.InvalidRequest),
        (401, e.AuthenticationFailed),
        (403, e.PermissionDenied),
        (404, e.NotFound),
        (405, e.InvalidRequest),
        (409, e.Conflict),
        (413, e.RequestTooLarge),
        (429, e.RateLimited),
        (500, e.ServerError),
        (502, e.ServerError),
        (529, e.Overloaded),
    ],
)
@pytest.mark.parametrize("body", [b"<html>No entry</html>", b"No entry", b'"No entry"', b'["No entry"]'])
def test_a_page_or_a_text_has_the_class_of_its_status(status: int, cls: type[e.APIError], body: bytes) -> None:
    """An error status says what it is, whatever its body; the text is shown, and is the error's body."""
    error = judged(status, body)
    assert type(error) is cls
    assert "No entry" in str(error)
    assert error.body == body.decode()


def test_a_long_page_is_kept_in_part() -> None:
    """Of a text no more is kept than somebody reads, and what is no UTF-8 is replaced."""
    error = judged(500, b"\xff" + b"x" * (1 << 20))
    assert len(error.body) == MOST_TEXT
    assert len(str(error)) < 1000


def credential() -> Credential:
    """Return a credential whose key has not Anthropic's form."""
    return Credential(APIKeySigner(Secret(KEY)), "the api_key argument")


def test_only_the_api_s_own_words_say_that_a_key_is_valid() -> None:
    """A 403 of the API is about the credential's rights; a firewall's page says nothing of it."""
    ours = judged(403, {"type": "error", "error": {"type": "permission_error", "message": "No."}}, "application/json")
    describe_refusal(ours, credential())
    assert ours.hint.startswith("The API key from the api_key argument is valid but may not do this")
    for body in (
        b"<html>Just a moment... Cloudflare",
        {"message": "Forbidden by WAF rule 7"},
        {"error": {"message": "x"}},
    ):
        theirs = judged(403, body)
        describe_refusal(theirs, credential())
        assert "valid" not in str(theirs)
        assert "A proxy, a gateway or a firewall in between answered" in theirs.hint
        assert (theirs.kind, theirs.source) == ("api_key", "the api_key argument")


@pytest.mark.parametrize("content_type", ["application/json", "application/problem+json"])
def test_json_is_handed_on_where_a_stream_was_asked_for(content_type: str) -> None:
    """Whoever asked for a stream decides whether a whole reply will do; a page is not one."""
    assert classify_reply(reply(200, {"type": "message"}, content_type), stream=True, now=0.0) is None
    assert isinstance(classify_reply(reply(200, b"<html>"), stream=True, now=0.0), e.UnexpectedResponse)
