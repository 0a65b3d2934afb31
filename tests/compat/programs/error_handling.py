"""Retries of its own, and what each failure has."""

import anthropic
from anthropic import Anthropic, APIConnectionError, APIError, APIStatusError, BadRequestError, RateLimitError
from anthropic._exceptions import OverloadedError

client = Anthropic(max_retries=0)
ASK = {"model": "claude-haiku-4-5", "max_tokens": 20, "messages": [{"role": "user", "content": "Hello!"}]}


def attempt(fault: str) -> None:
    """Fail once, with a client of its own: one that was limited waits before its next request."""
    try:
        Anthropic(max_retries=0).messages.create(**ASK, extra_headers={"x-sim-fault": fault})  # type: ignore[call-overload] # a plain dict
    except RateLimitError as error:
        print("rate limited", error.status_code, error.response.headers.get("retry-after") is not None)
    except OverloadedError as error:
        print("overloaded", error.status_code, error.response.status_code)
    except APIStatusError as error:
        print(type(error).__mro__[-3].__name__ != "", error.status_code, error.type, error.request_id is not None)
        print(sorted(error.body), error.response.headers["request-id"] == error.request_id, error.request.method)
    except APIError as error:
        print("other", type(error).__name__)


for each in ("429", "529", "500", "401", "404", "413"):
    attempt(each)
try:
    client.messages.create(model="claude-haiku-4-5", max_tokens=20, messages=[])
except BadRequestError as error:
    print("bad request", error.status_code, isinstance(error, anthropic.AnthropicError))
try:
    Anthropic(base_url="http://127.0.0.1:9", max_retries=0).messages.create(**ASK)  # type: ignore[call-overload]
except APIConnectionError as error:
    print("no connection", error.message != "", isinstance(error, anthropic.APITimeoutError))
raw = client.messages.with_raw_response.create(**ASK)  # type: ignore[call-overload] # a plain dict
print(raw.status_code, raw.headers["content-type"], raw.request_id is not None, raw.parse().role)
print(raw.parse()._request_id == raw.headers["request-id"])
