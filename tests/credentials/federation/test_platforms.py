"""The table of platforms agrees with the configuration's words and the fixed addresses."""

from __future__ import annotations

from typing import get_args, get_type_hints

from keybearer.config.auth_schema import IdentityTokenConfig
from keybearer.config.metadata import is_metadata_url
from keybearer.credentials.federation.named import FILES
from keybearer.credentials.federation.platforms import ENDPOINTS, IdentityRequest


def test_each_platform_of_the_configuration_has_a_row() -> None:
    """No platform can be named that nothing reads."""
    named = {each for kind in get_args(get_type_hints(IdentityTokenConfig)["platform"]) for each in get_args(kind)}
    assert named == {*ENDPOINTS, *FILES}


def test_the_clear_addresses_are_the_fixed_ones() -> None:
    """A request in clear text goes to an address of the table, to the letter."""
    for name in ("google", "azure"):
        assert is_metadata_url(ENDPOINTS[name].request(IdentityRequest(audience="x", environ={})).url)
