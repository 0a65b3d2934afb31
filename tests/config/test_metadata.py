"""The metadata addresses are exact, and no proxy is between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from keybearer.config.metadata import AZURE_IDENTITY, GOOGLE_IDENTITY, is_metadata_host, is_metadata_url
from keybearer.config.urls import url_problem
from keybearer.credentials.federation.identity import EndpointIdentity
from keybearer.credentials.federation.platforms import IdentityRequest
from keybearer.shell.drivers import AsyncDriver, SyncDriver
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.default import DefaultAsyncTransport, DefaultTransport
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.shell.transports.proxies import find_proxy
from keybearer.types.secret import ProxyURL, Secret
from support.metadata import metadata_server, recording_proxy


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (GOOGLE_IDENTITY, True),
        (AZURE_IDENTITY + "?resource=x", True),
        (AZURE_IDENTITY + "/", False),
        (AZURE_IDENTITY.replace("http:", "https:"), False),
        (AZURE_IDENTITY.replace("169.254.169.254", "169.254.169.254:80"), False),
        (GOOGLE_IDENTITY.replace("169.254.169.254", "169.254.169.254.example.com"), False),
        (GOOGLE_IDENTITY.replace("default", "other"), False),
    ],
)
def test_an_address_is_meant_to_the_letter(url: str, expected: bool) -> None:
    """Another host, port, scheme or path is no exception; as a base URL each stays refused."""
    assert is_metadata_url(url) is expected
    assert url_problem(AZURE_IDENTITY)


@pytest.mark.parametrize("url", [GOOGLE_IDENTITY, AZURE_IDENTITY])
def test_no_proxy_is_between(url: str) -> None:
    """Neither the client's own proxy nor the environment's gets the request: it would answer with its own identity."""
    environ = {"http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"}
    assert find_proxy(url, TransportOptions(proxy=ProxyURL("http://127.0.0.1:9")), environ=environ)[1] is None
    assert find_proxy(url, TransportOptions(), environ=environ)[1] is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("169.254.169.254", True),
        ("169.254.170.2", True),
        ("METADATA.google.internal.", True),
        ("fd00:ec2::254", True),
        ("fe80::1", True),
        ("mds.example", True),
        ("fd00:ec2::255", False),
        ("169.254.example.com", False),
        ("metadata.google.internal.example", False),
        ("api.anthropic.com", False),
        ("", False),
    ],
)
def test_the_hosts_of_metadata_servers_are_known(host: str, expected: bool) -> None:
    """Every link-local address is one, and so are the names that google-auth uses or a variable of its names."""
    assert is_metadata_host(host, {"GCE_METADATA_HOST": "mds.example:8080", "GCE_METADATA_IP": "["}) is expected


@pytest.mark.parametrize("transport", [DefaultTransport, HttpxTransport, DefaultAsyncTransport, AsyncHttpxTransport])
def test_a_recording_proxy_sees_nothing(transport: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over every transport, federation's requests to Google's and Azure's metadata servers go past the environment's proxy."""
    answers = {"/computeMetadata": "a.b.c", "/metadata": {"access_token": "a.b.c"}}
    with recording_proxy(monkeypatch) as came, metadata_server(monkeypatch, answers) as asked:
        for platform in ("google", "azure"):
            source = EndpointIdentity(platform, IdentityRequest(audience="x", environ={}))
            sending = transport(TransportOptions())
            if "Async" in transport.__name__:

                async def awaited(sending: Any = sending, source: EndpointIdentity = source) -> Secret:
                    try:
                        return await AsyncDriver(sending).run(source.read())
                    finally:
                        await sending.close()

                token = asyncio.run(awaited())
            else:
                token = SyncDriver(sending).run(source.read())
                sending.close()
            assert token == Secret("a.b.c")
    assert (len(asked), came) == (2, [])
