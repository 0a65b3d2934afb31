"""The SDK's class for each status and each error code: an `except` clause catches what it caught."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import _exceptions

from keybearer import compat
from keybearer import errors as e
from keybearer.compat import _exceptions as ours_of
from keybearer.compat.exact_errors import STATUSES, make_exact
from keybearer.compat.types.lookup import names
from keybearer.wire.response.errors import ERRORS, api_error

CLASSES = [
    name
    for name, each in vars(_exceptions).items()
    if isinstance(each, type) and issubclass(each, anthropic.APIStatusError) and hasattr(ours_of, name)
]
TYPE_OF = {status: kind for kind, (status, _) in ERRORS.items()}
SDK = anthropic.Anthropic(api_key="sk-ant-test")


def pair(status: int, code: str | None = None, message: str = "no") -> tuple[Any, Any]:
    """Return the SDK's error for an answer, and ours."""
    error = {"type": TYPE_OF.get(status, "api_error"), "message": message}
    body = {"type": "error", "error": {**error, "details": {"error_code": code}} if code else error}
    reply = httpx2.Response(status, json=body, request=httpx2.Request("POST", "http://127.0.0.1/v1/messages"))
    ours = api_error(status, body, {})
    make_exact(ours)
    return SDK._make_status_error("no", body=body, response=reply), ours


def caught_by(error: Exception, module: Any) -> set[str]:
    """Return the SDK's names whose `except` clause catches an error."""
    return {name for name in CLASSES if isinstance(error, getattr(module, name))}


@pytest.mark.parametrize("status", [*STATUSES, 405, 418, 500, 502, 520])
def test_a_status_is_caught_by_the_classes_that_caught_it(status: int) -> None:
    """By no other either: a 404 is no `BadRequestError`."""
    theirs, ours = pair(status)
    also = {"InternalServerError"} if status == 408 else set()  # keybearer tries it again, as any failure of the server
    assert caught_by(ours, ours_of) == caught_by(theirs, _exceptions) | also
    assert (ours.status_code, ours.api_message) == (theirs.status_code, theirs.api_message)


@pytest.mark.parametrize("name", sorted(names().errors))
def test_each_error_code_has_its_class(name: str) -> None:
    """The SDK raises a class of the code's own, and so is ours, below the class of its status."""
    base, code = names().errors[name]
    status = next(status for status, each in STATUSES.items() if each is getattr(ours_of, base))
    theirs, ours = pair(status, code)
    assert type(theirs).__name__.removeprefix("Beta") == name.removeprefix("Beta")
    assert isinstance(ours, getattr(compat.types, name, None) or getattr(compat.types.beta, name))  # type: ignore[attr-defined] # made when it is asked for
    assert ours.error_code == code
    assert caught_by(ours, ours_of) == caught_by(theirs, _exceptions)


def test_keybearers_own_class_stays_beside_it() -> None:
    """A limit that is reached is no reason to try again, whatever the SDK's class says; copies and pickles keep both."""
    _, ours = pair(429, "enforced_spend_limit_reached")
    for error in (ours, copy.copy(ours), pickle.loads(pickle.dumps(ours))):  # noqa: S301 - our own bytes
        assert isinstance(error, e.QuotaExceeded)
        assert isinstance(error, compat.EnforcedSpendLimitReachedError)
        assert (error.retryable, error.status_code) == (False, 429)
    _, too_long = pair(400, message="prompt is too long: 3 tokens > 2 maximum")
    assert isinstance(too_long, e.PromptTooLong)
    assert isinstance(too_long, compat.BadRequestError)


def test_what_is_refused_before_it_is_sent_is_a_bad_request() -> None:
    """As the service would have answered, and a `LintError` too."""
    with compat.Anthropic(api_key="sk-ant-test", base_url="http://127.0.0.1:9") as client:
        with pytest.raises(compat.BadRequestError) as caught:
            client.messages.create(model="claude-haiku-4-5", max_tokens=0, messages=[])
    assert isinstance(caught.value, e.LintError)
    assert caught.value.status_code == 400
    assert getattr(caught.value, "response", 0) is None


def test_an_error_that_a_program_makes_is_read_of_its_reply() -> None:
    """Status, request, id and type, as in the SDK's."""
    request = httpx2.Request("POST", "http://127.0.0.1/v1/messages")
    reply = httpx2.Response(429, headers={"request-id": "req_1"}, request=request)
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}
    for sdk in (anthropic, compat):
        made: Any = sdk.RateLimitError("slow down", response=reply, body=body)
        assert (made.status_code, made.request_id, made.type, made.message) == (
            429,
            "req_1",
            "rate_limit_error",
            "slow down",
        )
        assert made.request is request
        assert sdk.APIError("odd", request, body={"a": 1}).body == {"a": 1}
        assert sdk.APITimeoutError(request).request is request
        assert sdk.APIResponseValidationError(response=reply, body=None).status_code == 429
        assert sdk.APIConnectionError(request=request).message == "Connection error."
        assert sdk.APITimeoutError(request=request).message.startswith("Request timed out")
