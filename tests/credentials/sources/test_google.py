"""Google's tokens, over our own transport."""

from __future__ import annotations

import sys
from datetime import datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from keybearer.credentials.sources.google import GoogleCredentials, OverTransport
from keybearer.errors import ConnectionFailed, NoCredentials
from keybearer.types.http import Headers, Reply, Request


def reply(request: Request) -> Reply:
    """Answer a request with what it was."""
    sent = f"{request.method} {request.url} {request.body.decode()} {request.headers['metadata-flavor']}"
    return Reply(status=200, headers=Headers([("X-Y", "z")]), body=sent.encode())


class ADC:
    """google-auth's credentials."""

    quota_project_id = "quota-project"

    def __init__(self) -> None:
        self.token = ""
        self.expiry: datetime | None = None

    def refresh(self, request: Any) -> None:
        """Get a token by a request."""
        self.token = request(
            "https://t.example", method="POST", body="a=b", headers={"Metadata-Flavor": "Google"}
        ).data.decode()
        self.expiry = datetime(2026, 11, 26, 12, 0)  # noqa: DTZ001 - google-auth's own form


def test_a_token_is_fetched_by_our_transport() -> None:
    """google-auth's request goes out on the transport, and its time is UTC."""
    credentials = GoogleCredentials(reply, ADC())
    token, expires_at = credentials.fetch()
    assert token.reveal() == "POST https://t.example/ a=b Google"
    assert expires_at == 1795694400.0
    assert credentials.project() == "quota-project"


@pytest.fixture
def google_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth's error of a transport, as an ArithmeticError."""
    exceptions = ModuleType("google.auth.exceptions")
    exceptions.TransportError = ArithmeticError  # type: ignore[attr-defined]
    for name in ("google", "google.auth"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "google.auth.exceptions", exceptions)


@pytest.mark.usefixtures("google_errors")
def test_no_reply_is_google_auths_error() -> None:
    """google-auth decides about another attempt by its own error."""

    def fail(_: Request) -> Reply:
        raise ConnectionFailed("No route.", phase="connect")

    with pytest.raises(ArithmeticError, match="No route"):
        OverTransport(fail)("https://t.example")


@pytest.mark.usefixtures("google_errors")
@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://token.example/x", False),
        ("http://169.254.169.254", True),
        ("http://metadata.google.internal/computeMetadata/v1/", True),
        ("http://127.0.0.1:9/token", True),
    ],
)
def test_only_a_metadata_server_is_asked_in_clear(url: str, sent: bool) -> None:
    """A file of credentials may name any address: an assertion is not sent there without TLS. One without a path has the root."""
    asked: list[str] = []

    def send(request: Request) -> Reply:
        asked.append(request.url)
        return Reply(status=200, headers=Headers([]), body=b"")

    if sent:
        OverTransport(send)(url)
    else:
        with pytest.raises(ArithmeticError, match=r"token\.example would be asked in clear text"):
            OverTransport(send)(url)
    assert asked == ([url if url.count("/") > 2 else url + "/"] if sent else [])


def test_what_is_found_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Application Default Credentials are looked for once, with the cloud's scope; their project is known then."""
    asked: list[Any] = []

    def default(**given: Any) -> Any:
        asked.append(given["scopes"])
        return SimpleNamespace(), "adc-project"

    auth, exceptions = ModuleType("google.auth"), ModuleType("google.auth.exceptions")
    auth.default = default  # type: ignore[attr-defined]
    exceptions.DefaultCredentialsError = ArithmeticError  # type: ignore[attr-defined]
    google = ModuleType("google")
    google.auth = auth  # type: ignore[attr-defined]
    for module in (google, auth, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    credentials = GoogleCredentials(reply)
    assert [credentials.project(), credentials.project()] == ["adc-project", "adc-project"]
    assert asked == [["https://www.googleapis.com/auth/cloud-platform"]]


def test_without_google_auth_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the extra, and the way that needs none."""
    monkeypatch.setitem(sys.modules, "google", None)
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(NoCredentials) as caught:
        GoogleCredentials(reply).fetch()
    assert "Install keybearer[google]" in caught.value.hint
