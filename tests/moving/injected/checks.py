"""Stands in place of the helpers of the SDK's tests: a value is of keybearer's class, and holds what the SDK's class asks for."""

from typing import Any, Union, get_args, get_origin

from tests.conftest import TYPES


def assert_matches_type(type_: Any, value: Any, *, path: list[str]) -> None:
    """Check a value against a class, a union, or a page of a class."""
    origin = get_origin(type_)
    if origin is Union or type(type_).__name__ == "UnionType":
        assert any(_matches(option, value, path) for option in get_args(type_)), path
    elif origin is not None:
        assert isinstance(value, origin), (path, type(value))
        for item in value.data:
            assert_matches_type(get_args(type_)[0], item, path=[*path, "data"])
    else:
        assert isinstance(value, type_), (path, type(value))
        models = _theirs(type_)
        assert not models or any(_validates(model, value) for model in models), (path, models)


def _matches(option: Any, value: Any, path: list[str]) -> bool:
    try:
        assert_matches_type(option, value, path=path)
    except AssertionError:
        return False
    return True


def _theirs(type_: type) -> list[Any]:
    """Return the SDK's own classes of the names under which keybearer has a class: one of them is what the value is."""
    import importlib

    found = []
    for name, module in TYPES.items():
        ours = importlib.import_module("keybearer.compat." + name)
        found += [
            getattr(module, each)
            for each in dir(module)
            if hasattr(getattr(module, each), "model_validate") and getattr(ours, each, None) is type_
        ]
    return found


def _validates(model: Any, value: Any) -> bool:
    from pydantic import ValidationError

    try:
        model.model_validate(value.model_dump(mode="json"))
    except ValidationError:
        return False
    return True
