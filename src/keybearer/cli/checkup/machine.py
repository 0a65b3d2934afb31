"""What is on this machine: Python and its packages, the configuration and who trusted it, and the credentials."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from keybearer.cli.auth_setup import setup_of
from keybearer.cli.checkup.result import CheckResult, Checkup, failed, good, skipped, warning
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.found import DEFAULT_CONFIG, config_file
from keybearer.errors import ConfigError, CredentialError, KeybearerError

if TYPE_CHECKING:
    from keybearer.cli.auth_setup import Setup
    from keybearer.config.files import ConfigFiles

__all__ = ["configuration", "credentials", "packages", "python"]

_REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?>=(?P<least>[\d.]+)(?P<rest>.*)")
"""A requirement of ours in the package's metadata."""

_EXTRA: Final = re.compile(r"extra\s*==\s*['\"](?P<extra>[\w-]+)['\"]")

OTHERS_READ: Final = 0o077
OTHERS_WRITE: Final = 0o022


def python(_: Checkup) -> Iterator[CheckResult]:
    """Say which Python and which keybearer run."""
    from keybearer._version import __version__

    yield good(f"keybearer {__version__} on Python {platform.python_version()}, {platform.system()}: {sys.executable}")


def packages(_: Checkup) -> Iterator[CheckResult]:
    """See that what keybearer requires is there, in the versions that it takes."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        found = [match for line in requires("keybearer") or () if (match := _REQUIREMENT.match(line))]
    except PackageNotFoundError:
        yield warning(
            "keybearer runs from its sources, not as an installed package.",
            "Install it with: pip install, and the folder of its checkout or a wheel",
        )
        return
    core = [each for each in found if not _EXTRA.search(each["rest"])]
    problems = [(problem, each) for each in core if (problem := _package_problem(each["name"], each["least"]))]
    for problem, each in problems:
        remedy = f"Install it with this Python: {sys.executable} -m pip install '{each['name']}>={each['least']}'"
        yield CheckResult("failed", problem, remedy, ExitCode.FAILED)
    if problems:
        return
    versions = ", ".join(f"{each['name']} {_version(each['name'])}" for each in core)
    extras: dict[str, bool] = {}
    for each in found:
        if extra := _EXTRA.search(each["rest"]):
            there = not _package_problem(each["name"], each["least"])
            extras[extra["extra"]] = extras.get(extra["extra"], True) and there
    installed = ", ".join(name for name, there in extras.items() if there) or "none"
    yield good(f"{versions}; extras that are installed: {installed}")


def _version(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _package_problem(name: str, least: str) -> str:
    """Return why a package cannot be used; an empty text when it can."""
    if (there := _version(name)) is None:
        return f"{name} is not installed."
    if _numbers(there) < _numbers(least):
        return f"{name} is version {there}, and at least {least} is needed."
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def configuration(checkup: Checkup) -> Iterator[CheckResult]:
    """Read the configuration, its agents' files too, and say why it is obeyed."""
    from keybearer.cli.checkup.route import APIRoute
    from keybearer.cli.credential_report import DEFAULT_BASE_URL

    args = checkup.args
    try:
        files = config_file(args.config)
        setup = setup_of(args)
        words = _words(files, args.config) if files else f"There is no {DEFAULT_CONFIG} here: the environment decides."
    except ConfigError as error:
        yield failed(error, remedy="Mend it; `keybearer config validate FILE` checks it alone.")
        return
    checkup.setup = setup
    base_url = setup.base_url or DEFAULT_BASE_URL
    checkup.route = APIRoute(base_url, setup.transport)
    yield good(f"{words} Requests go to {base_url} (set by {setup.base_url_source or 'the default'}).")
    if files and (finding := _exposed_key(files)):
        yield finding


def _words(files: ConfigFiles, named: str | None) -> str:
    from keybearer.cli.validated import validated
    from keybearer.config.untrusted import demands

    providers, agents = validated(files)
    variable = os.environ.get("KEYBEARER_CONFIG")
    if named:
        trust = "named by --config"
    elif variable and os.path.isabs(variable):  # noqa: PTH117 - as `config_file` asks
        trust = "named by KEYBEARER_CONFIG"
    elif demands(files, os.environ):
        trust = "found here, and trusted by you as it is now"
    else:
        trust = "found here; it asks for nothing that needs your trust"
    return f"{files} ({trust}): providers {', '.join(providers)}; agents {', '.join(agents) or 'none'}."


def _exposed_key(files: ConfigFiles) -> CheckResult | None:
    """Return a warning of a file that holds a key and that others can read."""
    from keybearer.config.loader import load_config
    from keybearer.config.yaml import MAX_SIZE

    text = files.read(files, MAX_SIZE)
    providers = load_config(files).providers.values()
    keys = [key for each in providers for key in (each.api_key, *(each.api_keys or ())) if key]
    mode = os.stat(files).st_mode & 0o777  # noqa: PTH116 - pathlib costs an import here
    if os.name != "posix" or not mode & OTHERS_READ or not any(key.reveal().encode() in text for key in keys):
        return None
    return warning(
        f"{files} holds a key, and other users can read it (mode {mode:o}).",
        f"Run `chmod 600 {files}`; or keep the key out of it, with api_key: ${{ANTHROPIC_API_KEY}}.",
    )


def credentials(checkup: Checkup) -> Iterator[CheckResult]:
    """Say which credential is used, and what is wrong with it or with another."""
    from keybearer.cli.credential_report import report_of, usable

    if checkup.setup is None:
        yield skipped("The configuration says where they are, and cannot be used.")
        return
    if checkup.setup.platform is not None:
        checkup.has_credential = True
        place = report_of(checkup.setup)["chosen"]["place"]
        yield good(f"A platform signs: {checkup.setup.base_url_source}. Used: {place}; the real call below tries it.")
        yield from _open_folder()
        return
    try:
        usable(checkup.setup)
    except CredentialError as error:
        looked = " ".join(f"{each.rstrip('.')}." for each in getattr(error, "looked", ()))
        yield failed(error)._replace(says=f"{error.message} {looked}".strip())
        return
    except KeybearerError as error:
        yield failed(error)
        return
    checkup.has_credential = True
    report = report_of(checkup.setup)
    chosen = report["chosen"]
    kept = [f"expires {chosen['expires_at']}"] if chosen["expires_at"] else []
    kept += [each for each in (chosen["account"], chosen["freshness"]) if each]
    over = f" It wins over: {'; '.join(report['shadowed'])}." if report["shadowed"] else ""
    yield good(f"Used: {chosen['place']} ({'; '.join([chosen['mode'], *kept])}).{over}")
    yield from _identity(checkup.setup)
    for source in report["sources"]:
        if source["state"] in {"unusable", "unseen"}:
            yield warning(source["message"], "It is not used now; the line above is.")
    if checkup.setup.chain.search.auth.store == "redis":
        from keybearer.cli.checkup.login_store import shared_login

        yield from shared_login(checkup.setup.chain.search.auth)
    yield from _open_folder()


def _identity(setup: Setup) -> Iterator[CheckResult]:
    """Give a warning of an identity token that no federation rule will accept."""
    from keybearer.cli.credential_report import usable
    from keybearer.cli.identity_report import identity_problem
    from keybearer.credentials.oauth.login import OAuthLogin
    from keybearer.shell.clocks import CLOCKS

    login = usable(setup).provider
    if isinstance(login, OAuthLogin):
        words, remedy = identity_problem(login, CLOCKS.wall())
        if words:
            yield warning(f"{words[0].upper()}{words[1:]}.", remedy)


def _open_folder() -> Iterator[CheckResult]:
    """Give a warning of keybearer's own folder where others can write to it."""
    from keybearer.config.paths import user_home
    from keybearer.credentials.folders import own_folder

    try:
        folder = own_folder(os.environ, user_home(os.environ))
        mode = folder.stat().st_mode & 0o777
    except (OSError, CredentialError):
        return  # it is not there
    if os.name == "posix" and mode & OTHERS_WRITE:
        yield warning(
            f"Other users can put files into {folder} (mode {mode:o}), where logins and trust are kept.",
            f"Run `chmod 700 {folder}`.",
        )
