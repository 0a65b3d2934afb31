"""Every `except` clause of the guides, and what is read of an error."""
import anthropic
from anthropic import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)

client = anthropic.Anthropic(max_retries=0)
asked = dict(max_tokens=10, messages=[{"role": "user", "content": "Hello"}])
try:
    client.messages.create(model="claude-sonnet-5-5", max_tokens=10, messages=[{"role": "tool", "content": "x"}])
except BadRequestError as error:
    assert error.status_code == 400
    print(error.message, error.body, error)
else:
    raise SystemExit("not refused")
try:
    client.models.retrieve("no-such-model")
except anthropic.APIStatusError as error:
    assert error.status_code == 404 and isinstance(error, NotFoundError)
    assert error.response.status_code == 404
    assert error.response.headers["request-id"] == error.request_id
    assert error.body["error"]["type"] == "not_found_error"
    assert error.type == "not_found_error"
    assert str(error.request.url).endswith("no-such-model")
try:
    anthropic.Anthropic(api_key="sk-ant-api03-wrong", max_retries=0).messages.create(model="claude-sonnet-5-5", **asked)
except (RateLimitError, PermissionDeniedError, InternalServerError):
    raise SystemExit("the wrong class")
except AuthenticationError as error:
    assert error.status_code == 401
try:
    anthropic.Anthropic(base_url="http://127.0.0.1:9", max_retries=0).messages.create(model="claude-sonnet-5-5", **asked)
except APITimeoutError:
    raise SystemExit("no time-out")
except APIConnectionError as error:
    print(error.__cause__, error.message)
assert issubclass(APIConnectionError, APIError) and issubclass(APIStatusError, APIError)
assert issubclass(APIError, anthropic.AnthropicError) and issubclass(APITimeoutError, APIConnectionError)
