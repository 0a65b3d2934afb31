"""The metadata addresses are exact, and no proxy is between."""

from __future__ import annotations

import pytest

from keybearer.config.metadata import AZURE_IDENTITY, GOOGLE_IDENTITY, is_metadata_url
from keybearer.config.urls import url_problem
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.proxies import find_proxy
from keybearer.types.secret import ProxyURL


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
