"""The Messages API as flows: arguments in, a typed value or an open stream out.

Both clients run these; nothing here knows whether the caller waits or awaits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from msgspec import Struct

from keybearer.api.answers import json_object, stated_error
from keybearer.api.bodies import finish
from keybearer.api.call import CallDefaults, prepare
from keybearer.api.checks import check_call
from keybearer.errors import InvalidRequest, KeybearerError, StreamError, UnexpectedResponse
from keybearer.exchange.classify_reply import not_the_api
from keybearer.exchange.lease import Lease
from keybearer.exchange.observing import UNOBSERVED
from keybearer.exchange.request import Exchange
from keybearer.flow import Flow
from keybearer.types.http import Reply, media_type
from keybearer.types.messages import Message, TokenCount
from keybearer.types.turn_source import filled, wants_thread
from keybearer.types.usage import count
from keybearer.wire.request.build import COUNTED, count_body, message_body
from keybearer.wire.request.caching import HOUR
from keybearer.wire.request.history import History, Known, cacheable_prefix, prepend_cached
from keybearer.wire.request.lint import MAX_MESSAGES, check, is_safe_continuation
from keybearer.wire.request.turns import RequestView
from keybearer.wire.response import parse

if TYPE_CHECKING:
    from keybearer.conversation.adaptive_cache import CacheChoice
    from keybearer.prices import Estimate

__all__ = ["MessagesAPI"]

PATH: Final = "/v1/messages"

SHORT: Final = 4
"""A conversation of so few turns is not worth remembering."""


class _NotSure(Exception):  # noqa: N818 - what happened; it never leaves this module
    """A body goes on from known turns in a way that only a look at the whole can judge."""


class _Made(NamedTuple):
    """A body, ready to be encoded.

    Attributes:
        body: The body.
        known: The turns at its beginning that were sent before.
        cacheable: The turns that may be remembered once the service has answered.
    """

    body: dict[str, Any]
    known: Known | None = None
    cacheable: Known | None = None


class _Answered(NamedTuple):
    """What came of a call.

    Attributes:
        answer: The answer.
        finished: Adds to the whole message what its prompt cache missed; None where nothing is cached.
        digest: The digest of what the service keeps with it; None when it keeps nothing.
    """

    answer: Reply | Lease
    finished: Callable[[Message], Message] | None = None
    digest: str | None = None


_MARK: Final = b'"cache_control"'
"""What stands in the JSON of a request that uses the prompt cache."""

_WATCH: Final = "keybearer.conversation.cache_watch"
"""What is loaded once a client of this process has used the prompt cache."""


class MessagesAPI(Struct, frozen=True):
    """The flows of `client.messages`.

    Attributes:
        defaults: What every call starts from.
        exchange: Sends the requests.
        history: What the client remembers of its conversations.
        run_id: The run whose calls these are; empty for none.
    """

    defaults: CallDefaults
    exchange: Exchange
    history: History
    run_id: str = ""

    @classmethod
    def of(cls, defaults: CallDefaults, exchange: Exchange) -> Self:
        """Make the flows of a client, with nothing remembered yet."""
        return cls(defaults, exchange, History())

    def create(self, params: Mapping[str, Any]) -> Flow[Message]:
        """Ask for a message; an answer that may take long is streamed underneath."""
        seconds = self._clock()
        answer, finished, thread = yield from self._answer(params, seconds, stream=None)
        if isinstance(answer, Lease):
            return (yield from answer.read_message())
        try:
            message = _message_of(answer)
        except UnexpectedResponse as error:
            if answer.observed is not None:
                answer.observed.end(error)
            self.exchange.usage.failed(self._model(params), error, seconds=seconds())
            raise
        message = message.with_headers(answer.headers).with_prices(self.defaults.prices)
        message = message if thread is None else message.with_thread(thread)
        message = message if finished is None else finished(message)
        observed = answer.observed or UNOBSERVED
        report = self.exchange.usage.report(message, complete=True, seconds=seconds(), observed=observed)
        observed.end(None, message)
        if report is not None:
            yield from report
        return message

    def open(self, params: Mapping[str, Any]) -> Flow[Lease]:
        """Ask for a message as a stream; the caller reads the lease and releases it."""
        answer = (yield from self._answer(params, self._clock(), stream=True)).answer
        if isinstance(answer, Lease):
            return answer
        due = f"{media_type(answer.headers)} where an event stream was due"
        error = stated_error(answer) or not_the_api(answer, f"but {due}")
        if answer.observed is not None:
            answer.observed.end(error)
        raise error

    def watched(self, params: Mapping[str, Any], watch: Callable[[Message | None], None] | None) -> Flow[Message]:
        """Ask for a message; with `watch` as a stream, which is called with the message so far whenever a block of it is complete."""
        if watch is None:
            return (yield from self.create(params))
        lease = yield from self.open(params)
        return (yield from lease.read_message(watch))

    def count_tokens(self, params: Mapping[str, Any]) -> Flow[TokenCount]:
        """Ask how many tokens a request has."""
        params = filled(params, without="max_tokens")
        check_call(params, self.defaults.client_only)
        body = finish(count_body(params, model=self.defaults.model), params)
        if params.get("validate", True):
            version, betas = self.defaults.version_and_betas(params)
            check(body, api_version=version, betas=tuple(betas.split(",")))
        reply = yield from prepare(self.defaults, PATH + "/count_tokens", params, body).fetch(self.exchange)
        source = json_object(reply)
        if count(source.get("input_tokens")) is None:
            raise not_the_api(reply, "but it has no number of input_tokens")
        return TokenCount.of(source).with_headers(reply.headers)

    def estimate(self, params: Mapping[str, Any]) -> Flow[Estimate]:
        """Ask how many tokens a request has, and return what it will cost."""
        from keybearer.prices import forecast

        whole = filled(params)
        check_call(whole, self.defaults.client_only)
        body = self._made(self._chosen(whole)[0], stream=False).body
        counted = yield from self.count_tokens({name: value for name, value in params.items() if name in COUNTED})
        return forecast(body, counted.input_tokens, prices=self.defaults.prices)

    def _clock(self) -> Callable[[], float]:
        """Return a function that says how many seconds have passed since now."""
        begun, monotonic = self.exchange.clocks.monotonic(), self.exchange.clocks.monotonic
        return lambda: monotonic() - begun

    def _model(self, params: Mapping[str, Any]) -> Any:
        return params.get("model") or self.defaults.model

    def _answer(
        self, params: Mapping[str, Any], seconds: Callable[[], float], *, stream: bool | None
    ) -> Flow[_Answered]:
        """Send a call, and report one that failed after it was sent.

        Args:
            params: The arguments.
            seconds: Says how long the call has taken.
            stream: Whether to ask for an event stream; None where the answer may take long.
        """
        try:
            answered = yield from self._asked(params, stream=stream)
        except KeybearerError as error:
            if isinstance(error, StreamError) and error.partial is not None:  # before its first content
                report = self.exchange.usage.report(error.partial, complete=False, seconds=seconds(), error=error)
                if report is not None:
                    yield from report
            elif error.attempts:
                self.exchange.usage.failed(self._model(params), error, seconds=seconds())
            raise
        if isinstance(answered.answer, Lease):
            answered.answer.seconds = seconds
            answered.answer.reader.accumulator.finished = answered.finished
        return answered

    def _asked(self, params: Mapping[str, Any], *, stream: bool | None) -> Flow[_Answered]:
        """Send a call; a conversation in a thread is sent again, whole, when the service has that thread no more.

        Args:
            params: The arguments.
            stream: Whether to ask for an event stream; None where the answer may take long.
        """
        threaded = wants_thread(params)
        params = filled(params)
        if stream is None:
            stream = self.defaults.takes_long(params)
        if not threaded:
            return (yield from self._send(params, stream=stream))
        from keybearer.api.threads import thread_plans

        check_call(params, self.defaults.client_only)
        refused: InvalidRequest | None = None
        for plan in thread_plans(params, self.defaults.model):
            if (refused and refused.error_code) not in plan.after:
                continue
            try:
                answered = yield from self._send(plan.params, stream=stream)
            except InvalidRequest as error:
                refused = error
                if error.error_code is None:
                    break
                continue
            if isinstance(answered.answer, Lease):
                answered.answer.reader.thread = plan.digest
            return answered._replace(digest=plan.digest)
        assert refused is not None  # noqa: S101 - the first way was tried
        raise refused

    def _send(self, params: Mapping[str, Any], *, stream: bool) -> Flow[_Answered]:
        check_call(params, self.defaults.client_only)
        params, choice = self._chosen(params)
        made = self._made(params, stream=stream)
        tags = made.known.tags if made.known else ()
        others = self.defaults.on_overload
        call = prepare(self.defaults, PATH, params, made.body, stream=stream, more_betas=tags, others=others)
        finished = self._watched(call.draft.body, params, choice)
        answer = yield from call.open(self.exchange, self.run_id)
        if made.cacheable is not None:
            self.history.remember(made.cacheable)
        return _Answered(answer, finished)

    def _chosen(self, params: Mapping[str, Any]) -> tuple[Mapping[str, Any], CacheChoice | None]:
        """Return the arguments with what `cache="adaptive"` comes to, and the choice; None for any other call."""
        watch = self.defaults.cache_watch
        if params.get("cache") != "adaptive" or watch is None:
            return params, None
        now, prices = self.exchange.clocks.wall(), self.defaults.prices
        choice = watch().choose(params.get("messages"), self._model(params), now, prices)
        return {**params, "cache": {"5m": "auto", "1h": HOUR}.get(str(choice.lifetime))}, choice

    def _watched(
        self, body: bytes, params: Mapping[str, Any], choice: CacheChoice | None
    ) -> Callable[[Message], Message] | None:
        """Return what says of the whole message what its prompt cache missed; None for a conversation that uses none."""
        watch, turns = self.defaults.cache_watch, params.get("messages")
        if watch is None:
            return None
        if choice is None and _MARK not in body and (_WATCH not in sys.modules or not watch().knows(turns)):
            return None
        return watch().observer(body, turns, self.exchange.clocks.wall(), choice)

    def _made(self, params: Mapping[str, Any], *, stream: bool) -> _Made:
        """Make the body: the caller's arguments, with breakpoints placed and images fitted where that is asked for."""
        key = self.defaults.version_and_betas(params)
        turns = params.get("messages")
        if (
            not isinstance(turns, list)
            or not SHORT < len(turns) <= MAX_MESSAGES
            or params.get("media") is not None
            or "messages" in (params.get("extra_body") or ())
        ):
            body, *_ = self._body(params, key, None, stream=stream)
            return _Made(body)
        marked = params.get("cache") is not None
        known = self.history.find(turns, key, marked=marked)
        try:
            body, sent, seen = self._body(params, key, known, stream=stream)
        except _NotSure:  # what is wrong, and where, only a look at the whole can say
            known = None
            body, sent, seen = self._body(params, key, known, stream=stream)
        more = cacheable_prefix(turns, sent, known, key, body.get("tools"), marked=marked, seen=seen)
        return _Made(body | {"messages": prepend_cached(known, body["messages"])}, known, more)

    def _body(
        self, params: Mapping[str, Any], key: tuple[str, str], known: Known | None, *, stream: bool
    ) -> tuple[dict[str, Any], list[Any], RequestView | None]:
        """Make the body, with the turns after the known ones; return these without placed breakpoints too, and what was looked at."""
        version, betas = key
        if known and known.marks and params.get("cache") is not None:
            raise _NotSure
        first = len(known.turns) if known else 0
        body = message_body(self.defaults.fill(params), model=self.defaults.model, stream=stream, first=first)
        sent = body["messages"]
        body = finish(body, params)
        if not params.get("validate", True):
            return body, sent, None
        if known is None:
            check(body, api_version=version, betas=tuple(betas.split(",")))
            return body, sent, None
        seen = RequestView(body, version, frozenset(betas.split(",")))
        if not is_safe_continuation(seen, known):
            raise _NotSure
        return body, sent, seen


def _message_of(answer: Reply) -> Message:
    """Return the message in a reply.

    Raises:
        UnexpectedResponse: It is none.
    """
    source = json_object(answer, "message")
    try:
        message = parse.message(source)
    except UnexpectedResponse:
        message = None  # the error below shows what came
    if message is None:
        raise not_the_api(answer, "but its content is not a list")
    return message
