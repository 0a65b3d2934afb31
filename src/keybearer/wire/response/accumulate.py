"""Events to a message: the accumulator that every stream goes through.

Strategy: a state machine over the events. Deltas are appended to a list of the block they belong to and joined once, when the
block ends: the cost of an event does not grow with what came before. No snapshot is built unless it is read.

    start ──message_start──▶ open ──message_delta──▶ open ──message_stop──▶ done
                              │ ▲
          content_block_start ▼ │ content_block_stop
                             block(s) ──content_block_delta──▶ block(s)

Contract: what the diagram does not allow is a `StreamProtocolError`; an `error` event is the error that it says; `close`
before `message_stop` is a `StreamTruncated`. Each carries the message so far. A tool's input that is not JSON at the end is a
`StreamProtocolError` too, raised at the message's end: it is never given as complete. Only where the answer reached
`max_tokens` in its last block is that no error: there the block is marked `incomplete`. Unknown events, deltas and blocks are
taken as they come, and unknown fields of known ones: a delta's are added to the block's by kind (text to text, list to list,
anything else set), those of `message_delta` and `message_stop` to the message's. A field that is null keeps what was known.

Limits: `StreamLimits`.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from keybearer.errors import StreamError, StreamProtocolError, StreamTruncated
from keybearer.errors.sanitize import excerpt, sanitize
from keybearer.types import events as ev
from keybearer.types.content import ContentBlock
from keybearer.types.http import Headers
from keybearer.types.messages import Message
from keybearer.wire.json import loads
from keybearer.wire.response.block_builder import PIECES, OpenBlock
from keybearer.wire.response.errors import says_an_error, stream_error
from keybearer.wire.response.limits import StreamLimits

__all__ = ["MessageAccumulator"]

_E = TypeVar("_E", bound=StreamError)

_PLAIN: Final = {with_more: cls for cls, with_more in ev.WITH_MORE.items()}
"""The class of a delta that came with unknown fields, and that of one without."""

_SET: Final[dict[str, frozenset[str]]] = {
    "signature_delta": frozenset({"signature"}),
    "compaction_delta": frozenset({"content", "encrypted_content"}),
}
"""Type of a delta: the fields that it has whole, so that they replace what the block began with.

Source: the `anthropic` 2.14.0 wheel, `accumulate_event` of `lib/streaming/_beta_messages.py`.
"""


def _weight(value: Any) -> int:
    """Return about how many characters a decoded JSON value holds: its text, and one for each of its values."""
    weight, left = 0, [value]
    while left:
        each = left.pop()
        weight += len(each) if isinstance(each, str) else 1
        if isinstance(each, dict):
            left += each
            left += each.values()
        elif isinstance(each, list):
            left += each
    return weight


class MessageAccumulator:
    """Build a message from the events of a stream.

    Args:
        headers: The reply's headers; the message and the errors carry them.
        limits: What the stream may hold.
        strict: Whether an orderly end after a stop reason, without `message_stop`, is still an error.

    Attributes:
        progress: How many events came that were not pings.
        room: How many characters more the message may have.
        current: The open block that the last main delta went to.
        blocks: The blocks by index, finished and open.
    """

    def __init__(
        self, headers: Headers | None = None, *, limits: StreamLimits | None = None, strict: bool = True
    ) -> None:
        self._headers = headers or Headers(())
        self._limits = limits or StreamLimits()
        self._strict = strict
        self._start: dict[str, Any] | None = None
        self._final: Message | None = None
        self._usage: dict[str, Any] = {}
        self._ended: set[int] = set()  # blocks that ended with an input that is not JSON
        self._pings = 0
        self.room = self._limits.text_bytes
        self.current: OpenBlock | None = None
        self.progress = 0
        self.blocks: dict[int, OpenBlock] = {}

    def __repr__(self) -> str:
        return f"<MessageAccumulator: {self.events} events, {'complete' if self.done else 'not complete'}>"

    @property
    def events(self) -> int:
        """How many events came."""
        return self.progress + self._pings

    def feed(self, event: ev.RawEvent) -> OpenBlock | None:
        """Take the next event.

        Returns:
            The block that the event belongs to, for an event of a block.

        Raises:
            StreamAPIError: The event is an error.
            StreamProtocolError: The event may not come here, or a limit is passed.
        """
        if type(event) is ev.ContentBlockDeltaEvent:
            self.progress += 1
            block, delta = self.current, event.delta
            # Nearly every event is one more of the open block's main deltas: no call and no table is needed for it.
            if block is None or event.index != block.index or type(delta) is not block.delta:
                block = self._delta(event)
                if type(delta) is not block.delta:
                    return block
            piece: str = getattr(delta, block.field)
            block.pieces.append(piece)
            self.room -= len(piece)
            if self.room < 0:
                self._hold(0)
            return block
        if type(event) is ev.PingEvent:
            self._pings += 1
            return None
        self.progress += 1
        return self._rare(event)

    def _delta(self, event: ev.ContentBlockDeltaEvent) -> OpenBlock:
        """Find the block of a delta, and fold the delta into it unless it is one of the block's main ones."""
        delta = event.delta
        kind = _PLAIN.get(type(delta), type(delta))
        block = self.blocks.get(event.index)
        if block is None or block.stopped is not None or event.index in self._ended or self._final is not None:
            raise self._protocol(f"a {delta.type} came for block {event.index}, which is not open")
        if block.delta is None and not block.known and kind in PIECES:
            block.take(kind)  # an unknown block shows by its first delta what it is made of
        if kind is block.delta:
            self.current = block
            if kind is type(delta):
                return block
            block.pieces.append(getattr(delta, block.field))  # it came with unknown fields, which are folded below
            self._hold(len(block.pieces[-1]))
        elif block.known and not self._may_follow(block, kind):
            raise self._protocol(f"a {delta.type} came for block {event.index}, a {block.source.get('type')} block")
        fields = delta.to_dict()
        if isinstance(delta, ev.CitationsDelta):
            block.source.setdefault("citations", None)
            fields["citations"] = [fields.pop("citation", None)]
        taken = {"type", block.field if kind is block.delta else "type"}
        fields = {name: value for name, value in fields.items() if name not in taken}
        self._hold(_weight(fields))
        block.fold(fields, _SET.get(delta.type, frozenset()))
        return block

    def _hold(self, weight: int) -> None:
        self.room -= weight
        if self.room < 0:
            raise self._protocol(f"the message is longer than {self._limits.text_bytes} characters")

    @staticmethod
    def _may_follow(block: OpenBlock, delta: type) -> bool:
        """Whether a known block takes a delta beside its main ones; unknown deltas are always taken."""
        if delta is ev.SignatureDelta:
            return block.delta is ev.ThinkingDelta
        if delta is ev.CitationsDelta:
            return block.delta is ev.TextDelta
        return delta is ev.UnknownDelta

    def _rare(self, event: ev.RawEvent) -> OpenBlock | None:
        if isinstance(event, ev.UnknownEvent):
            return None  # wherever it comes
        if isinstance(event, ev.ErrorEvent):
            raise self.carrying(stream_error(event, self._headers))
        if isinstance(event, ev.MessageStartEvent):
            self._begin(event)
            return None
        if self._start is None:
            raise self._protocol(f"{event.type} came before message_start")
        if self._final is not None:
            raise self._protocol(f"{event.type} came after message_stop")
        if isinstance(event, ev.ContentBlockStartEvent):
            if event.index != len(self.blocks):
                raise self._protocol(f"block {event.index} began where block {len(self.blocks)} was due")
            return self._open(event.index, event.content_block)
        if isinstance(event, ev.RawContentBlockStopEvent):
            return self._block_stop(event.index)
        if isinstance(event, ev.MessageDeltaEvent):
            self._message_delta(event, self._start)
        else:
            self._finish(self._start, event)
        return None

    def _begin(self, event: ev.MessageStartEvent) -> None:
        if self._start is not None:
            raise self._protocol("a second message_start came")
        self._start = event.message.to_dict()
        self._usage = event.message.usage.to_dict()
        for index, block in enumerate(event.message.content):
            self._open(index, block).finish()

    def _block_stop(self, index: int) -> OpenBlock:
        block = self.blocks.get(index)
        if block is None or block.stopped is not None or index in self._ended:
            raise self._protocol(f"block {index} ended, but it is not open")
        self.current = None
        if block.finish() is None:
            self._ended.add(index)
        return block

    def _open(self, index: int, block: ContentBlock) -> OpenBlock:
        if index >= self._limits.blocks:
            raise self._protocol(f"the message has more than {self._limits.blocks} blocks")
        source = dict(block.to_dict())
        self._hold(_weight(source))
        self.blocks[index] = OpenBlock(source, index)
        if source.get("type") == "fallback" and self._start is not None:
            to = source.get("to")
            model = to.get("model") if isinstance(to, dict) else None
            self._start["model"] = model if isinstance(model, str) else self._start.get("model")
        return self.blocks[index]

    def _message_delta(self, event: ev.MessageDeltaEvent, start: dict[str, Any]) -> None:
        self._add(start, event.delta.to_dict() | self._more(event, "delta", "usage"))
        # Cumulative figures: each replaces the one before.
        self._add(self._usage, event.usage.to_dict())

    def _add(self, known: dict[str, Any], news: dict[str, Any]) -> None:
        """Set what became known; a null takes nothing away."""
        known |= {name: value for name, value in news.items() if value is not None or name not in known}

    def _more(self, event: ev.RawEvent, *known: str) -> dict[str, Any]:
        """Return what came with an event beside its type and the fields that are taken on their own."""
        more = {name: value for name, value in event.to_dict().items() if name != "type" and name not in known}
        if more:
            self._hold(_weight(more))
        return more

    def _finish(self, start: dict[str, Any], event: ev.RawEvent) -> None:
        self._add(start, self._more(event))
        for index, block in self.blocks.items():
            if block.stopped is None and index not in self._ended:
                raise self._protocol(f"message_stop came while block {index} was open")
        self._check_inputs(start)
        if self._strict and start.get("stop_reason") is None:
            raise self._protocol("message_stop came, but nothing said why the message ended")
        self._final = self._build(start)

    def _check_inputs(self, start: dict[str, Any]) -> None:
        """Refuse a tool's input that did not come whole, unless the answer was cut there by `max_tokens`, and says so."""
        last = self.blocks.get(len(self.blocks) - 1)
        if start.get("stop_reason") == "max_tokens" and last is not None and last.may_be_cut:
            last.cut()
            self._ended.discard(last.index)
        for index in sorted(self._ended):
            name = self.blocks[index].source.get("name")
            raise self._protocol(
                f"the input of tool call {name!r} (block {index}) is not complete JSON",
                "The partial input is in error.partial.",
            )

    def _build(self, start: dict[str, Any]) -> Message:
        content = [block.snapshot() for block in self.blocks.values()]
        source = start | {"content": [block.to_dict() for block in content]}
        if self._usage or "usage" in start:
            source["usage"] = self._usage or None
        return Message.of(source, content=content).with_headers(self._headers)

    @property
    def done(self) -> bool:
        """Whether the message is complete."""
        return self._final is not None

    @property
    def message(self) -> Message | None:
        """The message: complete once `done`, else as far as it came; None before `message_start`."""
        if self._final is not None or self._start is None:
            return self._final
        return self._build(self._start)

    def close(self, *, stray: bytes = b"", done_mark: bool = False) -> None:
        """Say that no more events come.

        Args:
            stray: The beginning of what came and belongs to no event.
            done_mark: Whether the end mark of another API, `[DONE]`, came.

        Raises:
            StreamTruncated: The message is not complete.
            StreamAPIError: What came beside the events says an error.
            StreamProtocolError: There were no events: what came is something else.
        """
        if self._final is not None:
            return
        if stray:
            self._close_on(stray)
        start = self._start or {}
        stopped = all(block.stopped is not None or index in self._ended for index, block in self.blocks.items())
        complete = start.get("stop_reason") is not None and stopped
        if complete and not self._strict:
            self._check_inputs(start)
            self._final = self._build(start)
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
        raise self.carrying(error)

    def _close_on(self, stray: bytes) -> None:
        """Raise the error that a body says which is no event stream, or that came after the last event."""
        try:
            body = loads(stray)
        except ValueError:
            body = None
        if isinstance(body, dict) and says_an_error(body):
            raise self.carrying(stream_error(ev.ErrorEvent.of({"type": "error"} | body), self._headers))
        if not self.events:
            raise self._protocol(
                f"it has no events, though its type says so; it begins: '{excerpt(stray)}'",
                "Check base_url, and any proxy in between.",
            )

    def _protocol(self, problem: str, hint: str = "") -> StreamProtocolError:
        return self.carrying(
            StreamProtocolError(f"The stream broke the protocol: {sanitize(problem, 300)}.", hint=hint)
        )

    def carrying(self, error: _E) -> _E:
        """Put what came so far on an error."""
        error.partial = self.message
        error.events = self.events
        error.request_id = error.request_id or self._headers.get("request-id")
        return error
