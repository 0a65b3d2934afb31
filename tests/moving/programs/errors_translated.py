"""Errors translated into an application's own, made by hand in every way, logged, raised from, pickled."""
import logging
import pickle
import httpx
import anthropic
from anthropic import APIError, APIResponseValidationError, APIStatusError, APITimeoutError

logging.basicConfig(level=logging.DEBUG)
logging.getLogger("anthropic").setLevel(logging.WARNING)
logging.getLogger("httpx").setLevel(logging.WARNING)


class AppError(Exception):
    def __init__(self, kind, message, status=None, retry_after=None):
        super().__init__(message)
        self.kind, self.status, self.retry_after = kind, status, retry_after


def translate(error: APIError) -> AppError:
    match error:
        case anthropic.RateLimitError():
            return AppError("rate", error.message, error.status_code, error.response.headers.get("retry-after"))
        case anthropic.APITimeoutError():
            return AppError("timeout", str(error))
        case anthropic.APIConnectionError():
            return AppError("network", str(error.__cause__ or error))
        case anthropic.APIStatusError(status_code=status) if status >= 500:
            return AppError("server", error.message, status)
        case anthropic.APIStatusError():
            kind = error.body.get("error", {}).get("type") if isinstance(error.body, dict) else None
            return AppError(kind or "status", str(error), error.status_code)
    return AppError("other", str(error))


request = httpx.Request("POST", "http://127.0.0.1/v1/messages")
made = [
    (anthropic.RateLimitError("slow", response=httpx.Response(429, headers={"retry-after": "7"}, request=request), body=None), "rate"),
    (APITimeoutError(request), "timeout"),
    (APITimeoutError(request=request), "timeout"),
    (anthropic.APIConnectionError(message="gone", request=request), "network"),
    (anthropic.InternalServerError("down", response=httpx.Response(500, request=request), body={"error": {"type": "api_error"}}), "server"),
    (anthropic._exceptions.OverloadedError("busy", response=httpx.Response(529, request=request), body=None), "server"),
    (anthropic.BadRequestError("bad", response=httpx.Response(400, request=request), body={"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}), "invalid_request_error"),
    (APIError("odd", request, body=None), "other"),
    (APIError("odd", request=request, body={"a": 1}), "other"),
    (APIResponseValidationError(response=httpx.Response(200, request=request), body=None), "other"),
]
for error, kind in made:
    assert translate(error).kind == kind, (error, translate(error).kind)
    assert isinstance(error, anthropic.AnthropicError)
    assert error.request is request
assert translate(made[0][0]).retry_after == "7"
client = anthropic.Anthropic(max_retries=0)
try:
    try:
        client.messages.create(model="claude-sonnet-4-5", max_tokens=5, messages=[{"role": "user", "content": [{"type": "nonsense"}]}])
    except anthropic.APIError as error:
        raise translate(error) from error
except AppError as error:
    assert error.status == 400 and isinstance(error.__cause__, anthropic.BadRequestError)
try:
    client.messages.create(model="claude-sonnet-4-5", max_tokens=5, messages=[{"role": "user", "content": "x"}], timeout=0.00001)
except anthropic.APITimeoutError as error:
    assert translate(error).kind == "timeout"
try:
    client.messages.retrieve("x")
except AttributeError:
    pass
try:
    anthropic.Anthropic(api_key="").messages.create(model="claude-sonnet-4-5", max_tokens=5, messages=[{"role": "user", "content": "x"}])
except Exception as error:
    print(type(error), error)
