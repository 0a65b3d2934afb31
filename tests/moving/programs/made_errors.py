"""Errors that an application's tests and wrappers make themselves."""
import anthropic
from anthropic import APIConnectionError, APIStatusError, RateLimitError


class Request:
    method, url = "POST", "http://127.0.0.1/v1/messages"


class Response:
    status_code, headers, request = 429, {"retry-after": "1", "request-id": "req_1"}, Request()


error = RateLimitError("slow down", response=Response(), body={"error": {"type": "rate_limit_error"}})
assert error.status_code == 429 and error.response.headers["retry-after"] == "1"
assert error.message == "slow down" and error.body["error"]["type"] == "rate_limit_error"
assert isinstance(error, APIStatusError)
assert APIConnectionError(request=Request()).message
assert anthropic.APITimeoutError(request=Request())
