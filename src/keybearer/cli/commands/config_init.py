"""`keybearer config init`: the wizard of a first configuration.

    where ─▶ how to sign in ─▶ a first agent ─▶ secrets out of git ─▶ files ─▶ trust ─▶ login or token ─▶ a test call

Contract: nothing that is there is changed or lost: a provider is added to an `llm.yaml`, an agent's file and a secret are left as they
are. Each question has a flag, and `--yes` answers the rest with defaults. No secret is an argument, and none goes into `llm.yaml`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from keybearer.cli.called import DEFAULT_MODEL
from keybearer.cli.exit_codes import ExitCode
from keybearer.cli.found import DEFAULT_CONFIG
from keybearer.cli.new_file import write_new
from keybearer.cli.options import add_options
from keybearer.cli.output import complain, say
from keybearer.cli.questions import Questions
from keybearer.errors import KeybearerError, UsageError

__all__ = ["WAYS", "add_arguments", "init"]

WAYS: Final = {
    "environment": "an API key, in the variable ANTHROPIC_API_KEY",
    "key": "an API key that you paste now; it is kept in a file",
    "login": "a login with a Claude subscription, in the browser",
    "setup-token": "a token that `claude setup-token` has printed",
    "claude-code": "the login of Claude Code on this machine",
}
"""The ways to sign in."""

_AGENT: Final = """\
# An agent: its provider and model, and what else your program wants to know.
# keybearer ask --agent {name} "hello"
model:
  provider: {provider}
  model: {model}
  max_tokens: 4096

instructions: |
  You are a careful assistant. Say so when you do not know something.
"""

_IGNORE: Final = "# Secrets: none of these files belongs in a repository.\n*\n!.gitignore\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("file", nargs="?", default=DEFAULT_CONFIG, help=f"the file (default: {DEFAULT_CONFIG})")
    parser.add_argument("--auth", choices=WAYS, metavar="WAY", help=f"how to sign in: {', '.join(WAYS)}")
    parser.add_argument("--provider", metavar="NAME", help="the provider to add (default: anthropic)")
    parser.add_argument("--agent", metavar="NAME", help="the agent to make (default: assistant)")
    parser.add_argument("--agent-model", metavar="MODEL", help=f"its model (default: {DEFAULT_MODEL})")
    add_options(parser, "base-url")
    parser.add_argument("--yes", action="store_true", help="ask nothing: take the defaults of what no flag says")
    parser.add_argument("--no-browser", action="store_true", help="print a login's address instead of opening it")
    parser.add_argument("--no-call", action="store_true", help="end without the test call, which costs one token")


def init(args: argparse.Namespace) -> int:
    """Make a configuration, or add to one.

    Args:
        args: The parsed flags.

    Returns:
        The exit code: that of the test call, which comes last.
    """
    path = Path(args.file)
    questions = Questions("Answer with flags: --yes, --auth WAY, --provider NAME, --agent NAME.", silent=args.yes)
    before = _present(path)
    taken = _providers(path) if before is not None else []
    if taken:
        complain(f"{path} is there, with the providers {', '.join(taken)}. One is added; nothing of it is changed.")
    way = args.auth or questions.choice("How do you want to sign in?", WAYS, "environment")
    provider = _new_name(args.provider, taken, questions)
    agents = path.parent / "agents"
    made = _free("assistant", [each.stem for each in agents.glob("*.yaml")])
    agent = _name(args.agent or questions.text("The name of a first agent?", made), "agent")
    model = args.agent_model or questions.text("Its model?", DEFAULT_MODEL)
    secrets = path.parent / "secrets"
    _make_secrets(secrets)
    if way == "key":
        _keep_key(secrets / "anthropic_api_key", questions)
    trusted = before is None or _is_trusted(path)
    _write(path, before, provider, way, args.base_url)
    _write_agent(agents / f"{agent}.yaml", agent, provider, model)
    _trust(path, questions, known=trusted)
    if taken:
        say(f"There are several providers now: name one with --provider, or an agent with --agent {agent}.")
    return _sign_in(args, path, provider, way) or _call(args, path, provider, agent, way)


# ── what is there, and what is asked ─────────────────────────────────────────


def _present(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text.", hint="Give another file.") from None


def _providers(path: Path) -> list[str]:
    from keybearer.cli.llm_yaml import with_key
    from keybearer.config.loader import load_config

    return list(load_config(path, with_key()).providers)


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name that is not taken: this one, else with a number."""
    if name not in taken:
        return name
    return next(each for number in range(2, len(taken) + 3) if (each := f"{name}{number}") not in taken)


def _new_name(given: str | None, taken: list[str], questions: Questions) -> str:
    """Return the name of the provider to add, which is not there yet."""
    free = _free("anthropic", taken)
    name = _name(given or (questions.text("The name of the provider to add?", free) if taken else free), "provider")
    if name in taken:
        raise UsageError(
            f"There is a provider {name!r} already.", hint="Name another with --provider; nothing was changed."
        )
    return name


def _name(text: str, what: str) -> str:
    """Return a name that is fit for a key and for a file."""
    if not text or not text.replace("-", "").replace("_", "").isalnum() or not text.isascii():
        raise UsageError(f"{text[:40]!r} cannot name the {what}.", hint="Take letters, digits, - and _.")
    return text


# ── what is written ──────────────────────────────────────────────────────────


def _make_secrets(folder: Path) -> None:
    """Make the folder of secrets: its owner's alone, and out of git."""
    from keybearer.credentials.stores.private_files import private_folder

    folder.parent.mkdir(parents=True, exist_ok=True)
    private_folder(folder)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_new(ignore, _IGNORE)
        say(f"Wrote {ignore}: git leaves out what is in {folder}.")


def _keep_key(path: Path, questions: Questions) -> None:
    """Ask for an API key and keep it, for its owner alone; one that is there is kept."""
    from keybearer.credentials.sources.static import StaticKey, unquoted
    from keybearer.types.secret import Secret

    if path.exists():
        say(f"Kept {path}, which is there.")
        return
    key = Secret(unquoted(questions.secret("Paste the API key from the Console:").reveal()))
    StaticKey(key.reveal(), source="standard input")  # what can be no key is refused here
    write_new(path, Secret(key.reveal() + "\n").reveal(), private=True)
    say(f"Wrote {path}, which only you can read.")


def _write(path: Path, before: str | None, provider: str, way: str, base_url: str | None) -> None:
    from keybearer.cli.llm_yaml import new_file, provider_lines, with_provider, write_checked

    lines = provider_lines(way, base_url)
    text = new_file(provider, lines) if before is None else with_provider(before, str(path), provider, lines)
    write_checked(path, text, before)
    say(f"{'Wrote' if before is None else 'Added ' + provider + ' to'} {path}.")


def _write_agent(path: Path, name: str, provider: str, model: str) -> None:
    from keybearer.cli.llm_yaml import yaml_scalar

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_new(path, _AGENT.format(name=name, provider=provider, model=yaml_scalar(model)))
    except FileExistsError:
        say(f"Kept {path}, which is there.")
    else:
        say(f"Wrote {path}.")


# ── trust, login, call ───────────────────────────────────────────────────────


def _is_trusted(path: Path) -> bool:
    """Return whether a file that is there may be trusted again after this: it asks for nothing that needs it, or is trusted now."""
    from keybearer.cli.trusted import Trusted
    from keybearer.config.files import ConfigFiles
    from keybearer.config.untrusted import demands

    files = ConfigFiles(path)
    return not demands(files, os.environ) or Trusted().holds(files)


def _trust(path: Path, questions: Questions, *, known: bool) -> None:
    """Trust what was written now; what somebody else wrote into it before, only if the user says so."""
    from keybearer.cli.trusted import Trusted, listed
    from keybearer.config.files import ConfigFiles
    from keybearer.config.untrusted import demands

    files = ConfigFiles(path)
    asked = demands(files, os.environ)
    if not asked:
        return
    if not known:
        complain(f"{path} asks for what decides where credentials go: {listed(asked)}.")
        if not questions.confirm("Trust this file, as it is now?"):
            say("It is not trusted: look at it, then run `keybearer config trust`.")
            return
    Trusted().add(files)
    say(f"Trusted as it is now: {path}. After a change by hand, run `keybearer config trust` again.")


def _sign_in(args: argparse.Namespace, path: Path, provider: str, way: str) -> int:
    """Make the login, or save the token, that the way needs; return an exit code other than 0 where there is none."""
    flags = argparse.Namespace(
        command="config", config=str(path), provider=provider, bundle=None, store=None, file=None, accept_terms=False, console=False,
        no_browser=args.no_browser, port=0, timeout=600.0,
    )  # fmt: skip
    if way == "login":
        from keybearer.cli.commands.auth_login import login

        return login(flags)
    if way == "setup-token":
        from keybearer.cli.commands.auth import save_setup_token

        return save_setup_token(flags)
    return 0


def _call(args: argparse.Namespace, path: Path, provider: str, agent: str, way: str) -> int:
    from keybearer.cli.called import make_client
    from keybearer.cli.checkup.service import trial_call

    if args.no_call:
        return ExitCode.OK
    again = f"The files are written; see `keybearer doctor --config {path} --provider {provider}`."
    if way == "environment" and not os.environ.get("ANTHROPIC_API_KEY"):
        complain(f"keybearer config init: there is no test call, since ANTHROPIC_API_KEY is not set. {again}")
        return ExitCode.CREDENTIAL
    try:
        flags = argparse.Namespace(config=str(path), provider=provider, agent=agent, base_url=None)
        with make_client(flags) as client:
            say(f"It works: {trial_call(client)}")
    except KeybearerError:
        complain(f"keybearer config init: the test call failed. {again}")
        raise
    say(f'Try it: keybearer ask --agent {agent} "hello"')
    return ExitCode.OK
