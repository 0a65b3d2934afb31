"""Objects for the placeholder ids of the SDK's own tests, made in the simulator that the tests talk to."""

import hashlib
import json
import os
import urllib.request

URL = os.environ["TEST_API_BASE_URL"]
DAY = 24 * 3600


SKILL = [("rolls/SKILL.md", b"---\nname: rolls\ndescription: Bakes.\n---\n")]
CONTENT = "tea"
DIGEST = hashlib.sha256(CONTENT.encode()).hexdigest()
MEMORY_TAG = {"anthropic-beta": "agent-memory-2026-07-22"}


def _send(path: str, body: bytes | None, **headers: str) -> dict:
    headers = {"x-api-key": "sk-ant-sim-own-tests", "anthropic-version": "2023-06-01", **headers}
    request = urllib.request.Request(URL + path, body, headers)  # noqa: S310  # the simulator's own address
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        return json.load(reply)


def batch(*, ended: bool = False) -> str:
    """Make a batch of one request."""
    params = {"model": "claude-opus-5-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hello"}]}
    body = json.dumps({"requests": [{"custom_id": "one", "params": params}]}).encode()
    made = _send("/v1/messages/batches", body, **{"content-type": "application/json"})
    if ended:
        token = {"x-sim-token": os.environ["SIM_TOKEN"], "content-type": "application/json"}
        _send("/_sim/clock", json.dumps({"advance": DAY}).encode(), **token)
    return made["id"]


def _upload(path: str, field: str, filename: str, data: bytes) -> dict:
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\nContent-Type: text/plain\r\n\r\n'
    body = head.encode() + data + b"\r\n--b--\r\n"
    return _send(path, body, **{"content-type": "multipart/form-data; boundary=b"})


def _memory_post(where: str, **fields: str) -> dict:
    return _send(where, json.dumps(fields).encode(), **MEMORY_TAG, **{"content-type": "application/json"})


def file() -> str:
    """Upload a file."""
    return _upload("/v1/files", "file", "a.txt", b"tea")["id"]


def skill() -> str:
    """Make a skill."""
    return _upload("/v1/skills", "files[]", *SKILL[0])["id"]


def version() -> dict[str, str]:
    """Make a skill of two versions, and name the first."""
    name = skill()
    first = _send(f"/v1/skills/{name}", None)["latest_version_id"]
    _upload(f"/v1/skills/{name}/versions", "files[]", *SKILL[0])
    return {"version": first, "skill_id": name}


def store() -> str:
    """Make a memory store."""
    return _memory_post("/v1/memory_stores", name="x")["id"]


def memory() -> dict[str, str]:
    """Write a memory."""
    name = store()
    made = _memory_post(f"/v1/memory_stores/{name}/memories", path="/fresh", content=CONTENT)
    return {"memory_id": made["id"], "memory_store_id": name}


def memory_version() -> dict[str, str]:
    """Write a memory twice, and name its first version."""
    made = memory()
    path = f"/v1/memory_stores/{made['memory_store_id']}/memories/{made['memory_id']}"
    first = _send(path, None, **MEMORY_TAG)["memory_version_id"]
    _memory_post(path, content="coffee")
    return {"memory_version_id": first, "memory_store_id": made["memory_store_id"]}


def page() -> str:
    """Return the token of a second page."""
    return _send("/v1/skills?limit=1", None)["next_page"]
