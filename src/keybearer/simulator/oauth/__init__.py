"""The authorization server's HTTP: a consent page and a token endpoint over what `grants` remembers."""

from __future__ import annotations

from keybearer.simulator.oauth.endpoints import ENDPOINTS

__all__ = ["ENDPOINTS"]
