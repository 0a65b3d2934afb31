"""Which requests are never sent again in doubt: by the method's path, and by what is known of the attempt."""

from __future__ import annotations

import pytest

from keybearer import errors as e
from keybearer.api.methods import methods
from keybearer.policy.repeats import in_doubt, makes_something
from keybearer.shell.transports.failures import connection_error, timeout_error
from keybearer.wire.response.errors import api_error

URL = "https://api.anthropic.com/v1/messages/batches"

REPEATED = {
    "archive",
    "cancel",
    "pause",
    "unpause",
    "stop",
    "ack",
    "heartbeat",
    "activate",
    "redact",
    "sign_out",
    "count_tokens",
}
"""Names of methods that set a state or ask, beside those of `update` and `validate`."""


def test_every_method_of_the_table_that_creates_uploads_sends_or_adds_is_sent_once() -> None:
    """By the SDK's names: what makes something is never repeated, and what reads, deletes or changes one thing is."""
    for name, method in methods().items():
        word = name.rpartition(".")[2]
        once = makes_something(method.http, method.path)
        if method.http != "POST" or word in REPEATED or word.startswith(("update", "validate")):
            assert not once, name
        elif word in {"create", "upload", "send", "run", "rotate_token"} and not name.endswith("messages.create"):
            assert once, name


@pytest.mark.parametrize(
    ("method", "path", "once"),
    [
        ("POST", "/v1/messages", False),
        ("POST", "/v1/messages/batches", True),
        ("POST", "/v1/messages/batches/msgbatch_1/cancel", False),
        ("POST", "/v1/files", True),
        ("POST", "/v1/new_things", True),
        ("PATCH", "/v1/new_things/1", True),
        ("PUT", "/v1/new_things/1", False),
        ("DELETE", "/v1/files/file_1", False),
        ("GET", "/v1/files", False),
    ],
)
def test_a_path_without_a_row_counts_as_one_that_makes_something(method: str, path: str, *, once: bool) -> None:
    """For `client.request`: only what is known to come to the same is repeated."""
    assert makes_something(method, path) is once


@pytest.mark.parametrize(
    ("error", "doubt"),
    [
        (connection_error("dns", URL, "no"), False),
        (connection_error("connect", URL, "no"), False),
        (timeout_error("connect", 1.0), False),
        (connection_error("send", URL, "no"), True),
        (connection_error("first_byte", URL, "no"), True),
        (connection_error("read", URL, "no"), True),
        (timeout_error("first_byte", 1.0), True),
        (api_error(500, None, {}), True),
        (api_error(500, None, {"x-should-retry": "true"}), False),
        (api_error(504, None, {}), True),
        (api_error(503, None, {}), False),
        (api_error(529, None, {}), False),
        (api_error(429, None, {}), False),
        (api_error(401, None, {}), False),
        (e.CircuitOpen("no"), False),
    ],
)
def test_what_was_refused_or_never_left_is_not_in_doubt(error: e.KeybearerError, *, doubt: bool) -> None:
    """A broken connection, a time-out or a gateway's error after sending is."""
    assert in_doubt(error) is doubt
