"""An answer as a pydantic model."""
from anthropic import Anthropic
from pydantic import BaseModel


class City(BaseModel):
    name: str
    people: int


client = Anthropic()
answer = client.messages.parse(
    model="claude-sonnet-5-5",
    max_tokens=500,
    messages=[{"role": "user", "content": 'The city "Paris" has 2 people'}],
    output_format=City,
)
assert isinstance(answer.parsed_output, City)
