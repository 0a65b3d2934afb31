"""Answers made JSON in the ways that programs have: json with a default, a log line, a cache file, a data class, orjson."""
import dataclasses
import json
import pickle
from pathlib import Path
from typing import Any

import anthropic
import orjson
from anthropic import Anthropic
from anthropic.types import Message, Usage

client = Anthropic()
message = client.messages.create(model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "Hello"}])


def default(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump()
    if hasattr(value, "__dict__"):
        return value.__dict__
    return str(value)


assert json.loads(json.dumps({"message": message, "usage": message.usage}, default=default))["message"]["id"] == message.id
assert json.loads(json.dumps(message, default=lambda o: o.__dict__))["content"][0]["text"] == message.content[0].text
assert vars(message.usage)["input_tokens"] == message.usage.input_tokens
assert message.content[0].__dict__["text"] == message.content[0].text
assert set(message.usage.__dict__) >= {"input_tokens", "output_tokens"}
assert orjson.loads(orjson.dumps(message.model_dump(mode="json")))["role"] == "assistant"
assert json.loads(json.dumps([dict(block) for block in message.content]))[0]["type"] == "text"
Path("cache.json").write_text(message.model_dump_json())
again = Message.model_validate_json(Path("cache.json").read_text())
assert again == message and again.usage == message.usage
assert Message(**json.loads(Path("cache.json").read_text())).content[0].text == message.content[0].text
assert Message.model_validate(json.loads(Path("cache.json").read_text())).stop_reason == message.stop_reason
assert Message.construct(**message.to_dict()).id == message.id
assert message.model_copy(update={"stop_reason": "max_tokens"}).stop_reason == "max_tokens"
copied = message.model_copy(deep=True)
assert copied == message and copied is not message


@dataclasses.dataclass
class Record:
    prompt: str
    answer: Message
    usage: Usage


record = Record("Hello", message, message.usage)
assert dataclasses.replace(record, prompt="x").answer is message
assert dataclasses.asdict(record)["answer"].id == message.id
assert pickle.loads(pickle.dumps(record)).usage.input_tokens == message.usage.input_tokens
assert "content" in message.model_fields_set and "usage" in type(message).model_fields
for name, value in message.usage:
    assert isinstance(name, str)
assert {name: value for name, value in message.usage if isinstance(value, int)}["input_tokens"]
print(repr(message), str(message.usage))
assert Message.model_json_schema()["properties"]["content"]
assert message.model_extra is None or isinstance(message.model_extra, dict)
assert message.usage.model_dump(include={"input_tokens"}) == {"input_tokens": message.usage.input_tokens}
assert getattr(message.usage, "cache_read_input_tokens", 0) in (0, None)
