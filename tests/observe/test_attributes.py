"""The tables of attributes: names, routes, and what an error is called."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer import errors as e
from keybearer.observe.attributes import (
    description_of,
    error_type,
    operation_of,
    provider_of,
    request_attributes,
    url_attributes,
)


@pytest.mark.parametrize(
    ("method", "path", "name", "route"),
    [
        ("POST", "/v1/messages", "messages.create", "/v1/messages"),
        ("POST", "/gateway/v1/messages?beta=true", "messages.create", "/v1/messages"),
        ("POST", "/v1/messages/count_tokens", "messages.count_tokens", "/v1/messages/count_tokens"),
        ("GET", "/v1/models/claude-haiku-4-5", "models.retrieve", "/v1/models/{model_id}"),
        (
            "GET",
            "/v1/messages/batches/b1/results",
            "messages.batches.results",
            "/v1/messages/batches/{message_batch_id}/results",
        ),
        ("POST", "/v1/quite/new", "request", None),
    ],
)
def test_what_a_request_asks_for(method: str, path: str, name: str, route: str | None) -> None:
    """The official SDK's name of the method, and the path with names in place of ids."""
    assert operation_of(method, f"https://api.anthropic.com{path}") == (name, route)


def test_a_url_has_no_user_and_no_query() -> None:
    """What may be a secret, or what somebody searches for, is no attribute."""
    found = url_attributes("https://user:secret@h.example:8443/v1/models?after_id=x#y")
    assert found == {
        "server.address": "h.example",
        "server.port": 8443,
        "url.scheme": "https",
        "url.path": "/v1/models",
        "url.full": "https://h.example:8443/v1/models",
    }
    assert url_attributes("http://[::1]:8/x")["url.full"] == "http://[::1]:8/x"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (e.RateLimited("", type="rate_limit_error", http_status=429), "rate_limit_error"),
        (e.ServerError("", type="Something A Gateway Says: user@x", http_status=502), "502"),
        (e.TimedOut("", phase="connect"), "client_timeout_error"),
        (e.StreamTimedOut(""), "client_timeout_error"),
        (e.DeadlineExceeded(""), "client_timeout_error"),
        (e.ConnectionFailed("", phase="dns"), "connection_error"),
        (e.StreamTruncated(""), "connection_error"),
        (e.CircuitOpen(""), "CircuitOpen"),
        (KeyboardInterrupt(), "cancelled"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_what_an_error_is_called(error: BaseException, kind: str) -> None:
    """The API's own type, as the SDK has it; of what the API has no word for, the class."""
    assert error_type(error) == kind


def test_an_error_s_message_is_shown_only_if_it_is_ours() -> None:
    """Another's may hold anything; ours is one line without keys."""
    assert description_of(ValueError("sk-ant-secret-12345678")) is None
    assert description_of(e.UsageError("two\nlines, and sk-ant-secret-12345678")) == "two lines, and sk-ant-***"


@pytest.mark.parametrize(
    "body", [None, [], "text", {"model": 5, "max_tokens": True, "thinking": "x", "output_config": 1}]
)
def test_a_body_of_another_form_has_no_attributes(body: Any) -> None:
    """A wrong type sets nothing, rather than something wrong."""
    assert request_attributes(body) == {}


def test_the_fields_of_a_request() -> None:
    """Each from its place in the body."""
    body = {
        "model": "m",
        "max_tokens": 5,
        "temperature": 1,
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "output_config": {"effort": "low", "format": {"type": "json_schema"}},
    }
    assert request_attributes(body) == {
        "gen_ai.request.model": "m",
        "gen_ai.request.max_tokens": 5,
        "gen_ai.request.temperature": 1.0,
        "gen_ai.request.reasoning.level": "low",
        "gen_ai.output.type": "json",
        "anthropic.thinking.type": "enabled",
        "anthropic.thinking.budget_tokens": 1024,
    }


def test_the_names_of_providers() -> None:
    """The conventions' names of clouds; a gateway is Anthropic's API."""
    assert [provider_of(name) for name in ("", "bedrock", "vertex", "my-gateway")] == [
        "anthropic",
        "aws.bedrock",
        "gcp.vertex_ai",
        "anthropic",
    ]
