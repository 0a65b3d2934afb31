"""One request's life, run as data: a fake clock, scripted replies, no socket."""

from __future__ import annotations

import contextlib
import functools
import json
from concurrent.futures import Future
from typing import Any

import msgspec
import pytest

from keybearer import errors as e
from keybearer.credentials.base import Credential
from keybearer.credentials.static import StaticKey
from keybearer.exchange.request import Exchange
from keybearer.exchange.traffic import Traffic
from keybearer.flow import Ambient, Flow, Notify, Prime, Send, Sleep, Wait
from keybearer.policy.breaker import CircuitBreaker
from keybearer.policy.budget import RetryBudget
from keybearer.policy.gate import Gate
from keybearer.policy.limits import RateLimiter
from keybearer.policy.pacer import Pacer
from keybearer.policy.retry import RetryPolicy
from keybearer.types.hooks import Hooks
from keybearer.types.http import Draft, Headers, Reply, Request, Timeouts
from keybearer.types.limits import Limit, RateLimits
from keybearer.types.secret import Secret

JSON = [("content-type", "application/json")]


def reply(status: int, body: Any = None, *headers: tuple[str, str]) -> Reply:
    """Return a reply with a JSON body."""
    return Reply(
        status=status, headers=Headers([*JSON, *headers]), body=json.dumps(body if body is not None else {}).encode()
    )


def refused(status: int, kind: str, *headers: tuple[str, str], code: str | None = None) -> Reply:
    """Return an error reply in the API's shape."""
    error: dict[str, Any] = {"type": kind, "message": "No."}
    if code:
        error["details"] = {"error_code": code}
    return reply(status, {"type": "error", "error": error}, *headers)


def traffic(rate: float | None = None, **parts: Any) -> Traffic:
    """Return a client's traffic, with nothing that the test does not ask for."""
    guard = contextlib.nullcontext()
    parts.setdefault("budget", RetryBudget(guard=guard))
    return Traffic(limiter=RateLimiter(rate, guard=guard), **parts)


class World:
    """A clock that moves when a flow sleeps, and a service that answers from a list.

    Attributes:
        sent: Every request, with the time at which it was sent.
        slept: Every wait.
    """

    def __init__(self, *outcomes: Reply | Exception, random: float = 0.0, took: float = 0.0) -> None:
        self.now, self._outcomes, self._took = 1000.0, list(outcomes), took
        self.sent: list[tuple[float, Request]] = []
        self.slept: list[float] = []
        self.ambient = Ambient(
            monotonic=lambda: self.now, wall=lambda: 1_700_000_000.0 + self.now, random=lambda: random
        )

    def run(self, flow: Flow[Any]) -> Any:
        """Perform a flow's effects."""
        try:
            effect = next(flow)
            while True:
                if isinstance(effect, Sleep):
                    self.slept.append(effect.seconds)
                    self.now += effect.seconds
                    effect = flow.send(None)
                    continue
                if isinstance(effect, Notify):
                    effect.hook(effect.value)
                    effect = flow.send(None)
                    continue
                if isinstance(effect, Prime):
                    try:
                        assert effect.feed(b"x")
                    except Exception as error:  # noqa: BLE001 - the flow decides
                        effect = flow.throw(error)
                    else:
                        effect = flow.send(None)
                    continue
                assert isinstance(effect, Send)
                self.sent.append((self.now, effect.request))
                self.now += self._took
                outcome = self._outcomes.pop(0)
                effect = flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(outcome)
        except StopIteration as end:
            return end.value

    def exchange(self, **options: Any) -> Exchange:
        """Return an exchange in this world."""
        defaults: dict[str, Any] = {
            "credentials": StaticKey("sk-ant-test-canary", source="a test"),
            "traffic": traffic(),
            "retry": RetryPolicy(),
            "ambient": self.ambient,
        }
        return Exchange(**(defaults | options))

    def call(self, draft: Draft | None = None, *, max_retries: int | None = None, **options: Any) -> Any:
        """Run one call."""
        return self.run(self.exchange(**options).send(draft or DRAFT, max_retries=max_retries))


DRAFT = Draft(method="POST", url="https://api.anthropic.com/v1/messages", headers={"content-type": "application/json"})


def within(seconds: float) -> Draft:
    """Return a draft with a deadline."""
    return msgspec.structs.replace(DRAFT, timeouts=Timeouts(total=seconds))


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
    """A reply after two failures is the call's reply; the waits grow from one second with decorrelated jitter."""
    world = World(
        refused(529, "overloaded_error"), e.ConnectionFailed("no", phase="connect"), reply(200, {"ok": 1}), random=0.5
    )
    assert json.loads(world.call().body) == {"ok": 1}
    assert world.slept == [1.5, 2.0]


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
def test_a_refused_credential_is_told_with_its_source(status: int, marked: int) -> None:
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
        self._left = list(tokens)

    def current(self) -> Flow[Credential]:
        """Give the token."""
        yield from ()
        return Credential("oauth", Secret(self._left[0]), "the bundle", other_hosts=("localhost",))

    def rejected(self, credential: Credential) -> None:
        """Go on to the next."""
        del self._left[: len(self._left) > 1 and credential.secret == Secret(self._left[0])]


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
        (Reply(status=204, headers=Headers(())), "HTTP 204"),
        (Reply(status=404, headers=Headers([("content-type", "text/plain")]), body=b"no such page"), "no such page"),
    ],
)
def test_what_is_not_the_api_s_is_told_with_a_safe_excerpt(answer: Reply, match: str) -> None:
    """HTML, a redirect, an empty reply or a foreign 404 is UnexpectedResponse, at once."""
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


def test_the_client_s_rate_spaces_requests() -> None:
    """At two a second, calls go out half a second apart, retries included."""
    world = World(reply(200), refused(500, "api_error"), reply(200))
    exchange = world.exchange(traffic=traffic(rate=2.0), retry=RetryPolicy(min_delay=0.1, max_delay=0.1))
    for _ in range(2):
        world.run(exchange.send(DRAFT))
    assert [at for at, _ in world.sent] == [pytest.approx(1000 + 0.5 * n) for n in range(3)]


def test_a_wait_for_the_rate_past_the_deadline_fails_now_and_gives_the_place_back() -> None:
    """A queue that is longer than the deadline is told at once, and the place is free for the next caller."""
    world = World(reply(200), reply(200))
    exchange = world.exchange(traffic=traffic(rate=0.1))
    world.run(exchange.send(DRAFT))
    with pytest.raises(e.DeadlineExceeded, match="rate limit"):
        world.run(exchange.send(within(5)))
    world.run(exchange.send(within(20)))
    assert [at for at, _ in world.sent] == [1000, 1010]


def test_a_cancelled_wait_gives_its_place_back() -> None:
    """A caller that is cancelled in the queue frees its place."""
    world = World(reply(200), reply(200))
    exchange = world.exchange(traffic=traffic(rate=1.0))
    world.run(exchange.send(DRAFT))
    waiting = exchange.send(DRAFT)
    assert isinstance(next(waiting), Sleep)
    with pytest.raises(KeyboardInterrupt):
        waiting.throw(KeyboardInterrupt())
    world.run(exchange.send(DRAFT))
    assert [at for at, _ in world.sent] == [1000, 1001]


# ── traffic ──────────────────────────────────────────────────────────────────


def test_the_budget_ends_retries_when_everything_fails() -> None:
    """A thousand calls against a service that always fails send at most a tenth more than a thousand, and the reserve."""
    world = World(*[refused(500, "api_error")] * 2000)
    exchange = world.exchange()
    for _ in range(1000):
        with pytest.raises(e.ServerError) as caught:
            world.run(exchange.send(DRAFT))
    assert len(world.sent) <= 1110
    assert "retry budget" in str(caught.value)


def test_the_breaker_opens_and_lets_one_probe_through() -> None:
    """After a row of failures nothing is sent; a hundred callers at the half-open breaker send one request."""
    circuit = CircuitBreaker(failures=3, span=0.0, cooldown=10.0, guard=contextlib.nullcontext())
    world = World(*[refused(529, "overloaded_error")] * 3, reply(200), reply(200))
    exchange = world.exchange(traffic=traffic(breaker=circuit), retry=RetryPolicy(server_attempts=1))
    for _ in range(3):
        with pytest.raises(e.Overloaded):
            world.run(exchange.send(DRAFT))
    with pytest.raises(e.CircuitOpen, match="in 10 s"):
        world.run(exchange.send(DRAFT))
    world.now += 10
    callers = [exchange.send(DRAFT) for _ in range(100)]
    effects = []
    for caller in callers:
        with contextlib.suppress(e.CircuitOpen):
            effects.append((caller, next(caller)))
    assert len(effects) == 1
    with pytest.raises(StopIteration):
        effects[0][0].send(reply(200))
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_429_or_a_4xx_never_opens_the_breaker() -> None:
    """Only failures of the service count; any other answer ends the row."""
    circuit = CircuitBreaker(failures=2, span=0.0, cooldown=10.0, guard=contextlib.nullcontext())
    kinds = [
        refused(500, "api_error"),
        refused(429, "rate_limit_error"),
        refused(500, "api_error"),
        refused(404, "not_found_error"),
    ]
    world = World(*kinds, reply(200))
    exchange = world.exchange(
        traffic=traffic(breaker=circuit), retry=RetryPolicy(server_attempts=1, rate_limit_attempts=1)
    )
    for _ in kinds:
        with pytest.raises(e.APIError):
            world.run(exchange.send(DRAFT))
    assert world.run(exchange.send(DRAFT)).status == 200


def test_a_place_is_given_back_however_a_call_ends() -> None:
    """Success, refusal, a failed connection, a broken hook's neighbour and a cancellation all free the place."""
    gate = Gate(1, future=Future, guard=contextlib.nullcontext())
    world = World(
        reply(200), refused(400, "invalid_request_error"), e.ConnectionFailed("no", phase="tls", retryable=False)
    )
    exchange = world.exchange(traffic=traffic(gate=gate))
    world.run(exchange.send(DRAFT))
    for error in (e.InvalidRequest, e.ConnectionFailed):
        with pytest.raises(error):
            world.run(exchange.send(DRAFT))
    cancelled = exchange.send(DRAFT)
    assert isinstance(next(cancelled), Send)
    assert gate.inside == 1
    with pytest.raises(KeyboardInterrupt):
        cancelled.throw(KeyboardInterrupt())
    assert gate.inside == 0


def test_a_stream_holds_its_place_until_it_is_released() -> None:
    """An open stream counts as under way; `release` gives its place back."""
    gate = Gate(2, future=Future, guard=contextlib.nullcontext())
    world = World(STREAMING)
    got = world.run(world.exchange(traffic=traffic(gate=gate)).send(STREAM_DRAFT, reader=lambda _reply: Reading(b"x")))
    assert gate.inside == 1
    got.release()
    assert gate.inside == 0


def test_no_place_within_the_deadline() -> None:
    """A wait for a place that outlasts the deadline says how many places there are."""
    gate = Gate(1, future=Future, guard=contextlib.nullcontext())
    gate.enter()
    world = World()
    waiting = world.exchange(traffic=traffic(gate=gate)).send(within(5))
    assert next(waiting).timeout == 5.0  # type: ignore[attr-defined] # it is a Wait
    with pytest.raises(e.DeadlineExceeded, match="All 1 places"):
        waiting.throw(TimeoutError())
    assert gate.waiting == 0


class Refreshing:
    """A provider whose refresh goes on elsewhere."""

    def __init__(self) -> None:
        self.future: Future[Credential] = Future()

    def current(self) -> Flow[Credential]:
        """Wait for the refresh."""
        return (yield from Wait(self.future))

    def rejected(self, credential: Credential) -> None:
        """Do nothing."""


def test_a_wait_for_a_refresh_is_under_the_deadline() -> None:
    """The wait has what is left of the call's time; when that passes the call ends, and the refresh is left alone."""
    provider = Refreshing()
    waiting = World().exchange(credentials=provider).send(within(5))
    effect = next(waiting)
    assert isinstance(effect, Wait)
    assert effect.timeout == 5.0
    with pytest.raises(e.DeadlineExceeded, match="not refreshed within"):
        waiting.throw(TimeoutError())
    assert not provider.future.cancelled()


def test_callers_that_wait_together_do_not_go_together() -> None:
    """Of those who waited for room under the service's limit, one goes for each that there is room for."""
    pacer = Pacer(guard=contextlib.nullcontext())
    world = World(*[reply(200)] * 3)
    exchange = world.exchange(traffic=traffic(pacer=pacer))
    start = world.ambient.wall()
    pacer.done(RateLimits(limits={"requests": Limit(limit=60, remaining=0, reset=start + 60)}), start)
    first, second = exchange.send(DRAFT), exchange.send(DRAFT)
    assert [next(first), next(second)] == [Sleep(1.0), Sleep(1.0)]
    world.now += 1.001
    assert isinstance(first.send(None), Send)
    assert isinstance(second.send(None), Sleep)


# ── streams, until their first content ───────────────────────────────────────

STREAM_DRAFT = msgspec.structs.replace(DRAFT, stream=True)
STREAMING = Reply(status=200, headers=Headers([("content-type", "text/event-stream")]), stream=object())


class Reading:
    """A reader that is primed by one chunk, or refuses it."""

    def __init__(self, chunk: bytes, error: Exception | None = None) -> None:
        self.chunk, self._error = chunk, error

    def prime(self, chunk: bytes) -> bool:
        """Take the chunk."""
        if self._error:
            raise self._error
        return chunk == self.chunk

    def cut(self, failure: e.TransportError) -> e.KeybearerError:
        """Return the error of a cut stream."""
        return e.StreamTruncated(f"cut: {failure.message}")


def test_an_error_inside_a_stream_before_any_content_is_tried_again_like_its_http_twin() -> None:
    """An overloaded stream is sent again as a 529 is; an invalid request inside a stream is not."""
    overloaded = e.in_stream(e.Overloaded)("no", status=529, http_status=200)
    readers = iter([Reading(b"x", overloaded), Reading(b"x", e.StreamTruncated("cut")), Reading(b"x")])
    world = World(STREAMING, STREAMING, STREAMING)
    got = world.run(world.exchange().send(STREAM_DRAFT, reader=lambda _reply: next(readers)))
    assert (len(world.sent), len(world.slept)) == (3, 2)
    assert got.reader.chunk == b"x"
    world = World(STREAMING)
    invalid = e.in_stream(e.InvalidRequest)("no", status=400, http_status=200)
    with pytest.raises(e.StreamAPIError):
        world.run(world.exchange().send(STREAM_DRAFT, reader=lambda _reply: Reading(b"x", invalid)))
    assert len(world.sent) == 1


# ── hooks ────────────────────────────────────────────────────────────────────


def test_hooks_are_told_in_order_and_of_no_secret() -> None:
    """Each attempt's request and response, and the retry between them, with no key in anything they are given."""
    told: list[Any] = []
    hooks = Hooks(on_request=told.append, on_response=told.append, on_retry=told.append)
    world = World(refused(529, "overloaded_error"), reply(200, {}, ("request-id", "req_2")))
    world.call(hooks=hooks)
    kinds = [type(each).__name__ for each in told]
    assert kinds == ["RequestSent", "ResponseReceived", "RetryPlanned", "RequestSent", "ResponseReceived"]
    assert (told[3].attempt, told[4].status, told[4].request_id) == (2, 200, "req_2")
    assert "canary" not in repr(told)


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
