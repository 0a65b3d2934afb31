"""A platform's settings, from arguments and variables to an address."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from keybearer import Platform
from keybearer.errors import ConfigError
from keybearer.providers.destination import destination_of, platform_problem
from support.platforms import PLATFORM_CASES, destination


@pytest.mark.parametrize("kind", PLATFORM_CASES)
def test_the_address_is_the_official_clients(kind: str) -> None:
    """Each platform's own address is the one that the SDK's client has."""
    case = PLATFORM_CASES[kind]
    client = getattr(anthropic, case.sdk)(**case.sdk_given)
    assert destination(kind).root == str(client.base_url).rstrip("/")


@pytest.mark.parametrize("region", ["global", "us", "eu", "europe-west1"])
def test_vertex_has_hosts_of_its_own(region: str) -> None:
    """The regions without a host of their name are the SDK's."""
    client = anthropic.AnthropicVertex(region=region, project_id="p", access_token="t")
    root = destination_of(Platform("vertex", region=region, project="p"), {}).root
    assert root == str(client.base_url).rstrip("/")


def test_variables_stand_in() -> None:
    """What no argument names is read from the platform's own variables; an argument wins."""
    environ = {"AWS_DEFAULT_REGION": "eu-west-1", "ANTHROPIC_AWS_WORKSPACE_ID": "wrkspc_2"}
    to = destination_of(Platform("aws"), environ)
    assert (to.host, to.settings["workspace"]) == ("aws-external-anthropic.eu-west-1.api.aws", "wrkspc_2")
    assert destination_of(Platform("aws", region="us-east-2"), environ).host.startswith(
        "aws-external-anthropic.us-east-2."
    )
    assert destination_of(Platform("aws"), environ | {"AWS_REGION": "us-west-1"}).settings["region"] == "us-west-1"


def test_an_address_stands_in_for_what_is_only_in_the_address() -> None:
    """A Foundry or a Mantle behind an own address needs no resource and no region; Vertex's requests have theirs."""
    environ = {"ANTHROPIC_FOUNDRY_BASE_URL": "https://proxy.example/anthropic/"}
    to = destination_of(Platform("foundry"), environ)
    assert (to.root, to.given) == ("https://proxy.example/anthropic", True)
    with pytest.raises(ConfigError, match="Vertex AI needs its region"):
        destination_of(Platform("vertex"), {}, "https://proxy.example/v1")


def test_what_is_missing_says_where_to_set_it() -> None:
    """The error names the setting, its variables and the configuration."""
    with pytest.raises(ConfigError) as caught:
        destination_of(Platform("bedrock_mantle"), {})
    assert caught.value.hint == (
        "Set AWS_REGION or AWS_DEFAULT_REGION, or region in the provider's section of llm.yaml, "
        "or Platform('bedrock_mantle', region=...)."
    )


def test_a_cloud_knows_more() -> None:
    """What neither an argument nor a variable names may stand in the cloud's own files."""
    to = destination_of(Platform("vertex", region="us-east5"), {}, None, {"project": "from-adc"}.get)
    assert to.settings["project"] == "from-adc"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kind": "bedrok"}, "Did you mean bedrock?"),
        ({"kind": "bedrock", "region": "evil.example/"}, "has region="),
        ({"kind": "bedrock", "region": "evil.example"}, "has region="),
        ({"kind": "foundry", "resource": "a@evil"}, "has resource="),
        ({"kind": "vertex", "region": "us", "project": "a/b"}, "has project="),
        ({"kind": "foundry", "region": "us"}, "which Microsoft Foundry does not take; it takes resource"),
        ({"kind": "bedrock", "allow": ("fast_mod",)}, "Did you mean fast_mode?"),
        ({"kind": "bedrock", "token": print}, "has token"),
        ({"kind": "foundry", "token": "x"}, "has token"),
    ],
)
def test_a_setting_that_would_lead_elsewhere_is_refused(given: dict[str, Any], problem: str) -> None:
    """A setting becomes a part of an address, so it is made of harmless characters; each mistake is in words."""
    assert problem in str(platform_problem(Platform(**given)))


def test_a_variable_is_checked_too() -> None:
    """A region of the environment that would lead elsewhere sends no credential there."""
    with pytest.raises(ConfigError, match="has region="):
        destination_of(Platform("bedrock"), {"AWS_REGION": "x.evil.example/"})
    with pytest.raises(ConfigError, match="ANTHROPIC_BEDROCK_BASE_URL"):
        destination_of(Platform("bedrock", region="us-east-1"), {"ANTHROPIC_BEDROCK_BASE_URL": "http://x.example"})
