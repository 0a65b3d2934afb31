"""agno: an agent with a tool, asked once plainly and once as a stream."""

from agno.agent import Agent
from agno.models.anthropic import Claude


def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return f"sunny in {city}"


agent = Agent(model=Claude(id="claude-sonnet-5-5", max_tokens=256), tools=[get_weather], telemetry=False)
assert agent.run('Call get_weather for "Paris"').content
assert [event for event in agent.run("Say hello", stream=True)]
