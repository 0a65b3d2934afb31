"""Objects for the placeholder ids of the SDK's own tests, made in the simulator that the tests talk to."""

import json
import os
import urllib.request

URL = os.environ["TEST_API_BASE_URL"]
DAY = 24 * 3600


def _post(path: str, body: bytes, **headers: str) -> dict:
    headers = {"x-api-key": "sk-ant-sim-own-tests", "anthropic-version": "2023-06-01", **headers}
    request = urllib.request.Request(URL + path, body, headers)  # noqa: S310  # the simulator's own address
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        return json.load(reply)


def batch(*, ended: bool = False) -> str:
    """Make a batch of one request."""
    params = {"model": "claude-opus-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    body = json.dumps({"requests": [{"custom_id": "one", "params": params}]}).encode()
    made = _post("/v1/messages/batches", body, **{"content-type": "application/json"})
    if ended:
        token = {"x-sim-token": os.environ["SIM_TOKEN"], "content-type": "application/json"}
        _post("/_sim/clock", json.dumps({"advance": DAY}).encode(), **token)
    return made["id"]


def file() -> str:
    """Upload a file."""
    lines = [
        "--b",
        'Content-Disposition: form-data; name="file"; filename="a.txt"',
        "Content-Type: text/plain",
        "",
        "tea",
    ]
    body = "\r\n".join([*lines, "--b--", ""]).encode()
    return _post("/v1/files", body, **{"content-type": "multipart/form-data; boundary=b"})["id"]
