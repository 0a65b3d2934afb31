"""Whether a program uses OpenTelemetry, asked at each call; this module imports nothing of it.

Strategy: the telemetry is one observer for the whole process, made when the first call sees that a provider is set. A provider is set
when the program has imported OpenTelemetry's API and the class of its tracer's or meter's provider is not the API's own, which does
nothing until an SDK is set. Where OpenTelemetry's own SDK is not imported, that is asked once a second, for another one may be.

Contract: a client asks only where the API was imported (`keybearer.client.admission`). `found` never raises.
"""

from __future__ import annotations

import importlib
import logging
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from keybearer.errors import ConfigError

if TYPE_CHECKING:
    from keybearer.observe.telemetry import Telemetry

__all__ = ["always", "found", "load"]

_log = logging.getLogger("keybearer")

_telemetry: Telemetry | None = None
_broken = False
_next_look = float("-inf")

LOOK_EVERY: Final = 1.0
"""How often a provider is looked for that is not OpenTelemetry's own SDK's, in seconds: asking for it takes 5 us."""


def found() -> Telemetry | None:
    """Return the telemetry if a provider is set; None if none is."""
    global _next_look  # noqa: PLW0603 - one for the process
    if _telemetry is not None:
        return _telemetry
    if "opentelemetry.sdk" not in sys.modules:
        if (now := time.monotonic()) < _next_look:
            return None
        _next_look = now + LOOK_EVERY
    trace, metrics = sys.modules.get("opentelemetry.trace"), sys.modules.get("opentelemetry.metrics")
    if _broken or not (_is_set(trace, "get_tracer_provider") or _is_set(metrics, "get_meter_provider")):
        return None
    return always()


def always() -> Telemetry | None:
    """Return the telemetry; None where it cannot be made, which is logged once."""
    global _telemetry, _broken  # noqa: PLW0603 - one for the process
    if _telemetry is None and not _broken:
        try:
            from keybearer.observe.telemetry import Telemetry

            _telemetry = Telemetry()
        except Exception:  # noqa: BLE001 - telemetry breaks no call
            _broken = True
            _log.exception("OpenTelemetry cannot be used; there are no spans and no metrics")
    return _telemetry


def load() -> None:
    """Import OpenTelemetry's API.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        importlib.import_module("opentelemetry.trace")
    except ImportError:
        installed = False
    else:
        installed = True
    if not installed:
        raise ConfigError(
            "Client(telemetry=True) needs OpenTelemetry's API, which is not installed.",
            key="telemetry",
            hint="Install the extra keybearer[otel], or opentelemetry-api.",
        )


def _is_set(module: Any, getter: str) -> bool:
    global _broken  # noqa: PLW0603 - one for the process
    get = getattr(module, getter, None)
    if get is None:  # not imported, or half
        return False
    try:
        provider = get()
    except Exception:  # noqa: BLE001 - the provider that the environment names cannot be loaded
        _broken = True
        _log.warning("OpenTelemetry's provider cannot be loaded; there are no spans and no metrics", exc_info=True)
        return False
    return not type(provider).__module__.startswith(module.__name__)
