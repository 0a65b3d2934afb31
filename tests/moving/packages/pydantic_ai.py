"""pydantic_ai: an agent with a tool, and a stream."""

from pydantic_ai import Agent

agent = Agent("anthropic:claude-sonnet-4-5")


@agent.tool_plain
def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return f"sunny in {city}"


assert agent.run_sync('Call get_weather for "Paris"').output
