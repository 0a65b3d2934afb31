"""The main job over real HTTP: `make demo`.

It starts the offline simulator of the API in a process of its own, reads `examples/llm.yaml` and the agent `scout`, and asks. No key
and no outside network is needed. With `--real` it asks the API itself, with the key of `ANTHROPIC_API_KEY`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keybearer import Client, KeybearerError, Message, ThinkingBlock

HERE = Path(__file__).parent


class StepFailed(Exception):  # noqa: N818 - it says what happened
    """A step did not do what it shows."""


def expect(condition: object, what: str) -> None:
    """Fail the step unless the condition holds."""
    if not condition:
        raise StepFailed(what)


def usage_line(message: Message) -> str:
    """Describe what an answer cost."""
    usage = message.usage
    parts = [f"{usage.input_tokens:,} tokens in", f"{usage.output_tokens:,} out"]
    if usage.cache_creation_input_tokens:
        parts.append(f"{usage.cache_creation_input_tokens:,} written to the cache")
    if usage.cache_read_input_tokens:
        parts.append(f"{usage.cache_read_input_tokens:,} read from the cache")
    if usage.thinking_tokens:
        parts.append(f"{usage.thinking_tokens:,} of them thinking")
    return f"  [{', '.join(parts)}; stop: {message.stop_reason}]"


def plain(client: Client) -> None:
    """Ask, and get the answer whole."""
    message = client.messages.create(messages=[{"role": "user", "content": "Hello!"}])
    expect(message.text and message.stop_reason == "end_turn", "no complete answer came")
    print(f"  {message.text}\n{usage_line(message)}")


def streamed(client: Client) -> None:
    """Ask, and print the answer as it comes."""
    pieces = 0
    print("  ", end="")
    with client.messages.stream(messages=[{"role": "user", "content": "Write 40 words about a lighthouse."}]) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
            pieces += 1
        message = stream.get_final_message()
    expect(pieces > 1, "the answer came in one piece")
    print(f"\n{usage_line(message)}")


def get_weather(city: str) -> str:
    """Give the weather of a city: the tool that the model calls."""
    return f"14 °C and light rain in {city}"


def tool_call(client: Client) -> None:
    """Let the model call a tool, run it, and give the result back."""
    tool: dict[str, Any] = {
        "name": "get_weather",
        "description": "The present weather of a city.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
    messages: list[Any] = [{"role": "user", "content": "What is the weather in Lisbon? Use get_weather."}]
    first = client.messages.create(messages=messages, tools=[tool])
    expect(first.stop_reason == "tool_use" and first.tool_calls, "the model called no tool")
    results: list[Any] = []
    for call in first.tool_calls:
        output = get_weather(**call.input)
        print(f"  the model calls {call.name}({json.dumps(call.input)}) -> {output!r}")
        results.append({"type": "tool_result", "tool_use_id": call.id, "content": output})
    print(usage_line(first))
    last = client.messages.create(messages=[*messages, first, {"role": "user", "content": results}], tools=[tool])
    expect("14 °C" in last.text, "the answer does not hold the tool's result")
    print(f"  {last.text}\n{usage_line(last)}")


def png(width: int, height: int) -> bytes:
    """Draw a small picture: a blue-to-orange gradient, as PNG."""
    rows = b"".join(
        b"\0" + b"".join(bytes((x * 255 // width, 120, 255 - x * 255 // width)) for x in range(width))
        for _ in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def image(client: Client) -> None:
    """Ask about a picture."""
    source: Any = {"type": "base64", "media_type": "image/png", "data": png(320, 200)}
    content: list[Any] = [{"type": "image", "source": source}, {"type": "text", "text": "What is in this image?"}]
    message = client.messages.create(messages=[{"role": "user", "content": content}])
    expect(message.text, "no answer came")
    print(f"  {message.text}\n{usage_line(message)}")


def caching(client: Client) -> None:
    """Send one long prompt twice; the second time most of it is read from the cache."""
    handbook = "\n".join(
        f"Rule {number}: a report names its sources, its date and its author; rule {number} has no exception."
        for number in range(1, 400)
    )
    system: Any = [{"type": "text", "text": handbook, "cache_control": {"type": "ephemeral"}}]
    question: Any = [{"role": "user", "content": "What does a report name?"}]
    first = client.messages.create(system=system, messages=question)
    print(usage_line(first))
    second = client.messages.create(system=system, messages=question)
    expect(second.usage.cache_read_input_tokens, "the second request read nothing from the cache")
    print(f"  {second.text}\n{usage_line(second)}")


def thinking(client: Client) -> None:
    """Let the model think before it answers."""
    message = client.messages.create(
        max_tokens=3000,
        thinking={"type": "enabled", "budget_tokens": 1024},
        messages=[{"role": "user", "content": "What is 27 * 453?"}],
    )
    thoughts = [block for block in message.content if isinstance(block, ThinkingBlock)]
    expect(thoughts and all(block.signature for block in thoughts), "no signed thinking came")
    expect("12231" in message.text.replace(",", ""), "the answer is wrong")
    print(f"  (thinking: {thoughts[0].thinking[:90]}...)\n  {message.text}\n{usage_line(message)}")


STEPS = {
    "a plain answer": plain,
    "a streamed answer": streamed,
    "a tool call": tool_call,
    "an image": image,
    "a long prompt, twice": caching,
    "a thinking answer": thinking,
}


@contextlib.contextmanager
def simulator() -> Iterator[dict[str, str]]:
    """Run the offline simulator in a process of its own, which ends when this one does."""
    command = [sys.executable, "-m", "keybearer.simulator", "--port", "0", "--exit-with-parent"]
    command += ["--tokens-per-second", "60", "--quiet"]
    # In a session of its own, so that Ctrl-C comes to this process alone, which then ends the other.
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)  # noqa: S603 - our own
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        line = process.stdout.readline()
        expect(line, "the simulator did not start")
        yield json.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(client: Client) -> int:
    """Run every step and return the exit code."""
    for number, (name, step) in enumerate(STEPS.items(), 1):
        print(f"\n{number}. {name}")
        try:
            step(client)
        except (KeybearerError, StepFailed, AttributeError) as error:
            print(f"\nThe step «{name}» failed: {error}", file=sys.stderr)
            return 1
    return 0


def main() -> int:
    """Run the demonstration and return the exit code."""
    parser = argparse.ArgumentParser(description="keybearer's main job, step by step.")
    parser.add_argument("--real", action="store_true", help="ask the API itself, with the key of ANTHROPIC_API_KEY")
    real = parser.parse_args().real
    with contextlib.ExitStack() as stack:
        if not real:
            ready = stack.enter_context(simulator())
            print(f"The offline simulator of the API listens on {ready['base_url']}.")
            os.environ |= {"ANTHROPIC_BASE_URL": ready["base_url"], "ANTHROPIC_API_KEY": ready["api_key"]}
        client = stack.enter_context(Client.from_config(HERE / "llm.yaml", agent="scout"))
        print(f"examples/llm.yaml and the agent scout: model {client.model}.")
        code = run(client)
    if code == 0:
        print(
            "\nAll steps done. Against the real API: ANTHROPIC_API_KEY=sk-ant-... .venv/bin/python examples/demo.py --real"
        )
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (KeybearerError, StepFailed) as error:
        sys.exit(f"The demonstration could not start: {error}")
