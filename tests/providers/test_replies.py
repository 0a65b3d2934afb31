"""A platform's errors in the API's form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keybearer import errors as e
from keybearer.exchange.classify_reply import classify_reply
from keybearer.providers.replies import TYPES, read_reply
from keybearer.types.http import Headers, Reply
from keybearer.wire.response.errors import ERRORS

NOW = 1_780_000_000.0
"""2026-05-28, 20:26:40 UTC."""


def reply(status: int, body: Any, **headers: str) -> Reply:
    """Return a reply."""
    named = [(name.replace("_", "-"), value) for name, value in {"content_type": "application/json", **headers}.items()]
    return Reply(status=status, headers=Headers(named), body=json.dumps(body).encode())


def error(status: int, body: Any, **headers: str) -> Any:
    """Return the error that a platform's reply is."""
    return classify_reply(read_reply(reply(status, body, **headers), NOW), stream=False, now=NOW)


@pytest.mark.parametrize(
    ("status", "body", "name", "cls"),
    [
        (429, {"message": "Too many requests"}, "ThrottlingException", e.RateLimited),
        (503, {"message": "Busy"}, "ServiceUnavailableException:http://internal/", e.Overloaded),
        (429, {"message": "Model is not ready"}, "ModelNotReadyException", e.RateLimited),
        (500, {"message": "Oops"}, "InternalServerException", e.ServerError),
        (408, {"message": "Slow"}, "ModelTimeoutException", e.ServerError),
        (400, {"message": "Bad"}, "ValidationException", e.InvalidRequest),
        (404, {"Message": "No model"}, "ResourceNotFoundException", e.NotFound),
        (403, {"message": "Not allowed"}, "AccessDeniedException", e.PermissionDenied),
        (403, {"message": "Expired"}, "ExpiredTokenException", e.AuthenticationFailed),
        (403, {"message": "Bad key"}, "UnrecognizedClientException", e.AuthenticationFailed),
    ],
)
def test_aws_names_its_errors(status: int, body: Any, name: str, cls: type[e.APIError]) -> None:
    """The exception's name decides, in the header or in the body, and is kept as the code."""
    for found in (
        error(status, body, x_amzn_errortype=name, x_amzn_requestid="r-1"),
        error(status, {**body, "__type": f"com.amazon#{name.partition(':')[0]}"}, x_amzn_requestid="r-1"),
    ):
        assert isinstance(found, cls)
        assert (found.error_code, found.request_id) == (name.partition(":")[0], "r-1")
        assert "not in the API's form" not in found.message


@pytest.mark.parametrize(
    ("status", "name", "cls"),
    [
        (401, "UNAUTHENTICATED", e.AuthenticationFailed),
        (403, "PERMISSION_DENIED", e.PermissionDenied),
        (404, "NOT_FOUND", e.NotFound),
        (429, "RESOURCE_EXHAUSTED", e.RateLimited),
        (503, "UNAVAILABLE", e.Overloaded),
        (400, "INVALID_ARGUMENT", e.InvalidRequest),
    ],
)
def test_google_names_its_errors(status: int, name: str, cls: type[e.APIError]) -> None:
    """Google's status is the code."""
    found = error(status, {"error": {"code": status, "message": "No.", "status": name}})
    assert isinstance(found, cls)
    assert found.error_code == name


def test_azures_errors_have_a_status() -> None:
    """Azure's code is often the status again."""
    found = error(401, {"error": {"code": "401", "message": "Access denied."}}, apim_request_id="a-1")
    assert isinstance(found, e.AuthenticationFailed)
    assert found.request_id == "a-1"


@pytest.mark.parametrize(
    ("words", "date", "skew"),
    [
        (
            "Signature expired: 20260528T192640Z is now earlier than 20260528T202140Z (20260528T202640Z - 5 min.)",
            "",
            "3600 s behind",
        ),
        (
            "The difference between the request time and the current time is too large.",
            "Thu, 28 May 2026 20:24:40 GMT",
            "120 s ahead",
        ),
    ],
)
def test_a_wrong_clock_is_measured(words: str, date: str, skew: str) -> None:
    """The service's time, in its words or in its `date`, says by how much this machine's clock is wrong."""
    now = NOW - 3600 if "expired" in words else NOW
    name = "InvalidSignatureException" if "expired" in words else "RequestTimeTooSkewed"
    read = read_reply(reply(403, {"message": words}, x_amzn_errortype=name, date=date), now)
    assert f"This machine's clock is {skew}" in json.loads(read.body)["error"]["message"]


def test_what_is_in_the_apis_form_or_in_none_stays() -> None:
    """The API's own errors, pages and answers are not touched."""
    own = reply(529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    page = Reply(status=502, headers=Headers([("content-type", "text/html")]), body=b"<html>")
    answer = reply(200, {"message": "no error"})
    odd = reply(400, {"message": "of a proxy"})
    assert [read_reply(each, NOW) for each in (own, page, answer, odd)] == [own, page, answer, odd]


def test_every_name_has_a_type_of_the_api() -> None:
    """The table leads to error types that are classified."""
    assert set(TYPES.values()) <= ERRORS.keys()
