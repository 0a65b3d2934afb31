"""Which proxy a URL goes through, as curl would say, and how a wrong one is reported."""

from __future__ import annotations

import pytest

from keybearer.errors import ConfigError
from keybearer.shell.transports.base import TransportOptions
from keybearer.shell.transports.proxies import Proxies, bypasses_proxy, proxy_for
from keybearer.types.secret import ProxyURL

URL = "https://api.anthropic.com/v1/messages"
FROM_ENVIRONMENT = TransportOptions()


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, URL, None),
        ({"HTTPS_PROXY": "http://a:1"}, URL, "http://a:1"),
        ({"https_proxy": "http://b:2", "HTTPS_PROXY": "http://a:1"}, URL, "http://b:2"),
        ({"HTTP_PROXY": "http://a:1"}, URL, None),
        ({"ALL_PROXY": "http://a:1"}, URL, "http://a:1"),
        ({"all_proxy": "http://a:1", "HTTPS_PROXY": "http://b:2"}, URL, "http://b:2"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, URL, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "HTTP://a:1"}, URL, "http://a:1"),
        ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "anthropic.com"}, URL, None),
        ({"ALL_PROXY": "http://a:1", "no_proxy": "x", "NO_PROXY": "*"}, URL, "http://a:1"),
        ({"HTTP_PROXY": "http://a:1"}, "http://far.example/v1", "http://a:1"),
        ({"HTTP_PROXY": "http://a:1", "REQUEST_METHOD": "GET"}, "http://far.example/v1", None),
        ({"http_proxy": "http://a:1", "REQUEST_METHOD": "GET"}, "http://far.example/v1", "http://a:1"),
    ],
)
def test_the_environment_is_read_as_curl_reads_it(environ: dict[str, str], url: str, proxy: str | None) -> None:
    """The scheme's variable before ALL_PROXY, lower case before upper, http where no scheme is said."""
    assert proxy_for(url, FROM_ENVIRONMENT, environ=environ) == proxy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "127.9.9.9", "[::1]:1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_not_reached_through_another(host: str, scheme: str) -> None:
    """Without any NO_PROXY: a proxy elsewhere would see a key in clear text; only one on this machine is used for it."""
    url = f"{scheme}://{host}/v1/messages"
    everything = dict.fromkeys(["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"], "http://a:1")
    assert proxy_for(url, FROM_ENVIRONMENT, environ=everything) is None
    assert proxy_for(url, TransportOptions(proxy="http://far.example:1"), environ={}) is None
    assert proxy_for(url, TransportOptions(proxy="http://127.0.0.1:1"), environ={}) == "http://127.0.0.1:1"


def test_the_options_win_over_the_environment() -> None:
    """A proxy of the client's own is used for all; an empty one, and trust_env=False, mean none."""
    environ = {"HTTPS_PROXY": "http://a:1", "NO_PROXY": "*"}
    assert proxy_for(URL, TransportOptions(proxy="http://own:1"), environ=environ) == "http://own:1"
    assert proxy_for(URL, TransportOptions(proxy=""), environ={"HTTPS_PROXY": "http://a:1"}) is None
    assert proxy_for(URL, TransportOptions(trust_env=False), environ={"HTTPS_PROXY": "http://a:1"}) is None


@pytest.mark.parametrize(
    ("host", "port", "exceptions", "around"),
    [
        ("a.example", 443, "", False),
        ("a.example", 443, "*", True),
        ("a.example", 443, "b.example, *", True),
        ("a.example", 443, "a.example", True),
        ("x.a.example", 443, "a.example", True),
        ("x.a.example", 443, ".a.example", True),
        ("a.example", 443, ".a.example", True),
        ("aa.example", 443, "a.example", False),
        ("a.example", 443, "x.a.example", False),
        ("A.Example.", 443, "a.EXAMPLE", True),
        ("a.example", 443, "b.example a.example", True),
        ("a.example", 443, "a.example:443", True),
        ("a.example", 8443, "a.example:443", False),
        ("a.example", 443, "a.example:x", True),
        ("10.1.2.3", 443, "10.1.2.3", True),
        ("10.1.2.3", 443, "10.0.0.0/8", True),
        ("11.1.2.3", 443, "10.0.0.0/8", False),
        ("10.1.2.3", 443, "10.1.2.3:443", True),
        ("10.1.2.3", 80, "10.1.2.3:443", False),
        ("10.1.2.3", 443, "2.3", False),
        ("10.1.2.3", 443, "10.0.0.0/99", False),
        ("::1", 443, "::1", True),
        ("::1", 443, "[::1]", True),
        ("::1", 443, "[::1]:443", True),
        ("::1", 80, "[::1]:443", False),
        ("fe80::1", 443, "fe80::/10", True),
        ("fe80::1", 443, "10.0.0.0/8", False),
        ("localhost", 443, "localhost,127.0.0.1", True),
        ("a.example", 443, ".,:,[", False),
    ],
)
def test_what_goes_around_the_proxy(host: str, port: int, exceptions: str, *, around: bool) -> None:
    """Hosts and what is below them, addresses, networks, ports and `*`."""
    assert bypasses_proxy(host, port, exceptions) is around


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("ftp://proxy:1", "is of a kind that is not known; it may be http://, https://, socks5://, socks5h://"),
        ("http://:3128", "is not a URL of the form http://host:port"),
        ("http://user:canary/x@proxy:1", "a special character of a password is written as %XX"),
        ("http://user:canary@proxy:99999", "has a port that is no number from 1 to 65535"),
        ("http://proxy:3128/path", "has more than a host and a port"),
        ("http://pro xy:1", "has white space in it"),
    ],
)
def test_a_wrong_proxy_is_reported_without_a_part_of_it(proxy: str, says: str) -> None:
    """The error names where it comes from and what is wrong, and never shows the URL: a password may be in it."""
    with pytest.raises(ConfigError) as caught:
        TransportOptions(proxy=proxy)
    assert caught.value.key == "proxy"
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)
    with pytest.raises(ConfigError) as caught:
        proxy_for(URL, FROM_ENVIRONMENT, environ={"HTTPS_PROXY": proxy})
    assert caught.value.key == "HTTPS_PROXY"
    assert str(caught.value).startswith("The proxy of the environment's HTTPS_PROXY ")
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)


def test_a_proxy_without_a_scheme_is_no_argument() -> None:
    """What the environment may leave out, an argument has to say."""
    with pytest.raises(ConfigError, match="The proxy is not a URL of the form http://host:port"):
        TransportOptions(proxy="proxy.example:3128")


def test_a_socks_proxy_that_a_transport_cannot_use() -> None:
    """It is reported in words, with what can; a transport that can has it."""
    with pytest.raises(ConfigError) as caught:
        proxy_for(URL, FROM_ENVIRONMENT, environ={"ALL_PROXY": "socks5://user:canary@proxy:1080"})
    assert caught.value.message == "The proxy of ALL_PROXY is a SOCKS proxy, which this transport cannot use."
    assert "install the extra keybearer[httpx]" in caught.value.hint
    assert "canary" not in str(caught.value)
    assert proxy_for(URL, FROM_ENVIRONMENT, socks=True, environ={"ALL_PROXY": "SOCKS5://p:1"}) == "socks5://p:1"


def test_the_password_is_not_in_the_repr_of_options() -> None:
    """The repr of the options, which those of settings hold, names the host alone; the transport has the whole."""
    options = TransportOptions(proxy="http://user:canary@proxy.example:3128")
    assert repr(options).startswith("TransportOptions(proxy='http://***@proxy.example:3128', ")
    assert options.proxy == "http://user:canary@proxy.example:3128"
    for odd in ("http://user:can@ary/x@proxy:1", "user:canary@proxy:1"):
        assert "ary" not in repr(ProxyURL(odd))
    assert repr(ProxyURL("http://proxy:3128")) == "'http://proxy:3128'"


def test_an_origin_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is read at the first request to an origin, and not again."""
    proxies = Proxies(FROM_ENVIRONMENT)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:canary@a:1")
    assert proxies.of(URL) == "http://user:canary@a:1"
    assert "canary" not in repr(proxies.of(URL))
    monkeypatch.delenv("HTTPS_PROXY")
    assert proxies.of(URL) == "http://user:canary@a:1"
    assert proxies.of("https://other.example/v1") is None
