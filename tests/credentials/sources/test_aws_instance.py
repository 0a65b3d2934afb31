"""An instance's key, as botocore wants it."""

from __future__ import annotations

from typing import Any

import pytest

from keybearer.credentials.sources.aws_instance import ROLE, TOKEN, InstanceRole
from keybearer.errors import ConnectionFailed
from keybearer.types.http import Headers, Reply, Request

KEY = (
    b'{"AccessKeyId": "ASIA1", "SecretAccessKey": "canary-secret", "Token": "canary-token", '
    b'"Expiration": "2099-01-01T00:00:00Z"}'
)
GOOD = {TOKEN: (200, b"t"), ROLE: (200, b"a-role\n"), ROLE + "a-role": (200, KEY)}


class Server:
    """A metadata server."""

    def __init__(self, **changes: Any) -> None:
        self.answers = {
            **GOOD,
            **{{"token": TOKEN, "role": ROLE, "key": ROLE + "a-role"}[k]: v for k, v in changes.items()},
        }
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        """Answer, or fail."""
        self.asked.append(request)
        status, body = self.answers[request.url.removeprefix("http://m")]
        if not status:
            raise ConnectionFailed("Nobody is there.", phase="connect")
        return Reply(status=status, headers=Headers([]), body=body)


def role(server: Server, **settings: Any) -> InstanceRole:
    """Return what asks it."""
    return InstanceRole(server, "http://m/", **{"timeout": 1.0, "tries": 2, "first_version": True, **settings})


def test_a_key_is_fetched_with_a_token() -> None:
    """The token is asked for first and sent with each further request; the reply has botocore's names, and shows no secret."""
    server = Server()
    found = role(server).retrieve_iam_role_credentials()
    assert found == {
        "role_name": "a-role",
        "access_key": "ASIA1",
        "secret_key": "canary-secret",
        "token": "canary-token",
        "expiry_time": "2099-01-01T00:00:00Z",
    }
    assert [(each.method, each.url) for each in server.asked] == [
        ("PUT", "http://m" + TOKEN),
        ("GET", "http://m" + ROLE),
        ("GET", "http://m" + ROLE + "a-role"),
    ]
    assert [each.headers.get("x-aws-ec2-metadata-token") for each in server.asked] == [None, "t", "t"]
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "settings", "asked"),
    [
        ({"token": (403, b"")}, {"first_version": False}, 1),
        ({"token": (0, b"")}, {"first_version": False}, 2),
        ({"role": (404, b"")}, {}, 2),
        ({"role": (500, b"")}, {}, 3),
        ({"key": (200, b'{"Code": "AssumeRoleUnauthorizedAccess"}')}, {}, 3),
        ({"key": (200, b"<html>")}, {}, 3),
    ],
)
def test_without_a_key_there_is_nothing(changes: dict[str, Any], settings: dict[str, Any], asked: int) -> None:
    """No role, the first version only, a server that fails or is gone: no key. It is asked again only where it failed."""
    server = Server(**changes)
    assert role(server, **settings).retrieve_iam_role_credentials() == {}
    assert len(server.asked) == asked


def test_a_server_of_the_first_version_is_asked_without_a_token() -> None:
    """Where AWS's settings allow it, as botocore does."""
    server = Server(token=(404, b""))
    assert role(server).retrieve_iam_role_credentials()["access_key"] == "ASIA1"
    assert "x-aws-ec2-metadata-token" not in server.asked[-1].headers
