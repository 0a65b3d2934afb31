"""A call of the API, prepared: its arguments become one request, once.

Strategy: `CallDefaults` is what a client gives every call; `Prepared` is what one call's arguments come to.
Everything that an argument decides is decided here, so that sending it needs no argument again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, structs

from keybearer.errors import KeybearerError
from keybearer.exchange.lease import Lease, OpenBody
from keybearer.exchange.request import Exchange, Other
from keybearer.flow import Flow
from keybearer.types.api_object import loads
from keybearer.types.http import DEFAULT_TOTAL, DefaultSeconds, Draft, Reply, Timeouts
from keybearer.wire.request.build import MAX_BODY, Endpoint, draft
from keybearer.wire.request.headers import join_betas
from keybearer.wire.response.limits import StreamLimits

if TYPE_CHECKING:
    from pathlib import Path

    from keybearer.conversation.cache_watch import CacheWatch
    from keybearer.exchange.spending import SpendPort
    from keybearer.prices import PriceTable
    from keybearer.wire.request.multipart import MultipartBody
    from keybearer.wire.response.reader import StreamReader

__all__ = ["CallDefaults", "Prepared", "prepare", "timeouts_of"]

_log = logging.getLogger("keybearer")

SECONDS_PER_TOKEN: Final = 3600 / 128_000
"""How long an answer may take: the official SDK's figure, an hour for 128,000 tokens."""

SLOWEST_UPLOAD: Final = 100_000
"""How slow an upload may be, in bytes a second."""


class CallDefaults(Struct, frozen=True, kw_only=True):
    """What every call of a client starts from.

    Attributes:
        endpoint: Where requests go.
        timeouts: The time limits of calls that name none.
        model: The model of calls that name none.
        max_tokens: The `max_tokens` of calls that name none.
        max_retries: How often to try again at the most; None for what the retry policy says.
        limits: What one stream may hold.
        strict: Whether a stream must have its last event.
        stream_long_requests: Whether an answer that may take long is streamed underneath.
        on_overload: Other models to ask, in order, when the one asked for is overloaded.
        prices: The user's own prices, by which messages count their cost; None for the public ones.
        cache_watch: Returns what the client knows of its prompt caches, made when it is first asked for; None for nothing.
        spend_limits: The spend limits of all calls.
        ledger_path: The file of the client's ledger, where limits with a name are kept; None without one.
        client_only: Options that the client takes and a call does not.
        elsewhere: Returns where another provider's requests go and what sends them, for `on_overload: [provider/model]`.
    """

    endpoint: Endpoint
    timeouts: Timeouts = Timeouts()
    model: str | None = None
    max_tokens: int | None = None
    max_retries: int | None = None
    limits: StreamLimits = StreamLimits()
    strict: bool = True
    stream_long_requests: bool = True
    on_overload: tuple[str, ...] = ()
    prices: PriceTable | None = None
    cache_watch: Callable[[], CacheWatch] | None = None
    spend_limits: tuple[SpendPort, ...] = ()
    ledger_path: Path | None = None
    client_only: frozenset[str] = frozenset()
    elsewhere: Callable[[str], tuple[Endpoint, Exchange] | None] | None = None

    def fill(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a call's arguments with the client's `max_tokens`, where they name none."""
        if params.get("max_tokens") is None and self.max_tokens is not None:
            return {**params, "max_tokens": self.max_tokens}
        return params

    def timeouts_for(self, params: Mapping[str, Any]) -> Timeouts:
        """Return a call's time limits; a long answer has as long as it is expected to take, unless somebody set a limit."""
        limits = timeouts_of(params.get("timeout"), self.timeouts)
        if isinstance(limits.total, DefaultSeconds) and (seconds := self._expected(params)) > limits.total:
            return structs.replace(limits, total=seconds)
        return limits

    def takes_long(self, params: Mapping[str, Any]) -> bool:
        """Return whether an answer may take longer than an idle connection lives, so that it is better streamed."""
        return self.stream_long_requests and self._expected(params) > 600

    def version_and_betas(self, params: Mapping[str, Any]) -> tuple[str, str]:
        """Return what the checks of a body depend on beside it: the API's version, and the beta tags."""
        headers = self.endpoint.default_headers
        if extra := params.get("extra_headers"):
            headers = {**headers, **{str(name).lower(): value for name, value in extra.items()}}
        own = self.endpoint.default_headers.get("anthropic-beta")
        return headers["anthropic-version"], join_betas(own, headers.get("anthropic-beta"), params.get("betas"))

    def reader(self, reply: Reply) -> StreamReader:
        """Make the reader of an open reply."""
        from keybearer.wire.response.reader import StreamReader

        reader = StreamReader(reply.headers, limits=self.limits, strict=self.strict)
        reader.accumulator.prices = self.prices
        return reader

    def limits_for(self, params: Mapping[str, Any]) -> tuple[SpendPort, ...]:
        """Return the spend limits of a call: the client's, and its own."""
        more = params.get("spend_limit")
        return self.spend_limits if more is None else self.with_limits(more).spend_limits

    def with_limits(self, more: Any) -> CallDefaults:
        """Return these with one spend limit more, or several, each once; one with a name is kept in the ledger's file."""
        listed = [*self.spend_limits, *(more if isinstance(more, list | tuple) else [more])]
        for each in listed:
            if self.ledger_path is not None and hasattr(each, "keep_in"):
                each.keep_in(self.ledger_path)
        return structs.replace(self, spend_limits=tuple({id(each): each for each in listed}.values()))

    def _expected(self, params: Mapping[str, Any]) -> float:
        """Return how long an answer may be expected to take, in seconds; 0 where nothing says."""
        max_tokens = params.get("max_tokens")
        if max_tokens is None:
            max_tokens = self.max_tokens
        return max_tokens * SECONDS_PER_TOKEN if isinstance(max_tokens, int) else 0.0


class Prepared(Struct, frozen=True, kw_only=True):
    """A call, ready to be sent.

    Attributes:
        draft: The request.
        max_retries: How often to try again at the most; None for what the retry policy says.
        fallback: Other models to ask, with the request to each, which is made when it is needed.
        defaults: What the call started from.
        spend_limits: Its spend limits.
    """

    draft: Draft
    max_retries: int | None
    fallback: Iterator[Other]
    defaults: CallDefaults
    spend_limits: tuple[SpendPort, ...] = ()

    def fetch(self, exchange: Exchange) -> Flow[Reply]:
        """Send the call and give its reply, with its whole body; see `Exchange.send` for what is raised."""
        reply = yield from exchange.send(
            self.draft, max_retries=self.max_retries, limits=self.spend_limits, prices=self.defaults.prices
        )
        assert isinstance(reply, Reply)  # noqa: S101 - no stream was asked for
        if reply.observed is not None:
            body = reply.body
            reply.observed.end(answer=(lambda: loads(body)) if body[:1] == b"{" else None)
        return reply

    def open(self, exchange: Exchange, run_id: str = "") -> Flow[Reply | Lease]:
        """Send a call that may be answered with an event stream, and give its lease, or the reply that came instead.

        Args:
            exchange: Sends it.
            run_id: The run that it belongs to; empty for none.
        """
        answer = yield from exchange.send(
            self.draft,
            max_retries=self.max_retries,
            reader=self.defaults.reader if self.draft.stream else None,
            fallback=self.fallback,
            limits=self.spend_limits,
            prices=self.defaults.prices,
            run_id=run_id,
        )
        assert not isinstance(answer, OpenBody) or isinstance(answer, Lease)  # noqa: S101 - it has a reader
        return answer

    def download(self, exchange: Exchange) -> Flow[OpenBody]:
        """Send the call and give its reply with an open body; the caller reads, releases and closes it."""
        answer = yield from exchange.send(
            self.draft, max_retries=self.max_retries, limits=self.spend_limits, prices=self.defaults.prices
        )
        assert isinstance(answer, OpenBody)  # noqa: S101 - every good reply is opened
        return answer


def prepare(
    defaults: CallDefaults,
    path: str,
    params: Mapping[str, Any],
    body: Mapping[str, Any] | None = None,
    *,
    method: str = "POST",
    stream: bool = False,
    opened: str = "",
    form: MultipartBody | None = None,
    more_betas: tuple[str, ...] = (),
    read_betas: bool = True,
    others: Sequence[str] = (),
    most: int = MAX_BODY,
) -> Prepared:
    """Prepare a call.

    Args:
        defaults: What the client gives every call.
        path: The path below the base URL, such as `/v1/messages`.
        params: The caller's arguments, whose options were checked; only those are read.
        body: The JSON body; None for none.
        method: The HTTP method.
        stream: Whether an event stream is asked for.
        opened: The media type of an answer whose body is left open; empty for any other answer.
        form: A form, in place of a JSON body.
        more_betas: Beta tags beside those that the body and the options ask for.
        read_betas: Whether the body is one of messages, whose fields say which beta tags it needs.
        others: Other models to ask, in order, when the one asked for is overloaded.
        most: The most bytes that the JSON body may have.

    Raises:
        LintError: The body or a header cannot be sent.
    """
    timeouts = defaults.timeouts_for(params)
    if (opened or form is not None) and isinstance(timeouts.total, DefaultSeconds):
        timeouts = structs.replace(timeouts, total=_seconds_for(form))

    def made(asked: Mapping[str, Any] | None, endpoint: Endpoint = defaults.endpoint) -> Draft:
        return draft(
            endpoint,
            path,
            asked,
            params,
            method=method,
            stream=stream,
            opened=opened,
            form=form,
            timeouts=timeouts,
            more_betas=more_betas,
            most=most,
            read_betas=read_betas,
        )

    return Prepared(
        draft=made(body),
        max_retries=params.get("max_retries", defaults.max_retries),
        fallback=_others(others, body or {}, defaults, made),
        defaults=defaults,
        spend_limits=defaults.limits_for(params),
    )


def _others(
    names: Sequence[str], body: Mapping[str, Any], defaults: CallDefaults, made: Callable[..., Draft]
) -> Iterator[Other]:
    """Give the other models to ask; one whose provider cannot be used is left out, with a warning in the log."""
    for name in names:
        provider, _, model = name.partition("/")
        try:
            there = defaults.elsewhere(provider) if model and defaults.elsewhere is not None else None
            if there is None:  # a name with a slash that is no provider's may be a gateway's
                other = Other(name, made({**body, "model": name}))
            else:
                other = Other(name, made({**body, "model": model}, there[0]), there[1])
        except KeybearerError as error:
            _log.warning("on_overload: %s is not asked: %s", name, error.message)
        else:
            yield other


def _seconds_for(form: MultipartBody | None) -> float | None:
    """Return how long a transfer may take where nobody set a limit: as long as a download goes on; by its size, an upload."""
    return None if form is None else max(DEFAULT_TOTAL, len(form) / SLOWEST_UPLOAD)


def timeouts_of(timeout: float | Timeouts | None, default: Timeouts) -> Timeouts:
    """Return the time limits that an argument stands for: a number is the call's deadline in seconds."""
    if timeout is None:
        return default
    return timeout if isinstance(timeout, Timeouts) else structs.replace(default, total=float(timeout))
