"""Conversations kept in SQLite, resumed, and sent with blocks from the store; streaming with a spinner on a thread."""
import json
import sqlite3
import threading
import queue
from contextlib import closing

import anthropic
from anthropic import Anthropic
from anthropic.types import ContentBlock, Message, MessageParam
from pydantic import TypeAdapter

db = sqlite3.connect(":memory:", check_same_thread=False)
db.execute("create table turns (session text, role text, content text)")
client = Anthropic()


def save(session: str, role: str, content) -> None:
    if not isinstance(content, str):
        content = json.dumps([block.to_dict() if hasattr(block, "to_dict") else block for block in content])
    else:
        content = json.dumps(content)
    db.execute("insert into turns values (?, ?, ?)", (session, role, content))


def load(session: str) -> list[MessageParam]:
    rows = db.execute("select role, content from turns where session = ?", (session,))
    return [{"role": role, "content": json.loads(content)} for role, content in rows]


def turn(session: str, text: str) -> Message:
    save(session, "user", text)
    answers: queue.Queue = queue.Queue()

    def work():
        try:
            with client.messages.stream(model="claude-opus-4-1", max_tokens=300, messages=load(session)) as stream:
                for text in stream.text_stream:
                    answers.put(text)
                answers.put(stream.get_final_message())
        except Exception as error:
            answers.put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while isinstance(item := answers.get(timeout=30), str):
        print(item, end="", flush=True)
    thread.join()
    if isinstance(item, Exception):
        raise item
    save(session, item.role, item.content)
    return item


turn("a", "Hello")
message = turn("a", "Again")
assert len(load("a")) == 4 and load("a")[1]["content"][0]["type"] == "text"
blocks = TypeAdapter(list[ContentBlock]).validate_python(load("a")[1]["content"])
assert blocks[0].type == "text" and blocks[0].text
assert TypeAdapter(ContentBlock).validate_python({"type": "tool_use", "id": "t", "name": "f", "input": {}}).name == "f"
