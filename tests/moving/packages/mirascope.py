"""mirascope: a call, a stream and a structured answer."""

from mirascope import llm
from pydantic import BaseModel


class City(BaseModel):
    name: str


@llm.call("anthropic/claude-sonnet-4-5", max_tokens=200)
def greet(name: str):
    return f"Say hello to {name}"


assert greet("Ada").text()
assert list(greet.stream("Ada").text_stream())


@llm.call("anthropic/claude-sonnet-4-5", max_tokens=200, format=City)
def city():
    return 'Name the city "Paris"'


assert city().parse().name
