"""The same loop with blocks sent back as dictionaries, a forced tool and a schema from pydantic."""
from typing import Any, cast

import anthropic
from pydantic import BaseModel, Field


class Person(BaseModel):
    name: str = Field(description="a name")
    age: int


client = anthropic.Client()
tool = {"name": "person", "description": "Record a person", "input_schema": Person.model_json_schema()}
response = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=500,
    tools=[tool],
    tool_choice={"type": "tool", "name": "person"},
    messages=[{"role": "user", "content": 'Record the name "Ada" and the age 36'}],
)
use = next(block for block in response.content if block.type == "tool_use")
person = Person.model_validate(use.input)
assert person.name
back = [
    {"role": "user", "content": 'Record the name "Ada" and the age 36'},
    {"role": "assistant", "content": [block.model_dump() for block in response.content]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": [{"type": "text", "text": "done"}]}]},
]
client.messages.create(model="claude-sonnet-4-5", max_tokens=500, tools=cast(Any, [tool]), messages=back)
