"""Structured answers: through a forced tool, through `output_config`, through `parse`, and as a stream."""
import json
from enum import Enum
from typing import List, Optional

from anthropic import Anthropic, AsyncAnthropic, transform_schema
from pydantic import BaseModel, Field, ValidationError
import asyncio


class Mood(str, Enum):
    good = "good"
    bad = "bad"


class Item(BaseModel):
    name: str = Field(description="its name")
    count: int


class Review(BaseModel):
    mood: Mood
    items: List[Item]
    note: Optional[str] = None


client = Anthropic()
asked = dict(model="claude-sonnet-4-5", max_tokens=1024, messages=[{"role": "user", "content": "Review the shop"}])
parsed = client.messages.parse(**asked, output_format=Review)
assert isinstance(parsed.parsed_output, Review)
beta = client.beta.messages.parse(**asked, betas=["structured-outputs-2025-11-13"], output_format=Review)
assert isinstance(beta.parsed_output, Review)
raw = client.messages.create(
    **asked, output_config={"format": {"type": "json_schema", "schema": transform_schema(Review)}}
)
assert Review.model_validate_json(raw.content[0].text)
with client.messages.stream(**asked, output_format=Review) as stream:
    for event in stream:
        pass
    assert isinstance(stream.get_final_message().parsed_output, Review)
forced = client.messages.create(
    **asked,
    tools=[{"name": "review", "description": "Give it", "input_schema": Review.model_json_schema()}],
    tool_choice={"type": "tool", "name": "review"},
)
assert [Review.model_validate(block.input) for block in forced.content if block.type == "tool_use"]


async def main():
    other = await AsyncAnthropic().messages.parse(**asked, output_format=Item)
    assert isinstance(other.parsed_output, Item)


asyncio.run(main())
