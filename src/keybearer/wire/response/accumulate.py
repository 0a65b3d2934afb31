"""Builds a message from the events of a stream; every stream goes through this accumulator.

Strategy: the allowed transitions are a table (`transitions`), and so are the deltas (`deltas`). The pieces of a text are appended to a
list of their block and joined once, when the block ends, so the cost of an event does not grow with the stream. A snapshot is built
only when it is read.

Contract: an event that the table does not allow raises `StreamProtocolError`, an `error` event raises the error that it reports, and
`close` before `message_stop` raises `StreamTruncated`. Each has the message so far. A tool input that is not JSON is never returned as
complete: `message_stop` raises `StreamProtocolError` for it, unless the answer reached `max_tokens` in its last block, which is then
marked `incomplete`. Unknown events, deltas and blocks are accepted. Unknown fields of a delta are merged into its block, those of
`message_delta` and `message_stop` into the message. A null does not replace an earlier value.

Limits: `StreamLimits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from keybearer.errors import StreamError, StreamProtocolError, StreamTruncated
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.types import events as ev
from keybearer.types.content import ContentBlock
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.json import loads, weight_of
from keybearer.wire.response.block_builder import BlockBuilder, finished_event
from keybearer.wire.response.deltas import kind_of
from keybearer.wire.response.errors import is_error_body, stream_error
from keybearer.wire.response.limits import StreamLimits
from keybearer.wire.response.transitions import TRANSITIONS, StreamState

if TYPE_CHECKING:
    from keybearer.prices import Cost, PriceTable

__all__ = ["MessageAccumulator"]

_D = TypeVar("_D")
_E = TypeVar("_E", bound=StreamError)


class MessageAccumulator:
    """Build a message from the events of a stream.

    Args:
        headers: The reply's headers, for the message and the errors' request id.
        limits: The limits of the stream; the defaults of `StreamLimits` when omitted.
        strict: Whether a stream without `message_stop` is an error even if a stop reason came and every block has ended.

    Attributes:
        state: The state of the message.
        events: How many events came, pings included.
        room: How many more characters the message may have.
        current: The block that the last text delta was for, while it streams; else None.
        blocks: The blocks by index, from 0.
        prices: The user's own prices, by which the message counts its cost; None for the public ones.
        finished: Returns the complete message with what its caller adds to it; None to leave it as it is.
    """

    def __init__(
        self, headers: Headers | None = None, *, limits: StreamLimits | None = None, strict: bool = True
    ) -> None:
        self._headers = headers or Headers(())
        self._limits = limits or StreamLimits()
        self._strict = strict
        self._start: dict[str, Any] = {}
        self._final: Message | None = None
        self._usage: dict[str, Any] = {}
        self.prices: PriceTable | None = None
        self.finished: Callable[[Message], Message] | None = None
        self._pings = 0
        self.describe: Callable[[StreamError], None] | None = None
        self.state = StreamState.START
        self.events = 0
        self.room = self._limits.text_bytes
        self.current: BlockBuilder | None = None
        self.blocks: dict[int, BlockBuilder] = {}

    def __repr__(self) -> str:
        return f"<MessageAccumulator: {self.events} events, {'complete' if self.done else 'not complete'}>"

    @property
    def progress(self) -> int:
        """How many events came, without pings."""
        return self.events - self._pings

    def feed(self, event: ev.RawEvent) -> None:
        """Feed the next event.

        Raises:
            StreamAPIError: The event is an error.
            StreamProtocolError: The event is not allowed in this state, or a limit is passed.
        """
        for _ in self.read(iter, (event,), helpers=False):
            pass

    def read(self, decode: Callable[[_D], Iterable[ev.RawEvent]], data: _D, *, helpers: bool) -> Iterator[Any]:
        """Decode data and yield each event once it is merged into the message; stop after `message_stop`.

        Args:
            decode: Returns the events of the data. The message so far is set on its errors too.
            data: The data.
            helpers: Whether to yield helper events as well, and stop events with the finished block or message.

        Raises:
            StreamError: As `feed`.
        """
        try:
            for event in decode(data):
                self.events += 1
                block = self.current
                # Nearly every event is one more text delta of the current block: no call and no table is needed for it.
                if (
                    type(event) is not ev.ContentBlockDeltaEvent
                    or block is None
                    or event.index != block.index
                    or type(event.delta) is not block.delta
                ):
                    block = self._text_block(event)
                    if block is None:
                        yield from self._others(event, helpers=helpers)
                        if self._final is not None:
                            return
                        continue
                pieces = block.pieces
                piece: str = getattr(event.delta, block.field)  # type: ignore[union-attr] # `block` says that it is a delta
                pieces.append(piece)
                self.room -= len(piece)
                if self.room < 0:
                    self._hold(0)
                yield event
                if helpers and block.event is not None:
                    yield block.event(pieces, len(pieces), piece)
        except StreamError as error:
            raise self.with_partial(error) from None

    def _text_block(self, event: ev.RawEvent) -> BlockBuilder | None:
        """Merge a delta; return its block if the delta's text is still to be appended, else None."""
        if not isinstance(event, ev.ContentBlockDeltaEvent):
            return None
        block = self._delta(event)
        return block if type(event.delta) is block.delta else None

    def _others(self, event: ev.RawEvent, *, helpers: bool) -> Iterator[Any]:
        """Yield an event that is not a text delta, and its helper event."""
        if isinstance(event, ev.ContentBlockDeltaEvent):
            yield event
            helper = self.blocks[event.index].helper(kind_of(event.delta), event.delta) if helpers else None
            if helper is not None:
                yield helper
            return
        block = self._step(event)
        given = finished_event(event, block, self._final) if helpers else event
        if given is not None:
            yield given

    def _delta(self, event: ev.ContentBlockDeltaEvent) -> BlockBuilder:
        """Merge a delta, except the text of a text delta, and return its block."""
        delta, kind = event.delta, kind_of(event.delta)
        block = self.blocks.get(event.index)
        if block is None or (block.state, event.type) not in TRANSITIONS:  # a block streams only in an open message
            raise self._protocol(f"a {delta.type} came for block {event.index}, which is not open")
        if block.known and block.source["type"] not in kind.blocks:
            raise self._protocol(f"a {delta.type} came for block {event.index}, a {block.source['type']} block")
        if block.kind is None and not block.known and kind.is_text:
            block.made_of(kind)  # the first text delta shows what an unknown block is made of
        if kind is block.kind:
            self.current = block
            if type(event) is ev.ContentBlockDeltaEvent:
                return block
        fields = block.changes(kind, delta)
        self._hold(weight_of(fields))
        block.merge(kind, fields)
        return block

    def _hold(self, weight: int) -> None:
        self.room -= weight
        if self.room < 0:
            raise self._protocol(f"the message is longer than {self._limits.text_bytes} characters")

    def _step(self, event: ev.RawEvent) -> BlockBuilder | None:
        """Apply an event that is not a delta; return its block, if it has one."""
        if isinstance(event, ev.PingEvent):
            self._pings += 1
            return None
        if isinstance(event, ev.UnknownEvent):
            return None
        if isinstance(event, ev.ErrorEvent):
            raise stream_error(event, self._headers)
        state = TRANSITIONS.get((self.state, event.type))
        if state is None:
            raise self._protocol(
                "a second message_start came"
                if event.type == "message_start"
                else f"{event.type} came {'before message_start' if self.state is StreamState.START else 'after message_stop'}"
            )
        block = None
        if isinstance(event, ev.MessageStartEvent):
            self._begin(event)
        elif isinstance(event, ev.ContentBlockStartEvent):
            if event.index != len(self.blocks):
                raise self._protocol(f"block {event.index} began where block {len(self.blocks)} was due")
            block = self._open(event.index, event.content_block)
        elif isinstance(event, ev.RawContentBlockStopEvent):
            block = self._block_stop(event)
        elif isinstance(event, ev.MessageDeltaEvent):
            self._message_delta(event)
        else:
            self._finish(event)
        self.state = state
        return block

    def _begin(self, event: ev.MessageStartEvent) -> None:
        self.state = StreamState.OPEN
        self._start = event.message.to_dict()
        self._usage = event.message.usage.to_dict()
        for index, block in enumerate(event.message.content):
            self._open(index, block).finish()

    def _block_stop(self, event: ev.RawContentBlockStopEvent) -> BlockBuilder:
        block = self.blocks.get(event.index)
        if block is None or (block.state, event.type) not in TRANSITIONS:
            raise self._protocol(f"block {event.index} ended, but it is not open")
        self.current = None
        block.finish()
        return block

    def _open(self, index: int, block: ContentBlock) -> BlockBuilder:
        if index >= self._limits.blocks:
            raise self._protocol(f"the message has more than {self._limits.blocks} blocks")
        source = dict(block.to_dict())
        self._hold(weight_of(source))
        self.blocks[index] = BlockBuilder(source, index)
        if source.get("type") == "fallback":
            to = source.get("to")
            model = to.get("model") if isinstance(to, dict) else None
            self._start["model"] = model if isinstance(model, str) else self._start.get("model")
        return self.blocks[index]

    def _message_delta(self, event: ev.MessageDeltaEvent) -> None:
        self._add(self._start, event.delta.to_dict() | self._more(event, "delta", "usage"))
        # The figures are cumulative: each replaces the one before.
        self._add(self._usage, event.usage.to_dict())

    def _add(self, known: dict[str, Any], news: dict[str, Any]) -> None:
        """Update known fields; a null does not replace a value."""
        known |= {name: value for name, value in news.items() if value is not None or name not in known}

    def _more(self, event: ev.RawEvent, *known: str) -> dict[str, Any]:
        """Return the fields of an event, except its type and those that are named."""
        more = {name: value for name, value in event.to_dict().items() if name != "type" and name not in known}
        if more:
            self._hold(weight_of(more))
        return more

    def _finish(self, event: ev.RawEvent) -> None:
        self._add(self._start, self._more(event))
        for index, block in self.blocks.items():
            if block.state is not StreamState.ENDED:
                raise self._protocol(f"message_stop came while block {index} was open")
        self._check_inputs()
        if self._strict and self._start.get("stop_reason") is None:
            raise self._protocol("message_stop came, but nothing said why the message ended")
        self._end()

    def _end(self) -> None:
        message = self._build()
        self._final = message if self.finished is None else self.finished(message)

    def _check_inputs(self) -> None:
        """Refuse an incomplete tool input. One in the last block is marked instead if the stop reason is `max_tokens`."""
        last = self.blocks.get(len(self.blocks) - 1)
        if self._start.get("stop_reason") == "max_tokens" and last is not None and last.may_be_cut:
            last.cut()
        for index, block in self.blocks.items():
            if block.block is None:
                raise self._protocol(
                    f"the input of tool call {block.source.get('name')!r} (block {index}) is not complete JSON",
                    "The partial input is in error.partial.",
                )

    def _build(self) -> Message:
        content = [block.snapshot() for block in self.blocks.values()]
        source = self._start | {"content": [block.to_dict() for block in content]}
        if self._usage or "usage" in self._start:
            source["usage"] = self._usage or None
        return Message.of(source, content=content).with_headers(self._headers).with_prices(self.prices)

    @property
    def cost(self) -> Cost:
        """What the message has cost so far, by the figures that came; see `Message.cost`."""
        if self._final is not None:
            return self._final.cost
        so_far = {
            "model": self._start.get("model"),
            "usage": self._usage,
            "stop_reason": self._start.get("stop_reason"),
        }
        return Message.of(so_far).with_headers(self._headers).with_prices(self.prices).cost

    @property
    def done(self) -> bool:
        """Whether the message is complete."""
        return self.state is StreamState.DONE

    @property
    def message(self) -> Message | None:
        """The message, as far as it came; complete once `done`, None before `message_start`. Built at each read until then."""
        if self._final is not None or self.state is StreamState.START:
            return self._final
        return self._build()

    def close(self, *, stray: bytes = b"", done_mark: bool = False) -> None:
        """End the stream.

        Args:
            stray: The first lines that belonged to no event.
            done_mark: Whether `[DONE]`, the end mark of another API, came.

        Raises:
            StreamTruncated: The message is not complete.
            StreamAPIError: The lines in `stray` report an error.
            StreamProtocolError: There were no events, but lines of something else.
        """
        if self.done:
            return
        if stray:
            self._raise_stray(stray)
        ended = all(block.state is StreamState.ENDED for block in self.blocks.values())
        complete = self._start.get("stop_reason") is not None and ended
        if complete and not self._strict:
            self._check_inputs()
            self._end()
            self.state = StreamState.DONE
            return
        seen = "no event at all" if not self.events else f"{self.events} events, but no message_stop"
        end = " but another API's end mark, [DONE]" if done_mark else ""
        end += f", and what is no event: '{excerpt(stray)}'" if stray else ""
        error = StreamTruncated(
            f"The stream ended before the message did: {seen} came{end}.",
            logically_complete=complete,
            hint="Only the end mark is missing; strict_streams=False accepts that from a proxy that omits it."
            if complete
            else "What came is in error.partial. If a proxy translates this stream, its translation is not whole."
            if done_mark
            else "The connection was cut. What came is in error.partial; send the request again for the whole.",
        )
        raise self.with_partial(error)

    def _raise_stray(self, stray: bytes) -> None:
        """Raise the error that lines outside of events report, or one for a body that is no event stream."""
        try:
            body = loads(stray)
        except ValueError:
            body = None
        if isinstance(body, dict) and is_error_body(body):
            raise self.with_partial(stream_error(ev.ErrorEvent.of({"type": "error"} | body), self._headers))
        if not self.events:
            raise self._protocol(
                f"it has no events, though its type says so; it begins: '{excerpt(stray)}'",
                "Check base_url, and any proxy in between.",
            )

    def _protocol(self, problem: str, hint: str = "") -> StreamProtocolError:
        return self.with_partial(
            StreamProtocolError(f"The stream broke the protocol: {sanitize(problem, 300)}.", hint=hint)
        )

    def with_partial(self, error: _E) -> _E:
        """Set the message so far, the count of events and the request id on an error, and return it."""
        error.partial = self.message
        error.events = self.events
        error.request_id = error.request_id or self._headers.get("request-id")
        if self.describe is not None:
            self.describe(error)
        return error
