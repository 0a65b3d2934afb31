"""An answer as a dictionary, as JSON, from JSON, copied and pickled."""
import copy
import json
import pickle

from anthropic import Anthropic
from anthropic.types import Message

client = Anthropic()
message = client.messages.create(
    model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Say hello"}]
)
assert message.model_dump()["content"][0]["type"] == "text"
assert message.to_dict()["role"] == "assistant"
assert json.loads(message.model_dump_json(indent=2, exclude_none=True))["id"] == message.id
assert json.loads(message.to_json())["id"] == message.id
assert json.loads(message.json())["id"] == message.id
assert message.dict()["id"] == message.id
assert dict(message)["id"] == message.id
assert [block.model_dump(exclude_unset=True) for block in message.content]
again = Message.model_validate(message.model_dump())
assert again == message
assert Message.model_validate_json(message.model_dump_json()).content[0].text == message.content[0].text
assert copy.deepcopy(message) == message
assert message.model_copy(update={"id": "msg_2"}).id == "msg_2"
assert pickle.loads(pickle.dumps(message)) == message
assert "usage" in Message.model_fields
assert "content" in message.model_fields_set
