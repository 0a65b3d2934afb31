"""The places of an identity token: read anew each time, and silent about what they hold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from keybearer.credentials.federation.identity import (
    CommandIdentity,
    EndpointIdentity,
    FileIdentity,
    IdentitySource,
    VariableIdentity,
)
from keybearer.credentials.federation.platforms import IdentityRequest
from keybearer.errors import ConnectionFailed, CredentialError
from keybearer.types.secret import Secret
from support.logins import Endpoint, reply, run, write_private

CANARY = "canary-canary-canary"
GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.actions.githubusercontent.com/x?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": CANARY,
}


def failure(source: IdentitySource, *replies: Any) -> CredentialError:
    """Return the error of reading, which shows nothing secret."""
    with pytest.raises(CredentialError) as caught:
        run(source.read(), Endpoint(*replies))
    assert CANARY not in f"{caught.value!r} {caught.value} {caught.value.hint} {vars(caught.value)}"
    assert caught.value.hint
    return caught.value


def test_a_file_is_read_anew_through_a_link(tmp_path: Path) -> None:
    """A projected token is a link to a file that is replaced, which others may read."""
    first, second = write_private(tmp_path / "1", b" one\n"), write_private(tmp_path / "2", b"two")
    first.chmod(0o644)
    link = tmp_path / "token"
    link.symlink_to(first)
    source = FileIdentity(link)
    assert run(source.read()) == Secret("one")
    link.unlink()
    link.symlink_to(second)
    assert run(source.read()) == Secret("two")


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """A missing file and a folder each have their words."""
    assert failure(FileIdentity(tmp_path / "none")).problem == "identity_missing"
    assert failure(FileIdentity(tmp_path)).problem == "identity_unreadable"


def test_a_variable_is_read_anew() -> None:
    """A value that changes is seen; one that is gone is an error."""
    environ = {"TOKEN": "one"}
    source = VariableIdentity("TOKEN", environ)
    assert run(source.read()) == Secret("one")
    environ["TOKEN"] = " two "
    assert run(source.read()) == Secret("two")
    del environ["TOKEN"]
    assert "TOKEN is not set" in str(failure(source))


def test_a_command_is_run_without_a_shell() -> None:
    """Its output is the token; the arguments are its own."""
    source = CommandIdentity((sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME;x"))
    assert run(source.read()) == Secret("$HOME;x")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/none/at/all",), "was not found"),
        ((sys.executable, "-c", f"import sys; print('{CANARY}'); sys.exit('{CANARY}')"), "exit code 1"),
        ((sys.executable, "a\0b"), "an argument cannot be one"),
    ],
)
def test_a_command_that_fails_shows_no_output(command: tuple[str, ...], words: str) -> None:
    """What it printed may be a token, or half of one."""
    assert words in str(failure(CommandIdentity(command)))


def test_github_is_asked_for_the_audience() -> None:
    """The runner's address and token make the request; the answer's value is the token."""
    endpoint = Endpoint({"value": "a.b.c"})
    source = EndpointIdentity("github_actions", IdentityRequest(audience="https://api.anthropic.com", environ=GITHUB))
    assert run(source.read(), endpoint) == Secret("a.b.c")
    (request,) = endpoint.requests
    assert request.url.endswith("/x?api-version=2.0&audience=https%3A%2F%2Fapi.anthropic.com")
    assert request.headers["authorization"] == f"Bearer {CANARY}"


@pytest.mark.parametrize(
    ("platform", "answer", "request_line", "header"),
    [
        (
            "google",
            reply(200, b"a.b.c", metadata_flavor="Google"),
            "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/identity?audience=x&format=full",
            ("metadata-flavor", "Google"),
        ),
        (
            "azure",
            reply(200, {"access_token": "a.b.c"}),
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x&client_id=me",
            ("metadata", "true"),
        ),
    ],
)
def test_a_metadata_server_is_asked(platform: str, answer: Any, request_line: str, header: tuple[str, str]) -> None:
    """The address is fixed, and the header says that no browser was tricked into asking."""
    endpoint = Endpoint(answer)
    source = EndpointIdentity(platform, IdentityRequest(audience="x", environ={}, client_id="me"))
    assert run(source.read(), endpoint) == Secret("a.b.c")
    (request,) = endpoint.requests
    assert (request.url, dict(request.headers)) == (request_line, dict([header]))


@pytest.mark.parametrize(
    ("platform", "answer", "words"),
    [
        ("google", reply(200, CANARY.encode()), "holds no token"),  # a captive portal, without the header
        ("azure", reply(400, {"error_description": CANARY}), "HTTP 400"),
        ("azure", reply(200, b"{"), "holds no token"),
        ("github_actions", reply(403, CANARY.encode()), "HTTP 403"),
        ("google", ConnectionFailed("No route to 169.254.169.254.", phase="connect"), "No route"),
    ],
)
def test_a_platform_that_gives_none_says_what_to_do(platform: str, answer: Any, words: str) -> None:
    """The status or the network's words are in the error, and nothing of the answer."""
    assert words in str(failure(EndpointIdentity(platform, IdentityRequest(audience="x", environ=GITHUB)), answer))


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "ACTIONS_ID_TOKEN_REQUEST_URL is not set"),
        ({"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x"}, "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set"),
        (GITHUB | {"ACTIONS_ID_TOKEN_REQUEST_URL": "http://example.com/x?y"}, "not https"),
    ],
)
def test_github_without_its_permission_says_which(environ: dict[str, str], words: str) -> None:
    """Nothing is sent; the runner's token goes over no clear text."""
    error = failure(EndpointIdentity("github_actions", IdentityRequest(audience="x", environ=environ)))
    assert words in str(error)
    assert "id-token: write" in error.hint
