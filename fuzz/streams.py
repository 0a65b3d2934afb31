"""Fuzz everything that reads a stream: no bytes may raise anything but a StreamError, hang, or give a message that did not end.

    make fuzz                 # 100,000 inputs, as CI does
    make fuzz RUNS=0          # until it is stopped

The input's first bytes choose the chunk sizes and the line ends; the rest is the stream: raw, or as mutations of real
events. Each is read by the fast decoder and by the grammar alone, which must agree. With atheris (CPython 3.11 and 3.12 on
Linux) the inputs are led by coverage; without it they are drawn at random, seeded.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

try:
    import atheris
except ImportError:
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["keybearer.wire"]):
        from keybearer.wire.response import events
        from keybearer.wire.response import reader as stream
else:
    from keybearer.wire.response import events
    from keybearer.wire.response import reader as stream

from keybearer.errors import StreamError, StreamProtocolError
from keybearer.types.events import MessageStopEvent
from keybearer.wire.response.limits import StreamLimits

RECORDED = Path(__file__).parent.parent / "tests" / "data" / "recorded"
PARTS = [
    part + b"\n\n" for path in sorted(RECORDED.glob("*.sse")) for part in path.read_bytes().split(b"\n\n") if part
][:400]
LIMITS = StreamLimits(event_bytes=1 << 16, text_bytes=1 << 16, blocks=50)


def read(data: bytes, size: int) -> None:
    """Read bytes as a stream, in pieces of a size."""
    reader = stream.StreamReader(limits=LIMITS)
    ended = False
    try:
        for at in range(0, len(data), size):
            for event in reader.feed(data[at : at + size]):
                ended = ended or isinstance(event, MessageStopEvent)
                snapshot = getattr(event, "snapshot", None)
                assert snapshot is None or isinstance(snapshot, str | list | dict | int | float | bool)
        reader.close()
    except StreamError as error:
        repr(error.partial)
        return
    assert ended, "a stream without message_stop was taken for an answer"
    assert reader.message is not None
    reader.message.to_param()


def decode(data: bytes, size: int, *, careful: bool) -> list[Any]:
    """Decode bytes to events as far as they go."""
    decoder = events.EventDecoder(LIMITS)
    decoder._only_grammar = careful  # noqa: SLF001 - the fast ways are held against the grammar
    seen: list[Any] = []
    try:
        for at in range(0, len(data), size):
            seen.extend(decoder.feed(data[at : at + size]))
    except StreamProtocolError:
        seen.append("error")
    return seen


def one(data: bytes) -> None:
    """Try one input."""
    if len(data) < 4:
        return
    size, shape, pick, data = 1 + data[0] * 4, data[1], data[2], data[3:]
    if shape & 1:  # real events in an order of the input's choosing, with a few of its bytes between
        pieces = [PARTS[(byte * 7 + pick) % len(PARTS)] for byte in data[:40]]
        cut = data[0] if data else 0
        data = b"".join(pieces)
        data = data[: len(data) - cut * 3] if shape & 2 else data
        if shape & 4:
            middle = len(data) // 2
            data = data[:middle] + bytes([pick]) + data[middle + 1 :]
    if shape & 8:
        data = data.replace(b"\n", b"\r\n" if shape & 16 else b"\r")
    read(data, size)
    fast, careful = decode(data, size, careful=False), decode(data, size, careful=True)
    if "error" not in fast and "error" not in careful:
        assert fast == careful, "the fast ways and the grammar differ"


def main(runs: int) -> None:
    """Run that many inputs; 0 for no end."""
    if atheris is not None:
        atheris.Setup(
            [sys.argv[0], f"-runs={runs or -1}", "-seed=1", "-timeout=20", "-max_len=2048", "-verbosity=0"], one
        )
        atheris.Fuzz()
        return
    source = random.Random(1)  # noqa: S311 - inputs, not secrets
    count = 0
    while not runs or count < runs:
        one(source.randbytes(source.randrange(4, 300)))
        count += 1
    print(f"{count} inputs, no finding")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
