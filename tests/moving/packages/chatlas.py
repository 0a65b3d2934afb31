"""chatlas: a chat with a tool, echoed, with its token counts."""

from pydantic import BaseModel

from chatlas import ChatAnthropic


def get_weather(city: str) -> str:
    """Return the weather in a city."""
    return f"sunny in {city}"


class City(BaseModel):
    name: str


chat = ChatAnthropic(model="claude-sonnet-5-5", max_tokens=256)
assert str(chat.chat("Say hello", echo="none"))
assert "".join(chat.stream("And again"))
chat.register_tool(get_weather)
assert str(chat.chat('Call get_weather for "Paris"', echo="none"))
chat.get_tokens()
