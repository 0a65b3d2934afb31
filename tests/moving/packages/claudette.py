"""claudette: a chat with a system prompt, a stream and a tool."""

from claudette import Chat


def add(
    a: int,  # one number
    b: int,  # the other
) -> int:
    "Adds a and b"
    return a + b


chat = Chat("claude-sonnet-4-5", sp="Be brief")
print(chat("Say hello"))
print("".join(map(str, chat("Say it again", stream=True))))
print(chat.use, chat.cost)
chat = Chat("claude-sonnet-4-5", tools=[add])
print(chat("What is 2 + 3? Call add with a=2 and b=3."))
