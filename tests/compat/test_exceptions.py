"""The official SDK's names of errors."""

from __future__ import annotations

import anthropic
import pytest
from anthropic import _exceptions

from keybearer import compat
from keybearer.compat import _exceptions as ours_of
from keybearer.simulator import Simulator

STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "PaymentRequiredError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    413: "ContentTooLargeError",
    429: "RateLimitError",
    500: "InternalServerError",
    529: "OverloadedError",
}


def test_every_error_of_the_sdk_has_its_name() -> None:
    """Each general error class of the SDK is here under the same name."""
    theirs = {
        name for name, each in vars(_exceptions).items() if isinstance(each, type) and issubclass(each, Exception)
    }
    other = {"APIWebhookValidationError", "IdentityTokenFileError", "RetryableError", "Exception"}
    assert {name for name in theirs - other if not name.startswith("_")} <= set(ours_of.__all__)


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
def test_an_except_clause_of_the_sdk_catches_what_it_caught(sim: Simulator, status: int, name: str) -> None:
    """For each status the SDK's class and ours of its name catch the same answer."""
    request = {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
    headers = {"x-sim-fault": str(status)}
    with anthropic.Anthropic(api_key=sim.api_key, base_url=sim.base_url, max_retries=0) as theirs:
        with pytest.raises(getattr(anthropic, name)):
            theirs.messages.create(**request, extra_headers=headers)  # type: ignore[call-overload] # a plain dict
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url, max_retries=0) as ours:
        with pytest.raises(getattr(compat, name)) as caught:
            ours.messages.create(**request, extra_headers=headers)  # type: ignore[call-overload] # a plain dict
    assert isinstance(caught.value, compat.APIStatusError)
    assert caught.value.status == status


def test_a_request_that_is_refused_before_it_is_sent_is_a_bad_request(sim: Simulator) -> None:
    """What the SDK learns from a 400 is caught by the same clause, with the same status, though nothing was sent."""
    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        with pytest.raises(compat.BadRequestError, match="not sent") as caught:
            client.messages.create(model="claude-haiku-4-5", max_tokens=5, messages=[])
    assert isinstance(caught.value, compat.APIStatusError)
    assert (caught.value.status, caught.value.status_code) == (400, 400)
    assert sim.requests == []


def test_a_failure_of_the_network_is_a_connection_error() -> None:
    """Nobody listens: `APIConnectionError`, as with the SDK."""
    with compat.Anthropic(api_key="sk-ant-test", base_url="http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(compat.APIConnectionError):
            client.messages.create(model="m", max_tokens=5, messages=[{"role": "user", "content": "hi"}])
