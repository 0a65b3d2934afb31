"""instructor: an answer as a pydantic model."""

import instructor
from pydantic import BaseModel


class City(BaseModel):
    name: str
    people: int


client = instructor.from_provider("anthropic/claude-sonnet-5-5", max_tokens=300)
city = client.create(response_model=City, messages=[{"role": "user", "content": 'The city "Paris" has 2 people'}])
assert isinstance(city, City)
