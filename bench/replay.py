"""How surely a recorded agent replays: byte for byte, run after run, and from another folder on another day.

    python bench/replay.py --runs 200

An agent of forty turns reads files of its folder by their absolute paths, with plain and streamed requests in turn. It is
recorded once through the recorder, and replayed in its own folder, where each reply must have the recorded bytes, and in
another folder, on another day and with other ids, where the agent must come to the same end through its own files.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import urllib3

from keybearer.simulator import Simulator

TURNS = 40
TOOL = {"name": "Read", "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}}}


def make_folder(folder: Path) -> None:
    """Write the files that the agent reads."""
    folder.mkdir(parents=True)
    for number in range(1, TURNS):
        (folder / f"note-{number}.txt").write_text(f"The word of note {number} is heron-{number * 7}.")


def scripted(request: Any) -> dict[str, Any]:
    """Reply as a model would that reads one note after the other, and then says the last word."""
    folder = request.captures["folder"]
    if request.turn < TURNS:
        call = {"name": "Read", "input": {"file_path": f"{folder}/note-{request.turn}.txt"}}
        return {"thinking": f"Note {request.turn} comes next.", "tool_use": call}
    return {"text": f"All notes in {folder} are read; the last one says: {request.tool_result}"}


def content_of(body: bytes, *, stream: bool) -> list[dict[str, Any]]:
    """Read the blocks of a reply, as a client would."""
    if not stream:
        blocks: list[dict[str, Any]] = json.loads(body)["content"]
        return blocks
    blocks = []
    inputs: dict[int, str] = {}
    for line in body.decode().split("\n"):
        event = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
        if event.get("type") == "content_block_start":
            blocks.append(event["content_block"])
        elif event.get("type") == "content_block_delta":
            delta = event["delta"]
            for name in ("text", "thinking", "signature"):
                if name in delta:
                    blocks[-1][name] += delta[name]
            if "partial_json" in delta:
                inputs[event["index"]] = inputs.get(event["index"], "") + delta["partial_json"]
    for index, text in inputs.items():
        blocks[index]["input"] = json.loads(text)
    return blocks


def run_agent(base_url: str, key: str, folder: Path, day: str) -> tuple[list[bytes], str]:
    """Run the agent to its end.

    Args:
        base_url: Where the model is.
        key: An API key.
        folder: The agent's working directory.
        day: The day that it tells the model.

    Returns:
        The body of each reply, and the agent's last words.
    """
    session = str(uuid.uuid4())
    system = f"You are an agent.\n\nWorking directory: {folder}\nToday's date is {day}.\nSession {session}"
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Read every note, one after the other."}]
    bodies: list[bytes] = []
    headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    with urllib3.PoolManager(headers=headers) as http:
        while True:
            stream = len(bodies) % 2 == 1
            request = {
                "model": "claude-haiku-4-5",
                "max_tokens": 4000,
                "thinking": {"type": "enabled", "budget_tokens": 2000},
                "system": system,
                "tools": [TOOL],
                "messages": messages,
                "metadata": {"user_id": json.dumps({"session_id": session})},
                "stream": stream,
            }
            reply = http.request("POST", f"{base_url}/v1/messages", json=request)
            if reply.status != 200:
                raise RuntimeError(f"turn {len(bodies) + 1}: {reply.status} {reply.data[:1000].decode()}")
            bodies.append(reply.data)
            content = content_of(reply.data, stream=stream)
            calls = [block for block in content if block["type"] == "tool_use"]
            if not calls:
                return bodies, content[-1]["text"]
            results = [
                {
                    "type": "tool_result",
                    "tool_use_id": call["id"],
                    "content": Path(call["input"]["file_path"]).read_text(),
                }
                for call in calls
            ]
            messages += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]


def record(file: Path, folder: Path) -> tuple[list[bytes], str]:
    """Record the agent once, through the recorder."""
    with Simulator() as model, Simulator(record=file, upstream=model.base_url) as recorder:
        model.script(scripted, match={"system": r"Working directory: (?P<folder>\S+)"}, times=None)
        return run_agent(recorder.base_url, model.api_key, folder, "2026-11-26")


def replay(file: Path, folder: Path, day: str) -> tuple[list[bytes], str]:
    """Replay the agent once, in a simulator of its own."""
    with Simulator(replay=file) as simulator:
        return run_agent(simulator.base_url, simulator.api_key, folder, day)


def is_moved(recorded: list[bytes], replayed: list[bytes], old: Path, new: Path) -> bool:
    """Return whether replies say the same, but for the folder."""
    if len(recorded) != len(replayed):
        return False
    for number, (before, after) in enumerate(zip(recorded, replayed, strict=True)):
        stream = number % 2 == 1
        said = json.dumps(content_of(before, stream=stream)).replace(str(old), str(new))
        if said != json.dumps(content_of(after, stream=stream)):
            return False
    return True


def main() -> int:
    """Record once, replay as often as asked, and print how often the replies were the recorded ones."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=200, help="how often to replay, in each of the two folders")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        old, new, file = Path(name, "one", "project"), Path(name, "two", "elsewhere", "work"), Path(name, "agent.jsonl")
        make_folder(old)
        make_folder(new)
        recorded, words = record(file, old)
        same = sum(replay(file, old, "2026-11-26") == (recorded, words) for _ in range(runs))
        moved = 0
        for _ in range(runs):
            replayed, said = replay(file, new, "2027-02-03")
            moved += is_moved(recorded, replayed, old, new) and said == words.replace(str(old), str(new))
    print(f"{len(recorded)} turns; in the same folder {same} of {runs} runs byte for byte")
    print(f"in another folder, on another day, with other ids: {moved} of {runs} runs to the same end")
    return 0 if same == moved == runs else 1


if __name__ == "__main__":
    sys.exit(main())
