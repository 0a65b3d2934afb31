"""instructor: the extraction of its README, plain, nested, streamed, in a list, and with a validator."""

import json

import instructor
from instructor import Partial
from pydantic import BaseModel


def must_be_lower(name: str) -> str:
    if not name.islower():
        raise ValueError("name must be in lowercase")
    return name


class User(BaseModel):
    name: str
    age: int


class Address(BaseModel):
    street: str
    city: str
    country: str


class Resident(User):
    addresses: list[Address]


client = instructor.from_provider("anthropic/claude-sonnet-4-5")


def extract(response_model, content, **more):
    messages = [{"role": "user", "content": content}]
    return client.create(response_model=response_model, messages=messages, max_tokens=1024, **more)


partial = list(extract(Partial[User], "Jason is 25 years old", stream=True))
print(
    json.dumps(
        {
            "user": extract(User, "John is 25 years old").model_dump(),
            "resident": extract(
                Resident, "Extract: Anna is 31 years old and lives at 12 Main Street, Oslo, Norway"
            ).model_dump(),
            "partial": partial[-1].model_dump(),
            "users": [user.model_dump() for user in extract(list[User], "John is 25 years old and Mary is 30")],
        }
    )
)
