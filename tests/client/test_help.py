"""What `help()` and an editor show of the client's methods."""

from __future__ import annotations

import pydoc
import re
from typing import Any

import pytest

import keybearer
from keybearer.client.resources.messages import AsyncMessages, Messages


@pytest.mark.parametrize("resource", [Messages, AsyncMessages])
@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("create", keybearer.CreateParams),
        ("stream", keybearer.CreateParams),
        ("count_tokens", keybearer.CountParams),
    ],
)
def test_the_help_of_a_method_names_its_arguments(resource: Any, method: str, params: Any) -> None:
    """`help(client.messages.create)` has every argument's name, and no other but `stream`, and says where their types are."""
    text = pydoc.plain(pydoc.render_doc(getattr(resource, method)))
    arguments = text.rpartition("**params: ")[2].partition("\n\n")[0]  # newer Pythons show it in the signature too
    named = set(re.findall(r"`([a-z_]+)`", arguments))
    assert named == set(params.__annotations__) | named & {"stream"}
    assert f"keybearer.{params.__name__}" in arguments


@pytest.mark.parametrize("options", [keybearer.ClientOptions, keybearer.RequestOptions, keybearer.CreateParams])
def test_the_options_are_public_and_explained(options: Any) -> None:
    """What an editor completes from has a line for each key; those of `RequestOptions` are explained there."""
    lines = re.findall(r"^ +((?:[a-z_]+, )*[a-z_]+): ", options.__doc__, re.MULTILINE)
    explained = {name for line in lines for name in line.split(", ")}
    if options is keybearer.CreateParams:
        explained |= set(keybearer.RequestOptions.__annotations__)
    assert set(options.__annotations__) == explained
