"""AWS's signatures: botocore's published vectors, and what the signer adds to a request."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from keybearer.credentials.signers.sigv4 import AWSKey, SigV4Signer, canonical_request, signature
from keybearer.errors import CredentialError
from keybearer.types.http import Draft, Request
from keybearer.types.secret import Secret

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "sigv4_vectors.json").read_text())
"""From `tests/unit/auth/aws4_testsuite` of botocore 1.44.8's sdist (`tests/credentials/tools/make_vectors.py`)."""

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
HOST = "bedrock-mantle.us-east-1.api.aws"


def signer(**changes: Any) -> SigV4Signer:
    """Return a signer of 2015-08-30, 12:36:00 UTC."""
    key = AWSKey("AKIDEXAMPLE", Secret(SECRET), changes.pop("token", None))
    given = {"key": key, "region": "us-east-1", "service": "bedrock-mantle", "host": HOST, "now": lambda: 1440938160.0}
    return SigV4Signer(**{**given, **changes})


def signed(draft: Draft, **changes: Any) -> Request:
    """Return a signed draft."""
    return signer(**changes).sign(draft, "a test")


def draft(**changes: Any) -> Draft:
    """Return a draft to Mantle."""
    given: dict[str, Any] = {
        "method": "POST",
        "url": f"https://{HOST}/anthropic/v1/messages",
        "headers": {"content-type": "application/json", "user-agent": "x", "accept": "y", "anthropic-version": "z"},
        "body": b"{}",
    }
    return Draft(**{**given, **changes})


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_published_vectors(vector: dict[str, Any]) -> None:
    """Each vector's canonical request and signature come out, byte for byte."""
    given = {name: ",".join(" ".join(value.split()) for value in values) for name, values in vector["headers"].items()}
    given.setdefault("x-amz-security-token", TOKEN)
    headers = {name: given[name] for name in vector["signed"].split(";")}
    payload = hashlib.sha256(vector["body"].encode()).hexdigest()
    path, mark, query = vector["target"].partition("?")
    url = f"https://example.amazonaws.com{path}{mark}{quote(query, safe='=&%~')}"  # a query is sent encoded
    canonical, names = canonical_request(vector["method"], url, headers, payload)
    assert (canonical, names) == (vector["canonical"], vector["signed"])
    scope = "20150830/us-east-1/service/aws4_request"
    assert signature(canonical, SECRET, "20150830T123600Z", scope) == vector["signature"]


def test_what_a_proxy_may_change_is_not_signed() -> None:
    """Of the headers the host, the content type and those of the API and of AWS are signed."""
    request = signed(draft())
    authorization = request.headers["authorization"]
    assert authorization.startswith(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock-mantle/aws4_request, "
        "SignedHeaders=anthropic-version;content-type;host;x-amz-date, Signature="
    )
    assert request.headers["x-amz-date"] == "20150830T123600Z"
    assert (request.url, request.body) == (draft().url, b"{}")


def test_a_temporary_key_sends_its_token_and_shows_none() -> None:
    """The session token is sent and signed; neither it nor the secret is in a repr."""
    request = signed(draft(), token=Secret("session-canary"))
    assert request.headers["x-amz-security-token"] == "session-canary"
    assert ";x-amz-security-token," in request.headers["authorization"]
    for shown in (repr(request), repr(signer(token=Secret("session-canary")))):
        assert "session-canary" not in shown
        assert SECRET not in shown
        assert "Signature=" not in shown


def test_a_body_that_is_read_while_it_is_sent_is_hashed() -> None:
    """An upload has the signature of the same bytes as a body."""

    class Upload:
        def __len__(self) -> int:
            return 2

        def pieces(self) -> Any:
            yield b"{"
            yield b"}"

    plain, upload = signed(draft()), signed(draft(body=b"", upload=Upload()))
    assert upload.headers["authorization"] == plain.headers["authorization"]


@pytest.mark.parametrize(
    ("url", "problem"),
    [("https://evil.example/anthropic/v1/messages", "other_host"), (f"http://{HOST}/v1/messages", "cleartext")],
)
def test_the_signature_is_for_the_platforms_host(url: str, problem: str) -> None:
    """Another host, or a network in clear text, gets no signature."""
    with pytest.raises(CredentialError) as caught:
        signed(draft(url=url))
    assert caught.value.problem == problem
    assert SECRET not in str(caught.value)


def test_the_port_is_a_part_of_the_host() -> None:
    """A host with a port of its own is signed with it, a default port is not."""
    with_port = signed(draft(url="https://127.0.0.1:8443/v1"), host="127.0.0.1:8443").headers["authorization"]
    canonical, _ = canonical_request(
        "POST",
        "https://127.0.0.1:8443/v1",
        {
            "anthropic-version": "z",
            "content-type": "application/json",
            "host": "127.0.0.1:8443",
            "x-amz-date": "20150830T123600Z",
        },
        hashlib.sha256(b"{}").hexdigest(),
    )
    scope = "20150830/us-east-1/bedrock-mantle/aws4_request"
    assert with_port.endswith(signature(canonical, SECRET, "20150830T123600Z", scope))


def test_the_secret_is_taken_out_of_what_comes_back() -> None:
    """A service that echoes a signed request gives away neither the secret nor the session token."""
    value = {"message": f"canonical: {SECRET} session-canary-0123456789"}
    assert signer(token=Secret("session-canary-0123456789")).redact(value) == {"message": "canonical: *** ***"}
