"""Errors by class, by status and by type of the body, and what they hold."""
import httpx
import anthropic
from anthropic import Anthropic

CASES = {
    anthropic.BadRequestError: 400,
    anthropic.AuthenticationError: 401,
    anthropic.PermissionDeniedError: 403,
    anthropic.NotFoundError: 404,
    anthropic.ConflictError: 409,
    anthropic.UnprocessableEntityError: 422,
    anthropic.RateLimitError: 429,
    anthropic.InternalServerError: 500,
}
client = Anthropic(max_retries=0)
try:
    client.messages.create(model="claude-sonnet-4-5", max_tokens=10, messages=[])
except anthropic.BadRequestError as e:
    assert e.status_code == 400
    assert "messages" in str(e) and "messages" in e.message
    if e.body:
        assert e.body["error"]["type"] == "invalid_request_error"
    print(e.response and e.response.status_code, e.request_id)
else:
    raise SystemExit("no error")
try:
    Anthropic(api_key="sk-ant-wrong", max_retries=0).messages.create(
        model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hi"}]
    )
except anthropic.APIStatusError as e:
    assert isinstance(e, anthropic.AuthenticationError)
    assert e.status_code == 401 and e.response.status_code == 401
    assert e.response.json()["error"]["type"] == "authentication_error"
    assert e.response.headers.get("request-id") == e.request_id
    assert e.type == "authentication_error"
    assert e.body["error"]["message"]
    assert "401" in str(e)
    assert e.request.method == "POST" and str(e.request.url).endswith("/v1/messages")
try:
    Anthropic(base_url="http://127.0.0.1:9", max_retries=0, timeout=2).messages.create(
        model="claude-sonnet-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hi"}]
    )
except anthropic.APIConnectionError as e:
    assert e.message
    assert not isinstance(e, anthropic.APIStatusError) and isinstance(e, anthropic.APIError)
    assert not hasattr(e, "status_code") or e.status_code is None
try:
    client.beta.files.retrieve_metadata("file_none")
except anthropic.NotFoundError as e:
    assert e.status_code == 404
request = httpx.Request("POST", "http://127.0.0.1/v1/messages")
for cls, status in CASES.items():
    response = httpx.Response(status, request=request, json={"type": "error", "error": {"type": "x", "message": "no"}})
    error = cls("no", response=response, body=response.json())
    assert error.status_code == status and isinstance(error, anthropic.APIStatusError) and error.message == "no"
    assert error.response is response and error.request is request and str(error)
    assert issubclass(cls, anthropic.APIError) and issubclass(cls, anthropic.AnthropicError)
assert anthropic.APITimeoutError(request=request).message
assert anthropic.APIConnectionError(message="gone", request=request).message == "gone"
assert issubclass(anthropic.APITimeoutError, anthropic.APIConnectionError)
