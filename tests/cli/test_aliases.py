"""Short names of models."""

from __future__ import annotations

from typing import Any, cast

import pytest

from keybearer.cli.aliases import full_model
from keybearer.client.sync import Client
from keybearer.errors import NotFound
from keybearer.types.models import ModelInfo


def account(*models: dict[str, Any]) -> Client:
    """Return a client of an account that has some models."""

    class Listing:
        def list(self) -> list[ModelInfo]:
            return [ModelInfo.from_dict({"type": "model", "display_name": "", **each}) for each in models]

    class Fake:
        models = Listing()

    return cast("Client", Fake())


def model(name: str, day: str, line: str | None = "haiku", lifecycle: str = "active") -> dict[str, Any]:
    """Return a model as the service lists it."""
    return {"id": name, "created_at": f"{day}T00:00:00Z", "line": line, "lifecycle": lifecycle}


def test_an_alias_is_the_newest_of_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Which one is said once, on standard error; one that ends soon comes after those that do not."""
    client = account(
        model("claude-haiku-4-5", "2025-10-15"),
        model("claude-haiku-5-5", "2026-10-07"),
        model("claude-haiku-6", "2026-11-01", lifecycle="deprecated"),
        model("claude-sonnet-9", "2026-11-20", "sonnet"),
    )
    assert full_model(client, "haiku") == "claude-haiku-5-5"
    assert full_model(client, "sonnet", quiet=True) == "claude-sonnet-9"
    out, err = capsys.readouterr()
    assert (out, err) == ("", "keybearer: haiku is claude-haiku-5-5.\n")


def test_any_other_name_is_a_models_id(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is asked, and nothing said."""
    assert full_model(cast("Client", None), "claude-haiku-4-5") == "claude-haiku-4-5"
    assert capsys.readouterr() == ("", "")


def test_a_gateway_that_names_no_line() -> None:
    """The line is read from the name then."""
    client = account(model("us.anthropic.claude-opus-5", "2026-07-24", None), model("gpt-9", "2027-01-01", None))
    assert full_model(client, "opus", quiet=True) == "us.anthropic.claude-opus-5"


def test_an_account_without_such_a_model() -> None:
    """It is the error of a model that is not there, and says what to do."""
    with pytest.raises(NotFound, match="no model of the line opus.*models list"):
        full_model(account(model("claude-opus-3", "2024-02-29", "opus", "retired")), "opus")
