"""What a stream had produced that did not reach its end, because the client left, or a fault cut it or ended it with an error.

The prompt is read whole before the first event. Of the output only what was written counts, by the bytes of each block's text as
everywhere in the simulator; of the service's tools the calls and results that were written. A compaction comes before the first event,
so it counts whole. What the service bills for a stream that nobody reads to its end is not documented: that it is this is a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from keybearer.simulator.service import tokens
from keybearer.simulator.service.usage import COUNTED, is_served_result

__all__ = ["produced_usage"]

Block = dict[str, Any]

PIECES: Final = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
"""Type of a delta to the field that holds its piece."""
FIGURES: Final = (
    "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
)  # fmt: skip


def produced_usage(usage: Block, written: bytes) -> Block:
    """Return the usage of a stream by what of it was written.

    Args:
        usage: The usage of the whole message.
        written: The bytes of the stream that were written.

    Returns:
        The same usage if the stream came to its end, or cannot be read because a fault has changed its bytes.
    """
    events = [*_events(written)]
    if any(_ends(event) for event in events) or (written and not events):
        return usage
    runs = _Runs()
    for event in events:
        runs.add(event)
    return runs.usage(usage)


def _events(written: bytes) -> Iterator[Block]:
    """Give the data of the events that were begun; of one that is not whole, nothing can be read."""
    for line in written.split(b"\n"):
        if line.startswith(b"data:"):
            try:
                data = msgspec.json.decode(line.removeprefix(b"data:"))
            except msgspec.DecodeError:
                continue
            if isinstance(data, dict):
                yield data


def _ends(event: Block) -> bool:
    """Return whether an event says that the message is complete."""
    if event.get("type") in {"message_delta", "message_stop"}:
        return True
    return any(choice.get("finish_reason") for choice in event.get("choices") or ())


class _Runs:
    """What was written, by run of a model: a `fallback` block begins the next one."""

    def __init__(self) -> None:
        self.start: Block | None = None
        self.blocks: list[Block] = []
        self.texts: dict[tuple[int, str], str] = {}

    def add(self, event: Block) -> None:
        match event.get("type"):
            case "message_start":
                self.start = event["message"].get("usage")
            case "content_block_start":
                self.blocks.append(event["content_block"])
            case "content_block_delta":
                delta = event.get("delta") or {}
                if (name := PIECES.get(str(delta.get("type")))) is not None:
                    self._add(int(event.get("index", 0)), "", str(delta.get(name, "")))
            case None:
                for choice in event.get("choices") or ():
                    self._add_chunk(choice.get("delta") or {})

    def _add(self, index: int, name: str, text: str) -> None:
        self.texts[index, name] = self.texts.get((index, name), "") + text

    def _add_chunk(self, delta: Block) -> None:
        self._add(0, "content", delta.get("content") or "")
        for call in delta.get("tool_calls") or ():
            function = call.get("function") or {}
            self._add(int(call.get("index", 0)), "name", function.get("name") or "")
            self._add(int(call.get("index", 0)), "arguments", function.get("arguments") or "")

    def outputs(self) -> list[int]:
        """Count the output tokens of each run."""
        counts = [0]
        for index, block in enumerate(self.blocks):
            if block["type"] == "fallback":
                counts.append(0)
            elif block["type"] != "compaction" and not is_served_result(block):
                counts[-1] += tokens.count_text(str(block.get("name", "")) if "input" in block else "")
                counts[-1] += tokens.count_text(self.texts.get((index, ""), ""))
        counts[-1] += sum(tokens.count_text(text) for (_, name), text in self.texts.items() if name)
        return counts

    def usage(self, whole: Block) -> Block:
        """Return the usage of what was written."""
        outputs, rows = self.outputs(), list(whole.get("iterations") or ())
        advised = sum(block["type"] == "advisor_tool_result" for block in self.blocks)
        others = [row for row in rows if row["type"] == "compaction"]
        others += [row for row in rows if row["type"] == "advisor_message"][:advised]
        if any(row["type"] == "fallback_message" for row in rows):
            cut = {**whole, **_attempts(whole, rows, outputs, others)}
        else:
            results = [block for block in self.blocks if is_served_result(block)]
            read = _figure(self.start or whole, "input_tokens") + sum(map(tokens.count_block, results))
            least = {"input_tokens": read, "output_tokens": outputs[0]}
            cut = {**whole, **{name: min(each, _figure(whole, name)) for name, each in least.items()}}
            cut["iterations"] = others
        if "server_tool_use" in whole:
            used = [str(block.get("name")) for block in self.blocks if block["type"] == "server_tool_use"]
            cut["server_tool_use"] = {figure: used.count(name) for name, figure in COUNTED.items()}
        return cut


def _attempts(whole: Block, rows: list[Block], outputs: list[int], others: list[Block]) -> Block:
    """Return the figures of the attempts that were begun: the last one by its output so far."""
    made = [row for row in rows if row["type"] in {"message", "fallback_message"}][: len(outputs)]
    made[-1] = {**made[-1], "output_tokens": min(made[-1]["output_tokens"], outputs[-1])}
    created = {name: sum(row["cache_creation"][name] for row in made) for name in whole["cache_creation"]}
    figures = {name: sum(row[name] for row in made) for name in FIGURES}
    return {**figures, "cache_creation": created, "iterations": [*others, *made]}


def _figure(usage: Block, name: str) -> int:
    return int(usage.get(name) or 0)
