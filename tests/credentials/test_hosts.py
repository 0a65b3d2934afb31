"""Where an OAuth token or login may be sent."""

from __future__ import annotations

import pytest

from keybearer.credentials.hosts import check_host
from keybearer.errors import CredentialError


@pytest.mark.parametrize(
    "url",
    [
        "https://api.anthropic.com",
        "https://API.Anthropic.com/v1/messages",
        "https://platform.claude.com/v1/oauth/token",
        "https://claude.com.:443/",
        "http://localhost:1234",
        "http://127.0.0.1:1/x",
        "https://gateway.example/anthropic",
    ],
)
def test_where_it_may_go(url: str) -> None:
    """Anthropic's hosts and those below them, this machine, and what the configuration adds."""
    check_host(url, ("gateway.example",))


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.test\\.localhost",
        "http://evil.test\\.localhost/v1/oauth/token",
        "https://evil.test\\.anthropic.com",
        "https://evil.test\\@anthropic.com",
        "https://evil.test#.anthropic.com",
        "https://evil.test?.anthropic.com",
        "https://evil.test/.anthropic.com",
        "https://evil.test\t.anthropic.com",
        "https://evil.test\x00.anthropic.com",
        "https://evil.test%2f.anthropic.com",
        "https://evil.test;.anthropic.com",
        "https://anthropic.com:x@evil.test",
        "https://anthropic.com@evil.test",
        "https://anthropic.com.evil.test",
        "https://notanthropic.com",
        "https://anthropic\u3002com",
        "https://\uff41nthropic.com",
        "https://evil.test\u2044.anthropic.com",
        "https://evil.gateway.example",
        "http://gateway.example",
        "http://api.anthropic.com",
        "https:///api.anthropic.com",
        "https:anthropic.com",
        "//api.anthropic.com",
        "",
    ],
)
def test_where_it_may_not(url: str) -> None:
    """A host of another name is refused, however the address is written, and clear text beyond this machine is."""
    with pytest.raises(CredentialError) as caught:
        check_host(url, ("gateway.example",))
    assert caught.value.problem in {"other_host", "cleartext"}
