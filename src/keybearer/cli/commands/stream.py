"""`keybearer stream inspect`: what a stream's bytes are, event by event, whether they are a whole answer, and where they go wrong.

The bytes are the body of a reply with `stream: true`, as `curl -sN` prints it; a head above them, as of `curl -i`, is skipped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from keybearer.cli.exit_codes import ExitCode, exit_code
from keybearer.cli.options import Subcommand, add_json, add_subcommands, run_subcommand
from keybearer.cli.output import clean, complain, say
from keybearer.cli.prompts import read_given
from keybearer.errors import StreamError, UsageError

if TYPE_CHECKING:
    from keybearer.types.events import RawEvent
    from keybearer.types.messages import Message

__all__ = ["add_arguments", "run"]

LIMIT: Final = 256 << 20
"""The most that a file may have, in bytes."""

run = run_subcommand


class _Placed(NamedTuple):
    """An event with its place.

    Attributes:
        number: Its number, from 1.
        offset: Where it begins, in bytes from the beginning of the body.
        event: The event.
    """

    number: int
    offset: int
    event: RawEvent


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands."""
    add_subcommands(parser, SUBCOMMANDS)


def _inspect_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", help="the stream's bytes; - for standard input")
    parser.add_argument("--all", action="store_true", help="each delta on a line of its own, with its text")
    parser.add_argument("--text", action="store_true", help="print the text that came, and nothing else")
    add_json(parser)


def _inspect(args: argparse.Namespace) -> int:
    from keybearer.wire.response.reader import StreamReader

    body, skipped = _body(args)
    reader = StreamReader()
    seen: list[_Placed] = []
    problem: StreamError | None = None
    try:
        for each in _events(reader, body):
            seen.append(each)  # noqa: PERF402 - those before an error count
        reader.close()
    except StreamError as error:
        problem = error
    if args.text:
        print(clean(reader.message.text if reader.message else ""))
    elif args.json:
        _print_json(seen, reader.message, problem)
    else:
        for line in _lines(seen, every=args.all):
            say(line)
        say(_verdict(reader.message, problem, len(seen), len(body), skipped))
    if problem is not None and (args.text or args.json):
        complain(f"keybearer stream: {problem}")
    return ExitCode.OK if problem is None else exit_code(problem)


def _body(args: argparse.Namespace) -> tuple[bytes, int]:
    """Return the stream's bytes, and how many a head above them has.

    Raises:
        UsageError: They are too many, or none.
    """
    data = read_given(args, LIMIT)
    if len(data) > LIMIT:
        raise UsageError(f"{args.file} is longer than {LIMIT >> 20} MiB.")
    if not data.strip():
        raise UsageError(
            f"{args.file} is empty.", hint="Record one with: curl -sN ... -d '{\"stream\": true, ...}' > FILE"
        )
    if not data.startswith(b"HTTP/"):
        return data, 0
    head, blank, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    return body, len(head) + len(blank)


def _events(reader: Any, body: bytes) -> Iterator[_Placed]:
    """Give the events of a body, which is read a line at a time, so that the place of each is known."""
    begin = at = number = 0
    for line in body.splitlines(keepends=True):
        at += len(line)
        for event in reader.feed_raw(line):
            number += 1
            yield _Placed(number, begin, event)
        if not line.strip():
            begin = at


# ── for people ───────────────────────────────────────────────────────────────


def _lines(seen: list[_Placed], *, every: bool) -> Iterator[str]:
    """Give a line for each event; deltas of one kind in a row are one line, unless each is asked for."""
    yield "     #    OFFSET  EVENT"
    held: list[_Placed] = []
    for each in seen:
        if held and (every or _kind(each.event) != _kind(held[-1].event)):
            yield _line(held)
            held = []
        held.append(each)
        if not _is_delta(each.event):
            yield _line(held)
            held = []
    if held:
        yield _line(held)


def _is_delta(event: RawEvent) -> bool:
    return str(event.type) == "content_block_delta"


def _kind(event: RawEvent) -> tuple[str, Any, str]:
    fields = event.to_dict()
    delta = fields.get("delta")
    return str(event.type), fields.get("index"), str(delta.get("type")) if isinstance(delta, dict) else ""


def _line(held: list[_Placed]) -> str:
    first, fields = held[0], held[0].event.to_dict()
    number = str(first.number) if len(held) == 1 else f"{first.number}-{held[-1].number}"
    return f"{number:>6}  {first.offset:>8,}  {first.event.type!s:20}  {_words(held, fields)}".rstrip()


def _words(held: list[_Placed], fields: dict[str, Any]) -> str:
    """Return what an event says, in a few words."""
    kind = str(held[0].event.type)
    if kind == "message_start":
        message = fields.get("message") or {}
        return f"{message.get('id')}, {message.get('model')}, {_short(message.get('usage'))}"
    if kind == "content_block_start":
        block = fields.get("content_block") or {}
        name = f" {block['name']}" if block.get("name") else ""
        return f"[{fields.get('index')}] {block.get('type')}{name}"
    if kind == "content_block_delta":
        return f"[{fields.get('index')}] {_deltas([each.event.to_dict().get('delta') or {} for each in held])}"
    if kind == "content_block_stop":
        return f"[{fields.get('index')}]"
    if kind == "message_delta":
        delta = fields.get("delta") or {}
        return f"{delta.get('stop_reason')}, {_short(fields.get('usage'))}"
    rest = {name: value for name, value in fields.items() if name != "type"}
    return _short(rest) if rest else ""


def _deltas(deltas: list[dict[str, Any]]) -> str:
    kind = deltas[0].get("type")
    values = [value for delta in deltas for name, value in delta.items() if name != "type"]
    size = sum(len(value) if isinstance(value, str) else len(json.dumps(value)) for value in values)
    if len(deltas) == 1:
        return f"{kind} {_short(values[0] if len(values) == 1 else values)}"
    return f"{kind}, {len(deltas)} of them, {size:,} characters"


def _short(value: Any, most: int = 100) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}..."


def _verdict(message: Message | None, problem: StreamError | None, *counts: int) -> str:
    events, size, skipped = counts
    read = f"{events:,} events, {size:,} bytes" + (f", below a head of {skipped:,}" if skipped else "")
    if problem is not None:
        return f"NOT WHOLE: {problem} ({read})"
    assert message is not None  # noqa: S101 - a stream that was closed without an error has one
    return f"Whole: {read}; {message.stop_reason}, {message.usage.output_tokens} tokens out; it cost {message.cost}."


# ── for programs ─────────────────────────────────────────────────────────────


def _print_json(seen: list[_Placed], message: Message | None, problem: StreamError | None) -> None:
    """Print a JSON line for each event, and one for the message."""
    for number, offset, event in seen:
        say(json.dumps({"number": number, "offset": offset, "event": event.to_dict()}))
    last = {
        "complete": problem is None,
        "problem": None if problem is None else str(problem),
        "message": None if message is None else message.to_dict(mode="json"),
    }
    say(json.dumps(last))


SUBCOMMANDS: Final = {
    "inspect": Subcommand(
        "show a recorded stream event by event, and whether it is whole", _inspect, _inspect_arguments
    ),
}
