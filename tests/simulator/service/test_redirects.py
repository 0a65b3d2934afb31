"""Which addresses a login may send the browser to."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from keybearer.simulator.service.redirects import form_target, is_loopback_redirect


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:54545/callback",
        "http://localhost",
        "http://127.0.0.1:1/cb?next=%2F&x=1",
        "http://127.9.9.9/cb",
        "http://[::1]:8080/cb",
        "http://localhost?x",
    ],
)
def test_loopback_is_taken(uri: str) -> None:
    """Plain http to this machine, on any port and path."""
    assert is_loopback_redirect(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.com\\@127.0.0.1/cb",  # a browser ends the host at the backslash
        "http://evil.com/@127.0.0.1/cb",
        "http://user@127.0.0.1/cb",
        "http://127.0.0.1@evil.com/cb",
        "http://localhost\\.evil.com/",
        "http://localhost:80\\@evil.com/",
        "http://127.0.0.1.evil.com/",
        "http://localhost.evil.com/",
        "http://127.0.0.1%2eevil.com/",
        "http:\\\\127.0.0.1/",
        "http:/127.0.0.1/",
        "http:127.0.0.1/",
        "//127.0.0.1/",
        "https://127.0.0.1/",
        "HTTP://127.0.0.1/",
        "javascript:alert(1)//http://127.0.0.1/",
        "http://127.0.0.1/\r\nset-cookie: a=b",
        "http://127.0.0.1/\n",
        "http://127.0.0.1\t/",
        "\x00http://127.0.0.1/",
        " http://127.0.0.1/",
        "http://127.0.0.1/ cb",
        "http://127.0.0.1/\x7f",
        "http://127.0.0.1/\u2028",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://loca\u00adlhost/",
        "http://127.0.0.1/#fragment",
        "http://127.0.0.1/\\evil.com",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:1:2/cb",
        "http://127.0.0.999/cb",
        "http://127.1/cb",
        "http://0x7f000001/cb",
        "http://2130706433/cb",
        "http://[::2]/cb",
        "http://[::ffff:8.8.8.8]/cb",
        "http://[::1/cb",
        "http://0.0.0.0/cb",
        "",
    ],
)
def test_all_else_is_refused(uri: str) -> None:
    """Other hosts, and whatever two parsers may read in two ways."""
    assert not is_loopback_redirect(uri)


def test_the_forms_policy_names_where_its_answer_leads() -> None:
    """The source expression is the redirect's origin, or the scheme where the grammar has no way to write the address."""
    for uri in ("http://localhost:54545/callback", "http://127.0.0.1/cb?x=1"):
        parts = urlsplit(uri)
        assert form_target(uri) == f"http://{parts.netloc}"
    assert form_target("http://[::1]:80/") == "http:"
    assert form_target("https://platform.claude.com/oauth/code/callback") == ""
