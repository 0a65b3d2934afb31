"""The methods of resources that are typed by hand, held to the SDK's: names, parameters, and the classes that programs patch."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import anthropic
import anthropic.resources
import pytest

import keybearer.compat.resources
from keybearer import compat
from keybearer.simulator import Simulator

ASK: dict[str, Any] = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
RESOURCES = ("messages", "messages.batches", "models", "files", "skills", "skills.versions")
CALL = {"extra_headers", "extra_query", "extra_body", "timeout", "self", "betas", "stream"}
"""What steers a call: options of every method here."""

NOT_HERE = {("messages", "parse"), ("messages", "create"), ("messages", "stream"), ("messages", "count_tokens")}
"""Methods whose parameters are in a TypedDict, which other tests hold to the SDK's."""

OPTIONS = {"workspace_id", "user_profile_id"}


def _methods(resource: Any) -> dict[str, Any]:
    listed = {name: getattr(resource, name) for name in dir(type(resource)) if not name.startswith(("_", "with_"))}
    return {name: each for name, each in listed.items() if inspect.ismethod(each)}


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("beta", ["", "beta."])
def test_each_method_takes_the_sdk_s_parameters(name: str, beta: str) -> None:
    """By the same names, the required ones by place too."""
    ours: Any = compat.Anthropic(api_key="sk-ant-test")
    theirs: Any = anthropic.Anthropic(api_key="sk-ant-test")
    for part in (beta + name).split("."):
        ours, theirs = getattr(ours, part), getattr(theirs, part)
    for method, official in _methods(theirs).items():
        if (name, method) in NOT_HERE or method in {"tool_runner", "create_and_run", "thread"}:
            continue
        taken = inspect.signature(getattr(ours, method)).parameters
        wanted = inspect.signature(official).parameters
        assert wanted.keys() - CALL - OPTIONS <= taken.keys(), method
        places = [each for each, of in wanted.items() if of.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
        assert list(taken)[: len(places)] == places, method


def _names(package: Any, below: str) -> dict[str, set[str]]:
    modules = {package.__name__} | {
        each.name for each in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    }
    return {each.removeprefix(below): set(importlib.import_module(each).__all__) for each in modules}


def test_the_classes_have_the_sdk_s_names() -> None:
    """Every module here is one there, with the names that it has there; `DEPRECATED_MODELS` is imported there and not listed."""
    ours = _names(keybearer.compat.resources, "keybearer.compat.")
    for module, names in ours.items():
        official = importlib.import_module(f"anthropic.{module}")
        assert [name for name in names if not hasattr(official, name)] == [], module


def test_a_class_can_be_patched_before_and_after_a_client_is_made(
    sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As tracers do; and `isinstance` knows the client's resources."""
    from keybearer.compat.resources.messages import DEPRECATED_MODELS, Messages

    seen = []
    original = Messages.create

    def create(self: Any, **given: Any) -> Any:
        seen.append(given["model"])
        return original(self, **given)

    with compat.Anthropic(api_key=sim.api_key, base_url=sim.base_url) as client:
        client.messages.create(**ASK)
        monkeypatch.setattr(Messages, "create", create)
        client.messages.create(**ASK)
        assert isinstance(client.messages, Messages)
    assert seen == [ASK["model"]]
    assert DEPRECATED_MODELS["claude-opus-4-5"] == "2027-01-22"
