"""The official SDK's names of toolsets for a browser and a desktop: they can be imported and subclassed, and raise when they are made.

keybearer runs no toolset: the names are for programs that define one and do not use it in every run.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from keybearer.errors import UsageError
from keybearer.errors.nearest import did_you_mean
from keybearer.tools.tool import ToolError

__all__ = ["ERRORS", "MADE", "MEANT", "toolset_name"]

MADE: Final = frozenset(
    {
        "BetaAbstractBrowserToolset20260801",
        "BetaAsyncAbstractBrowserToolset20260801",
        "BetaAbstractComputerToolset20260801",
        "BetaAsyncAbstractComputerToolset20260801",
        "BetaBrowserNavigateResult",
        "BetaBrowserState",
        "BetaComputerCursorPositionResult",
        "BetaDialogDismissed",
        "BetaFilePolicy",
        "BetaLocalFilePolicy",
        "BetaNavigationRefused",
        "BetaScreenshotResult",
        "BetaComputerConfirmContext",
        "BetaConfirmContext",
        "BetaToolsetCallContext",
        "BetaURLContext",
        "beta_check_upload_path",
    }
)
"""What a program makes or calls: it raises then."""

ERRORS: Final = frozenset(
    {
        "ConfirmDeclinedError",
        "ConfirmFailedError",
        "DisabledMemberError",
        "InvalidMemberInputError",
        "TabMissingError",
        "ToolsetClosedError",
        "ToolsetConfigError",
        "ToolsetContractError",
        "ToolsetUsageError",
        "URLRefusedError",
        "UnavailableMemberError",
        "UnknownMemberError",
        "UploadRefusedError",
    }
)
"""Errors of toolsets: they may be caught, and are raised by nothing here."""

MEANT: Final = frozenset(
    {
        "BetaAsyncComputerConfirmCallable",
        "BetaAsyncConfirmCallable",
        "BetaAsyncURLPolicy",
        "BetaBrowserMemberResult",
        "BetaComputerConfirmCallable",
        "BetaComputerMemberResult",
        "BetaConfirmCallable",
        "BetaToolConfigs",
        "BetaToolsetContent",
        "BetaURLPolicy",
    }
)
"""Names of types, for annotations alone."""


def _refuse(self: Any, *_: Any, **__: Any) -> None:
    raise UsageError(
        f"keybearer.compat has no {type(self).__name__}: it runs no toolset of the service.",
        hint="Keep the official SDK for this part; keybearer.SDKCredentials gives it keybearer's login.",
    )


@cache
def toolset_name(name: str, module: str) -> Any:
    """Return what a name of toolsets stands for.

    Args:
        name: The SDK's name.
        module: The module that it is asked of.

    Raises:
        AttributeError: The SDK has no such name there.
    """
    if name in MEANT:
        return Any
    if name in ERRORS:
        return type(name, (ToolError,), {"__module__": module})
    if name in MADE:
        return type(name, (), {"__init__": _refuse, "__module__": module})
    near = did_you_mean(name, [*MADE, *ERRORS, *MEANT])
    raise AttributeError(f"module {module!r} has no attribute {name!r}.{near}")
