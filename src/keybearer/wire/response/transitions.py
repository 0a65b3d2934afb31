"""The state machine of a stream, as a table.

Strategy: a message has a state, and so has each of its blocks; an event of a block is a transition of both. A test compares the
drawing with the table, so change both.

    the message:  start ──message_start──▶ open ──message_delta──▶ open ──message_stop──▶ done
                  open ──content_block_start──▶ open ──content_block_delta──▶ open ──content_block_stop──▶ open
    a block:      due ──content_block_start──▶ streaming ──content_block_delta──▶ streaming ──content_block_stop──▶ ended

Contract: an event without a row for the present state breaks the protocol. Three kinds of events are allowed in any state and change
none: `ping`, `error` and unknown ones. Two rules concern several blocks and are checked in `accumulate`: blocks start in the order of
their indices, though several may stream at once, and at `message_stop` every block has ended.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["TRANSITIONS", "StreamState"]


class StreamState(Enum):
    """A state of a message (`START`, `OPEN`, `DONE`) or of a block (`DUE`, `STREAMING`, `ENDED`)."""

    START = "start"
    OPEN = "open"
    DONE = "done"
    DUE = "due"
    STREAMING = "streaming"
    ENDED = "ended"


TRANSITIONS: Final[dict[tuple[StreamState, str], StreamState]] = {
    (StreamState.START, "message_start"): StreamState.OPEN,
    (StreamState.OPEN, "content_block_start"): StreamState.OPEN,
    (StreamState.OPEN, "content_block_delta"): StreamState.OPEN,
    (StreamState.OPEN, "content_block_stop"): StreamState.OPEN,
    (StreamState.OPEN, "message_delta"): StreamState.OPEN,
    (StreamState.OPEN, "message_stop"): StreamState.DONE,
    (StreamState.DUE, "content_block_start"): StreamState.STREAMING,
    (StreamState.STREAMING, "content_block_delta"): StreamState.STREAMING,
    (StreamState.STREAMING, "content_block_stop"): StreamState.ENDED,
}
"""State and type of event to the next state."""
