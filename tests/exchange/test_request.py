"""One request's life, run as data: signed, judged, tried again, reported."""

from __future__ import annotations

import contextlib
import functools
import json
from concurrent.futures import Future
from typing import Any

import msgspec
import pytest

from keybearer import errors as e
from keybearer.credentials.credential import Credential
from keybearer.credentials.signers.bearer import BearerSigner
from keybearer.credentials.sources.static import StaticKey
from keybearer.exchange.request import Other
from keybearer.flow import Flow
from keybearer.policy.concurrency import ConcurrencyLimiter
from keybearer.types.hooks import Hooks
from keybearer.types.http import Headers, Reply
from keybearer.types.secret import Secret
from keybearer.wire.response.reader import StreamReader
from support.world import DRAFT, World, admission, refused, reply, within


def test_a_request_is_signed_only_when_it_is_sent() -> None:
    """The draft has no credential; the sent request has the key."""
    world = World(reply(200))
    assert world.call().status == 200
    assert "x-api-key" not in DRAFT.headers
    assert world.sent[0][1].headers["x-api-key"] == "sk-ant-test-canary"


@pytest.mark.parametrize(
    ("status", "kind", "cls", "sent"),
    [
        (400, "invalid_request_error", e.InvalidRequest, 1),
        (401, "authentication_error", e.AuthenticationFailed, 1),
        (402, "billing_error", e.QuotaExceeded, 1),
        (403, "permission_error", e.PermissionDenied, 1),
        (404, "not_found_error", e.NotFound, 1),
        (409, "conflict_error", e.Conflict, 1),
        (413, "request_too_large", e.RequestTooLarge, 1),
        (429, "rate_limit_error", e.RateLimited, 5),
        (500, "api_error", e.ServerError, 3),
        (504, "timeout_error", e.ServerError, 3),
        (529, "overloaded_error", e.Overloaded, 3),
    ],
)
def test_each_row_of_the_table_of_errors(status: int, kind: str, cls: type[e.APIError], sent: int) -> None:
    """Each status has its class, and is sent as often as it is worth."""
    world = World(*[refused(status, kind, ("retry-after", "1"))] * 9)
    with pytest.raises(cls) as caught:
        world.call(within(3600))
    assert len(world.sent) == sent
    assert type(caught.value) is cls
    assert len(caught.value.attempts) == sent


def test_it_goes_on_after_what_passes() -> None:
    """A reply after two failures is the call's reply; waits grow from a second with jitter, none shorter than the last."""
    world = World(
        refused(529, "overloaded_error"), e.ConnectionFailed("no", phase="connect"), reply(200, {"ok": 1}), random=0.5
    )
    assert json.loads(world.call().body) == {"ok": 1}
    assert world.slept == [1.5, 2.25]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ([("retry-after", "7")], 7.0),
        ([("retry-after", "7.5")], 7.5),
        ([("retry-after-ms", "2500"), ("retry-after", "9")], 2.5),
        ([("retry-after", "Tue, 14 Nov 2023 22:30:20 GMT")], 20.0),
        ([("retry-after", "0")], 1.0),
    ],
)
def test_the_service_s_wait_is_kept(headers: list[tuple[str, str]], waited: float) -> None:
    """Seconds, milliseconds and an HTTP date are kept; our own wait is the least."""
    world = World(refused(429, "rate_limit_error", *headers), reply(200))
    world.call()
    assert world.slept == [pytest.approx(waited)]


@pytest.mark.parametrize("value", ["inf", "nan", "-1", "soon", "", "9" * 400])
def test_a_wait_without_sense_is_ours_instead(value: str) -> None:
    """Infinity, nonsense and negative waits count as no wait given: 60 s for a 429."""
    world = World(refused(429, "rate_limit_error", ("retry-after", value)), reply(200))
    world.call()
    assert world.slept == [60.0]


@pytest.mark.parametrize("value", ["3600", "51811", "Fri, 01 Jan 2099 00:00:00 GMT"])
def test_a_wait_past_the_deadline_fails_now_and_says_so(value: str) -> None:
    """No call sleeps past its deadline: the error that asked for the wait comes at once and names both."""
    world = World(refused(429, "rate_limit_error", ("retry-after", value), ("x-should-retry", "true")))
    with pytest.raises(e.RateLimited, match=r"Not tried again.*600") as caught:
        world.call()
    assert world.slept == []
    assert caught.value.retry_after > 600


def test_the_deadline_covers_every_attempt() -> None:
    """Time spent sending counts: the second attempt gets what is left, and no third begins when nothing is."""
    world = World(refused(500, "api_error"), refused(500, "api_error"), took=4.0)
    with pytest.raises(e.ServerError, match="Not tried again"):
        world.call(within(10))
    assert [sent.timeouts.total for _, sent in world.sent] == [10.0, 5.0]
    assert [sent.deadline for _, sent in world.sent] == [10.0, 10.0]  # what an error names as the call's


def test_x_should_retry_is_kept() -> None:
    """`false` ends a call that would be tried again; `true` tries one again that would end."""
    world = World(refused(529, "overloaded_error", ("x-should-retry", "false")))
    with pytest.raises(e.Overloaded):
        world.call()
    world = World(refused(409, "conflict_error", ("x-should-retry", "true")), reply(200))
    assert world.call().status == 200


def test_max_retries_is_a_limit_for_every_kind() -> None:
    """A call's own limit counts for 429 and 5xx alike; 0 means one attempt."""
    for retries in (0, 1, 6):
        world = World(*[refused(429, "rate_limit_error", ("retry-after", "1"))] * 9)
        with pytest.raises(e.RateLimited):
            world.call(max_retries=retries)
        assert len(world.sent) == retries + 1


def test_a_quota_is_not_tried_again() -> None:
    """A 429 that is a spend limit fails at once."""
    world = World(refused(429, "rate_limit_error", code="enforced_spend_limit_reached"))
    with pytest.raises(e.QuotaExceeded, match="does not help"):
        world.call()
    assert len(world.sent) == 1


class Recording:
    """A provider that remembers what was refused."""

    def __init__(self) -> None:
        self.refused: list[Credential] = []
        self._inner = StaticKey("sk-ant-test-canary", source="the vault")

    def current(self) -> Flow[Credential]:
        """Give the key."""
        return self._inner.current()

    def rejected(self, credential: Credential) -> None:
        """Remember."""
        self.refused.append(credential)


@pytest.mark.parametrize(("status", "marked"), [(401, 1), (403, 0)])
def test_a_refused_credential_is_reported_with_its_source(status: int, marked: int) -> None:
    """401 and 403 name kind and source, never the key; only a 401 marks the credential."""
    provider = Recording()
    world = World(refused(status, {401: "authentication_error", 403: "permission_error"}[status]))
    with pytest.raises(e.CredentialInvalid) as caught:
        world.call(credentials=provider)
    assert (caught.value.kind, caught.value.source) == ("api_key", "the vault")
    assert "the vault" in str(caught.value)
    assert "canary" not in f"{caught.value}{caught.value!r}"
    assert len(provider.refused) == marked


class Tokens:
    """A provider of OAuth tokens: the first, until it is refused, then the next, if there is one."""

    def __init__(self, *tokens: str) -> None:
        self.left = list(tokens)

    def current(self) -> Flow[Credential]:
        """Give the token."""
        yield from ()
        return Credential(BearerSigner(Secret(self.left[0]), other_hosts=("localhost",)), "the bundle")

    def rejected(self, credential: Credential) -> None:
        """Go on to the next."""
        del self.left[: len(self.left) > 1 and credential.access_token == Secret(self.left[0])]


@pytest.mark.parametrize(
    ("tokens", "answers", "sent"),
    [
        (["old", "new"], [401, 200], ["Bearer old", "Bearer new"]),
        (["old", "new"], [401, 401], ["Bearer old", "Bearer new"]),
        (["only"], [401], ["Bearer only"]),
    ],
)
def test_a_refused_token_is_replaced_once_where_there_is_another(
    tokens: list[str], answers: list[int], sent: list[str]
) -> None:
    """With `retry_on_401` a refused token is replaced and the request sent once more; never with the same token."""
    world = World(*[reply(200) if each == 200 else refused(each, "authentication_error") for each in answers])
    call = functools.partial(world.call, credentials=Tokens(*tokens), retry_on_401=True)
    if answers[-1] == 200:
        assert call().status == 200
    else:
        with pytest.raises(e.AuthenticationFailed) as caught:
            call()
        assert caught.value.attempts == ("401",) * len(answers)
    assert [request.headers["authorization"] for _, request in world.sent] == sent


OVERLOADED, UNAUTHENTICATED = (529, "overloaded_error"), (401, "authentication_error")


@pytest.mark.parametrize(
    ("answers", "sent", "left", "fails"),
    [
        ([OVERLOADED, UNAUTHENTICATED, 200], "a1 b1 b2", (["a1", "a2"], ["b2"]), False),
        ([UNAUTHENTICATED, OVERLOADED, UNAUTHENTICATED, 200], "a1 a2 b1 b2", (["a2"], ["b2"]), False),
        ([OVERLOADED, UNAUTHENTICATED, UNAUTHENTICATED], "a1 b1 b2", (["a1", "a2"], ["b2"]), True),
    ],
)
def test_another_providers_token_is_replaced_once(
    answers: list[Any], sent: str, left: tuple[list[str], list[str]], fails: bool
) -> None:
    """After an overload the other provider's `retry_on_401` counts: its token is replaced, once, and the first one's is left alone."""
    world = World(*[reply(200) if each == 200 else refused(*each) for each in answers])
    first, second = Tokens("a1", "a2"), Tokens("b1", "b2")
    other = Other("b/model", DRAFT, world.exchange(credentials=second, retry_on_401=True))
    flow = world.exchange(credentials=first, retry_on_401=True).send(DRAFT, fallback=iter([other]))
    with pytest.raises(e.AuthenticationFailed) if fails else contextlib.nullcontext():
        assert world.run(flow).status == 200
    assert [request.headers["authorization"].removeprefix("Bearer ") for _, request in world.sent] == sent.split()
    assert (first.left, second.left) == left


@pytest.mark.parametrize("login", ["first", "second"])
def test_a_providers_own_retry_on_401_counts(login: str) -> None:
    """Where only one of the two providers has `retry_on_401`, a refusal (401) of the other is the call's error."""
    world = World(refused(*OVERLOADED), refused(*UNAUTHENTICATED), reply(200))
    second = Tokens("b1", "b2")
    other = Other("b/model", DRAFT, world.exchange(credentials=second, retry_on_401=login == "second"))
    flow = world.exchange(retry_on_401=login == "first").send(DRAFT, fallback=iter([other]))
    with pytest.raises(e.AuthenticationFailed) if login == "first" else contextlib.nullcontext():
        assert world.run(flow).status == 200
    assert len(world.sent) == (2 if login == "first" else 3)


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (
            Reply(status=200, headers=Headers([("content-type", "text/html")]), body=b"<html>\n<b>Login</b>"),
            "text/html.*Login",
        ),
        (
            Reply(status=307, headers=Headers([("location", "https://evil.example/")])),
            "redirect to 'https://evil.example/'",
        ),
    ],
)
def test_what_is_not_the_api_s_is_reported_with_a_safe_excerpt(answer: Reply, match: str) -> None:
    """HTML or a redirect is UnexpectedResponse, at once."""
    world = World(answer)
    with pytest.raises(e.UnexpectedResponse, match=match) as caught:
        world.call()
    assert caught.value.status == answer.status
    assert len(world.sent) == 1


def test_a_gateway_s_html_error_is_a_server_error() -> None:
    """A 502 from a proxy, whatever its body, is worth another try."""
    bad = Reply(status=502, headers=Headers([("content-type", "text/html")]), body=b"<html>Bad gateway")
    assert World(bad, reply(200)).call().status == 200


def test_transport_errors_are_tried_again_unless_it_cannot_help() -> None:
    """A failed connection is tried again; a certificate that is not trusted is not."""
    world = World(e.ConnectionFailed("no", phase="connect"), e.TimedOut("no", phase="connect"), reply(200))
    assert world.call().status == 200
    world = World(e.ConnectionFailed("bad certificate", phase="tls", retryable=False))
    with pytest.raises(e.ConnectionFailed):
        world.call()
    assert len(world.sent) == 1


def stale(*, reused: bool = True, phase: str = "first_byte") -> e.ConnectionFailed:
    """Return the failure of a connection that ended before a reply."""
    return e.ConnectionFailed("gone", phase=phase, reused=reused)


def test_a_stale_connection_is_tried_once_more_at_once() -> None:
    """A failure on a kept-alive connection before any reply sends the request again, once: hooks, budget and `attempts` see it."""
    planned: list[Any] = []
    world = World(stale(), reply(200))
    exchange = world.exchange(hooks=Hooks(on_retry=planned.append))
    left = exchange.admission.budget.left
    assert world.run(exchange.send(DRAFT, max_retries=0)).status == 200
    assert (len(world.sent), world.slept, [each.delay for each in planned]) == (2, [], [0.0])
    assert exchange.admission.budget.left < left
    world = World(stale(), stale(), reply(200))
    with pytest.raises(e.ConnectionFailed) as caught:
        world.call(max_retries=0)
    assert (len(world.sent), len(caught.value.attempts)) == (2, 2)


@pytest.mark.parametrize(
    ("failure", "took"), [(stale(reused=False), 0.0), (stale(phase="read"), 0.0), (stale(), 0.6)], ids=str
)
def test_what_may_have_been_carried_out_is_not_sent_again(failure: e.ConnectionFailed, took: float) -> None:
    """A fresh connection, a reply that had begun, or a failure that took its time: the service may have seen the request."""
    world = World(failure, reply(200), took=took)
    with pytest.raises(e.ConnectionFailed):
        world.call(max_retries=0)
    assert len(world.sent) == 1


STREAM_DRAFT = msgspec.structs.replace(DRAFT, stream=True)


STREAMING = Reply(status=200, headers=Headers([("content-type", "text/event-stream")]), stream=object())


class Reading(StreamReader):
    """A reader that is primed by one chunk, or refuses it."""

    def __init__(self, chunk: bytes, error: Exception | None = None) -> None:
        super().__init__(Headers(()))
        self.chunk, self._error = chunk, error

    def read_preamble(self, chunk: bytes) -> bool:
        """Take the chunk."""
        if self._error:
            raise self._error
        return chunk == self.chunk

    def cut(self, failure: e.TransportError) -> e.StreamTruncated:
        """Return the error of a cut stream."""
        return e.StreamTruncated(f"cut: {failure.message}")


def test_a_stream_holds_its_place_until_it_is_released() -> None:
    """An open stream counts as under way; `release` gives its place back."""
    concurrency = ConcurrencyLimiter(2, future=Future, lock=contextlib.nullcontext())
    world = World(STREAMING)
    got = world.run(
        world.exchange(admission=admission(concurrency=concurrency)).send(
            STREAM_DRAFT, reader=lambda _reply: Reading(b"x")
        )
    )
    assert concurrency.in_use == 1
    got.release()
    assert concurrency.in_use == 0


def test_an_error_inside_a_stream_before_any_content_is_tried_again_like_its_http_counterpart() -> None:
    """An overloaded stream is sent again as a 529 is; an invalid request inside a stream is not."""
    overloaded = e.in_stream(e.Overloaded)("no", status=529, http_status=200)
    readers = iter([Reading(b"x", overloaded), Reading(b"x", overloaded), Reading(b"x")])
    world = World(STREAMING, STREAMING, STREAMING)
    got = world.run(world.exchange().send(STREAM_DRAFT, reader=lambda _reply: next(readers)))
    assert (len(world.sent), len(world.slept)) == (3, 2)
    assert got.reader.chunk == b"x"
    world = World(STREAMING)
    invalid = e.in_stream(e.InvalidRequest)("no", status=400, http_status=200)
    with pytest.raises(e.StreamAPIError):
        world.run(world.exchange().send(STREAM_DRAFT, reader=lambda _reply: Reading(b"x", invalid)))
    assert len(world.sent) == 1


def test_hooks_are_called_in_order_and_get_no_secret() -> None:
    """Each attempt's request and response, and the retry between them, with no key in anything they are given."""
    reported: list[Any] = []
    hooks = Hooks(on_request=reported.append, on_response=reported.append, on_retry=reported.append)
    world = World(refused(529, "overloaded_error"), reply(200, {}, ("request-id", "req_2")))
    world.call(hooks=hooks)
    kinds = [type(each).__name__ for each in reported]
    assert kinds == ["RequestSent", "ResponseReceived", "RetryPlanned", "RequestSent", "ResponseReceived"]
    assert (reported[3].attempt, reported[4].status, reported[4].request_id) == (2, 200, "req_2")
    assert "canary" not in repr(reported)


def test_a_quota_says_when_it_resets() -> None:
    """A spent subscription window is a quota, and says in words when it resets."""
    world = World(
        refused(
            429,
            "rate_limit_error",
            ("anthropic-ratelimit-unified-status", "rejected"),
            ("anthropic-ratelimit-unified-reset", str(1_700_001_000 + 2 * 3600 + 300)),
        )
    )
    with pytest.raises(e.QuotaExceeded, match=r"resets at 2023-11-15 00:35 UTC \(in 2 h 5 min\)") as caught:
        world.call()
    assert caught.value.resets_at == 1_700_008_500


@pytest.mark.parametrize(
    "lost",
    [
        e.ConnectionFailed("no", phase="first_byte", delivered=True),
        e.ConnectionFailed("no", phase="send", delivered=True, reused=True),
        refused(504, "timeout_error"),
    ],
)
def test_what_makes_something_is_not_sent_again_in_doubt(lost: Any) -> None:
    """Sent once, and the error says where to look; a connection that was stale is no exception, a refusal is tried again."""
    making = msgspec.structs.replace(DRAFT, look_first="client.messages.batches.list()")
    world = World(lost, reply(200))
    with pytest.raises(e.KeybearerError) as caught:
        world.call(making)
    assert len(world.sent) == 1
    assert not caught.value.retryable
    assert "Look for it first: client.messages.batches.list()" in str(caught.value)
    world = World(refused(529, "overloaded_error"), e.ConnectionFailed("no", phase="connect"), reply(200))
    assert world.call(making).status == 200
