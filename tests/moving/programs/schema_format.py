"""A schema made strict by the SDK's function, and its JSON read by hand."""
import json

from anthropic import Anthropic, transform_schema
from pydantic import BaseModel


class City(BaseModel):
    name: str


client = Anthropic()
answer = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=500,
    messages=[{"role": "user", "content": 'Name the city "Paris"'}],
    output_config={"format": {"type": "json_schema", "schema": transform_schema(City)}},
)
assert City.model_validate(json.loads(answer.content[0].text))
