"""The tool runner, with a tool from a function."""
from anthropic import Anthropic, beta_tool


@beta_tool
def get_weather(city: str) -> str:
    """Return the weather in a city.

    Args:
        city: The city.
    """
    return f"sunny in {city}"


runner = Anthropic().beta.messages.tool_runner(
    model="claude-sonnet-5-5",
    max_tokens=500,
    tools=[get_weather],
    messages=[{"role": "user", "content": 'Call get_weather for the city "Paris"'}],
)
last = None
for last in runner:
    print(last.stop_reason)
assert last is not None and last.stop_reason == "end_turn"
