"""Wrong arguments of a client and of a call: each is reported with its name, what it got and what it takes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from keybearer import AsyncClient, Client, RetryPolicy, Secret, Timeouts
from keybearer.api.checks import CALL, check_call
from keybearer.client.options import CLIENT_ONLY, OPTIONS, ClientOptions, check_client
from keybearer.errors import ConfigError, UsageError
from keybearer.shell.transports.httpx_transport import AsyncHttpxTransport, HttpxTransport
from keybearer.types.requests import RequestOptions

KEY = "sk-ant-test"
ASK: Any = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}

SECONDS = "it takes a number of seconds, above 0 and at most a year"

WRONG: list[tuple[str, Any, str]] = [
    ("api_key", 5, "is of type int; it takes the key as text"),
    ("api_key", b"canary", "is of type bytes; it takes the key as text"),
    (
        "credentials",
        "canary",
        "is of type str; it takes a provider with current() and rejected(); a key goes into api_key",
    ),
    ("base_url", 5, "is of type int; it takes a URL as text"),
    ("base_url", "", "is '': it is not a URL of the form https://host"),
    (
        "base_url",
        "api.anthropic.com",
        "is 'api.anthropic.com': it is not a URL of the form https://host; did you mean https://api.anthropic.com",
    ),
    ("base_url", "https://a.example?x=1", "is 'https://a.example?x=1': it has a query or a fragment"),
    ("base_url", "https://user:canary@a.example", "has a user name or password in it"),
    ("base_url", "https://user:canary/x@a.example", "has a port that is no number from 1 to 65535"),
    (
        "base_url",
        "https://a.example:99999",
        "is 'https://a.example:99999': it has a port that is no number from 1 to 65535",
    ),
    ("base_url", "https://a b", "is 'https://a b': it has white space in it"),
    (
        "base_url",
        "http://a.example",
        (
            "is 'http://a.example': it is not https, and only a loopback address may go without: "
            "a key would cross the network in clear text"
        ),
    ),
    ("model", 5, "is 5; it takes text"),
    ("model", " ", "is empty"),
    ("api_version", "2026 10", "is '2026 10'; it takes printable ASCII without spaces"),
    ("timeout", math.nan, f"is nan; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", -1, f"is -1; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", 0, f"is 0; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", "5", f"is '5'; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", True, f"is True; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", 1e300, f"is 1e+300; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", math.inf, f"is inf; {SECONDS}, or Timeouts(...), where None is no limit"),
    ("timeout", Timeouts(idle=-1), f"has idle=-1; {SECONDS}, or None for no limit"),
    ("max_retries", -1, "is -1; it takes a whole number, 0 or more"),
    ("max_retries", True, "is True; it takes a whole number, 0 or more"),
    ("max_retries", 1.5, "is 1.5; it takes a whole number, 0 or more"),
    ("retry", 3, "is 3; it takes RetryPolicy(...); max_retries takes how often to try again"),
    ("retry", RetryPolicy(server_attempts=0), "has server_attempts=0; it takes a whole number, 1 or more"),
    ("retry", RetryPolicy(min_delay=math.nan), f"has min_delay=nan; {SECONDS}"),
    (
        "retry",
        RetryPolicy(min_delay=9, max_delay=2),
        "has a min_delay of 9 s, which is above its max_delay of 2 s",
    ),
    ("requests_per_second", 0, "is 0; it takes a number above 0"),
    ("requests_per_second", -1, "is -1; it takes a number above 0"),
    ("requests_per_second", math.inf, "is inf; it takes a number above 0"),
    ("requests_per_second", "2", "is '2'; it takes a number above 0"),
    ("burst", 0, "is 0; it takes a whole number, 1 or more"),
    ("concurrency", 0, "is 0; it takes a whole number, 1 or more"),
    ("adaptive", "no", "is 'no'; it takes True or False"),
    ("quota_alert_threshold", 2, "is 2; it takes a share, above 0 and at most 1"),
    ("retry_budget", -0.1, "is -0.1; it takes a share, from 0 to 1"),
    ("circuit_breaker", 5, "is 5; it takes False for none, or a CircuitBreaker"),
    ("on_overload", "claude-opus-5", "is the text 'claude-opus-5'; it takes a list: write ['claude-opus-5']"),
    ("on_overload", [5], "has one that is 5; it takes text"),
    ("on_request", "print", "is 'print'; it takes a function"),
    ("default_headers", [("a", "b")], "is of type list; it takes a mapping"),
    ("default_headers", {"a b": "canary"}, "has 'a b', which is not a header's name"),
    ("default_headers", {5: "canary"}, "has 5, which is not a header's name"),
    (
        "default_headers",
        {"x-a": "canary\r\nx-b: 1"},
        "has 'x-a' with a value that is not printable ASCII, such as a line end",
    ),
    ("default_headers", {"x-a": "canäry"}, "has 'x-a' with a value that is not printable ASCII, such as a line end"),
    ("default_headers", {"x-a": 5}, "has 'x-a' with a value of type int; it takes text"),
    (
        "default_headers",
        {"X-Api-Key": "canary"},
        "has 'X-Api-Key': a credential is never taken from a header; give it as api_key",
    ),
    ("betas", "abc", "is the text 'abc'; it takes a list: write ['abc']"),
    ("betas", {"a": 1}, "is {'a': 1}; it takes a list of beta tags"),
    ("betas", [5], "has one that is 5; it takes text"),
    ("betas", ["a\r\nb"], "has one that is 'a\\r\\nb'; it takes printable ASCII without spaces"),
    ("proxy", 3128, "is of type int; it takes a URL as text"),
    ("proxy", "proxy.example:3128", "is not a URL of the form http://host:port"),
    ("proxy", "http://user:canary@:1", "is not a URL of the form http://host:port"),
    ("ca_file", 5, "is 5; it takes the path of a PEM file"),
    ("ca_file", "/no/such/ca.pem", "is '/no/such/ca.pem': the file cannot be read: No such file or directory"),
    ("ca_file", __file__, f"is {__file__!r}: the file holds no certificate in PEM form, or a broken one"),
    ("trust_env", 1, "is 1; it takes True or False"),
    ("stream_limits", 5, "is 5; it takes StreamLimits(...)"),
    ("strict_streams", None, ""),
]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(("name", "value", "says"), WRONG)
def test_a_wrong_argument_of_a_client(kind: Callable[..., Any], name: str, value: Any, says: str) -> None:
    """A ConfigError when the client is made: the argument, what it got, what it takes, and never a secret."""
    options: Any = {"api_key": KEY, name: value}
    if not says:
        kind(**options)  # None counts as not given
        return
    with pytest.raises(ConfigError) as caught:
        kind(**options)
    assert str(caught.value) == f"Client({name}=...) {says}."
    assert caught.value.key == name
    assert "canary" not in str(caught.value)


def test_the_tables_have_every_argument() -> None:
    """No argument of a client and no option of a call goes unchecked."""
    assert set(OPTIONS) == set(ClientOptions.__annotations__)
    assert set(CALL) == set(RequestOptions.__annotations__)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("api_kye", "A client has no argument 'api_kye'. Did you mean api_key?"),
        ("timeouts", "A client has no argument 'timeouts'. Did you mean timeout?"),
        ("zzz", "A client has no argument 'zzz'. It takes adaptive, api_key, "),
    ],
)
def test_an_unknown_argument_is_reported(wrong: str, says: str) -> None:
    """A misspelt argument is a TypeError, as of any function, with the nearest name."""
    options: Any = {wrong: 1}
    with pytest.raises(TypeError) as caught:
        Client(**options)
    assert str(caught.value).startswith(says)


def test_what_is_none_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every argument may be None, as `os.environ.get` gives it, and then counts as left out."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    options: Any = dict.fromkeys(ClientOptions.__annotations__)
    client = Client(**options)
    assert repr(client) == "Client(base_url='https://api.anthropic.com', model=None)"
    assert client.limits.requests_per_second is None
    client.close()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("HTTPS://API.Anthropic.COM", "https://api.anthropic.com"),
        ("Http://LOCALHOST:8080/Path", "http://localhost:8080/Path"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_scheme_and_host_of_a_base_url_are_in_lower_case(
    given: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However they are written, what follows sees one form; the path stays as it is."""
    assert repr(Client(api_key=KEY, base_url=given)) == f"Client(base_url={used!r}, model=None)"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", given)
    assert repr(Client(api_key=KEY)) == f"Client(base_url={used!r}, model=None)"


def test_a_wrong_base_url_of_the_environment_is_reported_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable, and shows nothing that may be a password."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://a.example")
    with pytest.raises(
        ConfigError, match=r"^The environment's ANTHROPIC_BASE_URL is 'http://a.example': it is not https"
    ):
        Client(api_key=KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://user:canary@a.example")
    with pytest.raises(ConfigError, match=r"^The environment's ANTHROPIC_BASE_URL has a user name") as caught:
        Client(api_key=KEY)
    assert "canary" not in str(caught.value)


def test_a_key_may_be_a_secret() -> None:
    """What hides itself elsewhere is taken as a key, too."""
    options: Any = {"api_key": Secret(KEY)}
    Client(**options).close()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("timeout", 0, f"is 0; {SECONDS}, or Timeouts(...), where None is no limit"),
        ("timeout", math.nan, f"is nan; {SECONDS}, or Timeouts(...), where None is no limit"),
        ("max_retries", -1, "is -1; it takes a whole number, 0 or more"),
        ("max_retries", True, "is True; it takes a whole number, 0 or more"),
        ("extra_headers", "x-a: 1", "is of type str; it takes a mapping"),
        ("extra_body", [], "is of type list; it takes a mapping"),
        ("extra_query", "a=b", "is of type str; it takes a mapping"),
        ("betas", "abc", "is the text 'abc'; it takes a list: write ['abc']"),
        ("validate", "no", "is 'no'; it takes True or False"),
        ("cache", "1h", "is '1h'; it takes 'auto' or 'auto-1h' or 'adaptive'"),
        ("cache", ["auto"], "is ['auto']; it takes 'auto' or 'auto-1h' or 'adaptive'"),
        ("media", True, "is True; it takes 'fit'"),
    ],
)
def test_a_wrong_option_of_a_call(name: str, value: Any, says: str) -> None:
    """A UsageError before anything is sent, the same for every method and both clients."""
    options: Any = {name: value}
    reported = f"The call's {name} {says}."
    client, other = Client(api_key=KEY, base_url="http://127.0.0.1:1"), AsyncClient(api_key=KEY)
    count = {each: ASK[each] for each in ("model", "messages")}
    calls: list[Callable[[], Any]] = [
        lambda: client.messages.create(**ASK, **options),
        lambda: client.messages.create(**ASK, stream=True, **options),
        lambda: client.messages.stream(**ASK, **options).__enter__(),
        lambda: client.messages.count_tokens(**count, **options),
        lambda: asyncio.run(other.messages.create(**ASK, **options)),
        lambda: asyncio.run(other.messages.count_tokens(**count, **options)),
    ]
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call()
        assert str(caught.value) == reported


@pytest.mark.parametrize("name", ["on_overload", "requests_per_second", "api_key", "base_url", "on_usage"])
def test_an_argument_of_the_client_is_reported_as_such(name: str) -> None:
    """Whoever gives it to a call reads where it goes, and not that it is a parameter of the API's future; its value is not shown."""
    options: Any = {name: "canary"}
    client = Client(api_key=KEY, base_url="http://127.0.0.1:1")
    for call in (client.messages.create, client.messages.count_tokens):
        with pytest.raises(TypeError) as caught:
            call(**ASK, **options)
        assert (
            str(caught.value) == f"{name} is no option of a call: give it to the client, {name}=... where it is made."
        )


def test_a_call_without_options_is_not_looked_through() -> None:
    """The check of the usual call is one lookup: what the call has is not even read."""

    class Params(dict[str, Any]):
        def items(self) -> Any:
            raise AssertionError("it was looked through")

    check_call(Params(ASK), CLIENT_ONLY)
    with pytest.raises(AssertionError, match="looked through"):
        check_call(Params(ASK, timeout=5), CLIENT_ONLY)


def test_what_is_right_is_taken() -> None:
    """Values at the edge of what is taken are taken."""
    check_call(
        {**ASK, "timeout": 0.001, "max_retries": 0, "betas": ["a"], "validate": False, "cache": None}, CLIENT_ONLY
    )
    check_client({"timeout": Timeouts(total=None), "proxy": "", "betas": (), "burst": None, "quota_alert_threshold": 1})


def test_a_transport_that_is_none_is_reported() -> None:
    """Something without send and close, and one that is awaited where one blocks."""
    options: Any = {"api_key": KEY, "transport": "http.client"}
    for kind in (Client, AsyncClient):
        with pytest.raises(ConfigError) as caught:
            kind(**options)
        assert str(caught.value) == (
            "Client(transport=...) is of type str; it takes an object with send(request) and close()."
        )
    options["transport"] = AsyncHttpxTransport()
    with pytest.raises(ConfigError) as caught:
        Client(**options)
    assert str(caught.value) == (
        "Client(transport=...) is of type AsyncHttpxTransport, which is awaited; it takes one that blocks. AsyncClient takes it."
    )
    AsyncClient(**options)
    options["transport"] = HttpxTransport()
    with pytest.raises(ConfigError) as caught:
        AsyncClient(**options)
    assert str(caught.value) == (
        "AsyncClient(transport=...) is of type HttpxTransport, which blocks; it takes one that is awaited. Client takes it."
    )
    Client(**options)
