"""`keybearer simulate`: flags, the first line of output, signals, and a clean end."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from keybearer._arguments import day, port, rate, seconds, whole_seconds
from keybearer.simulator.chaos.profile_file import profile_names
from keybearer.simulator.core.catalogue import CATALOGUE, Lifecycle
from keybearer.simulator.core.clock import rfc3339
from keybearer.simulator.options import PROVIDERS, Options
from keybearer.simulator.process.json_lines import LineWriter, request_line, unused_line
from keybearer.simulator.process.outcome import outcome_lines
from keybearer.simulator.process.parent import watch_parent
from keybearer.simulator.process.run_command import (
    NOT_FOUND_CODE,
    NOT_RUNNABLE_CODE,
    command_environment,
    exit_code,
    run_command,
)
from keybearer.simulator.service.rate_limits import TIERS
from keybearer.simulator.simulator import Simulator

__all__ = ["add_arguments", "main", "run"]


TOKEN_VARIABLE: Final = "KEYBEARER_SIM_TOKEN"  # noqa: S105  # a variable's name


class _RefusedToken(argparse.Action):
    """Refuses `--token`, because every user of the machine reads the arguments of a process."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        parser.error(f"--token would show the token to every user, in ps: use --token-file, or set {TOKEN_VARIABLE}")


def _token(file: Path | None) -> str | None:
    """Read the token from its file or from the environment; None lets the simulator make one up.

    Raises:
        ValueError: The file is empty or cannot be read.
    """
    if file is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ValueError(f"--token-file {file}: {reason}") from error
    if not token:
        raise ValueError(f"--token-file {file}: the file is empty")
    return token


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the simulator's flags to a parser."""
    default = Options()
    add = parser.add_argument
    add("--host", default=default.host, help="where to listen; anything but loopback needs a token")
    add("--port", type=port, default=default.port, help="0, the default, takes a free one")
    add(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"a file with the token for the admin pages (x-sim-token); else it is taken from {TOKEN_VARIABLE}, else made up",
    )
    add("--token", action=_RefusedToken, help=argparse.SUPPRESS)
    add("--seed", type=int, default=default.seed, help="the seed of the engine and of the ids")
    add("--lenient", default="", metavar="RULE[,RULE]", help="rules to skip, by name")
    add(
        "--future",
        choices=("accept", "refuse"),
        default=default.future,
        help="fields, blocks and beta tags that nobody knows yet: accept them with a note in the journal, or refuse them",
    )
    add(
        "--provider",
        default="",
        metavar="KIND[,KIND]",
        help=f"platforms to serve too, each below its name: {', '.join(sorted(PROVIDERS))}, or all",
    )
    add("--scenario", type=Path, metavar="FILE", help="a YAML file of scripted turns")
    add(
        "--chaos",
        metavar="NAME|FILE",
        help=f"a chaos profile that strikes requests: {', '.join(profile_names())}, or a YAML file",
    )
    add("--report", type=Path, metavar="FILE", help="write the outcome to a file when it ends, as JUnit XML")
    add("--replay", type=Path, metavar="FILE", help="answer from a recording")
    add(
        "--replay-ignore",
        action="append",
        default=[],
        metavar="REGEX",
        help="what differs from the recording and does not matter; may be given again",
    )
    add(
        "--import",
        dest="imports",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="write HAR files, VCR cassettes or transcripts of Claude Code to --record, and end",
    )
    add("--record", type=Path, metavar="FILE", help="pass requests on to --upstream and record them, without secrets")
    add("--upstream", default=default.upstream, metavar="URL", help="where --record sends requests")
    add("--prerender", action="store_true", help="repeat the first reply's bytes for equal requests: for benchmarks")
    add("--tier", default=default.tier, help="the rate limits: " + ", ".join(TIERS))
    add("--batch-seconds", type=seconds, default=default.batch_seconds, help="how long a batch takes")
    add(
        "--access-token-seconds",
        type=whole_seconds,
        default=default.access_token_seconds,
        help="how long an access token lives",
    )
    add(
        "--refresh-grace-seconds",
        type=seconds,
        default=0.0,
        help="how long a spent refresh token still gets its first reply",
    )
    add(
        "--federation", type=Path, metavar="FILE", help="a YAML file of federation rules, for identity tokens of others"
    )
    add("--auto-approve", action="store_true", help="let the consent page approve by itself")
    add("--tokens-per-second", type=rate, default=default.tokens_per_second, help="the speed of a stream; 0: no limit")
    add(
        "--time-to-first-token",
        type=seconds,
        default=default.time_to_first_token,
        metavar="SECONDS",
        help="how long a stream waits before its first token",
    )
    add(
        "--chunking",
        default=default.chunking,
        help="how a stream is cut into writes: burst, event, or a number of bytes",
    )
    add("--on", type=day, metavar="DAY", help="the day on which the clock starts, such as 2027-01-22; today by default")
    add(
        "--run",
        dest="runs_beside",
        action="store_true",
        help="run a command with the environment set, print the findings, and exit with the worse of both; the last flag, "
        "for all that follows is the command",
    )
    # Not the value of `--run`: argparse lets no flag's value hold a `--`, as in `npm test -- --watch`.
    add("beside", nargs=argparse.REMAINDER, metavar="COMMAND", help="the command of --run, with its own flags")
    add("--exit-with-parent", action="store_true", help="end when standard input closes or the parent process ends")
    add("--quiet", action="store_true", help="print where it listens, but not the requests")


def _options(args: argparse.Namespace) -> Options:
    return Options(
        host=args.host,
        port=args.port,
        token=_token(args.token_file),
        seed=args.seed,
        lenient=frozenset(name.strip() for name in args.lenient.split(",") if name.strip()),
        future=args.future,
        provider=frozenset(name.strip() for name in args.provider.split(",") if name.strip()),
        scenario=args.scenario,
        chaos=args.chaos,
        report=args.report,
        replay=args.replay,
        replay_ignore=tuple(args.replay_ignore),
        record=args.record,
        upstream=args.upstream,
        prerender=args.prerender,
        tier=args.tier,
        batch_seconds=args.batch_seconds,
        access_token_seconds=args.access_token_seconds,
        federation=args.federation,
        refresh_grace_seconds=args.refresh_grace_seconds,
        auto_approve=args.auto_approve,
        tokens_per_second=args.tokens_per_second,
        time_to_first_token=args.time_to_first_token,
        chunking=args.chunking,
        on=args.on,
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal arrives, or the parent process has ended.

    Args:
        args: What `add_arguments` parsed.

    Returns:
        0, or 2 when the flags are invalid or the port is taken; with `--run` the worse of the command's exit code and that
        of the findings.
    """
    if args.imports:
        from keybearer.simulator.process.importing import import_files

        return import_files(args.imports, args.record, _complain)
    try:
        _check_run(args)
        simulator = Simulator(_options(args))
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return 2
    except ValueError as error:
        _complain(str(error))
        return 2
    try:
        simulator.start()
    except OSError as error:
        _complain(f"cannot listen on {args.host} port {args.port}: {error.strerror or error}")
        return 2
    except ValueError as error:
        _complain(str(error))
        return 2
    if args.runs_beside:
        return _closed(simulator, lambda: _run_beside(simulator, args.beside))
    return _closed(simulator, lambda: _serve(simulator, args))


def _serve(simulator: Simulator, args: argparse.Namespace) -> int:
    """Serve until a signal arrives, or the parent process has ended."""
    # A socket and not an Event: a signal wakes any thread that the kernel picks, only a byte is sure to wake the main one.
    woken, waker = socket.socketpair()
    waker.setblocking(False)

    def end(*_: Any) -> None:
        with contextlib.suppress(OSError):  # a byte is there already, or it has ended
            waker.send(b".")

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # the byte is enough
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    if args.exit_with_parent:
        watch_parent(end)
    _announce(simulator, quiet=args.quiet)
    woken.recv(1)
    for line in simulator.report.lines():
        _complain(line)
    _complain_of_unused(simulator)
    return 0


def _closed(simulator: Simulator, serve: Callable[[], int]) -> int:
    """Serve, and close the simulator, which writes the report; return the exit code."""
    try:
        with simulator:
            return serve()
    except OSError as error:
        _complain(f"--report {error.filename}: {error.strerror}")
        return 2


def _check_run(args: argparse.Namespace) -> None:
    """Refuse flags that `--run` gives no meaning.

    Raises:
        ValueError: There is no command, or the parent's end could not be noticed.
    """
    if not args.runs_beside:
        if args.beside:
            raise ValueError(f"{args.beside[0]}: to run a command, give it after --run")
        return
    if not args.beside:
        raise ValueError("--run needs a command, such as: --run pytest -q")
    if args.exit_with_parent:
        raise ValueError("--exit-with-parent reads standard input, which with --run is the command's: leave it out")


def _run_beside(simulator: Simulator, command: list[str]) -> int:
    """Run a command beside the simulator, and report on standard error, because standard output is the command's."""
    environment = command_environment(
        os.environ, base_url=simulator.base_url, api_key=simulator.api_key, token=simulator.token
    )
    try:
        code = run_command(command, environment)
    except OSError as error:
        _complain(f"--run {command[0]}: {error.strerror}")
        return NOT_FOUND_CODE if isinstance(error, FileNotFoundError) else NOT_RUNNABLE_CODE
    report = simulator.report
    for line in [*outcome_lines(simulator.requests, report.findings, simulator.gaps), *report.lines()]:
        _complain(line)
    _complain_of_unused(simulator)
    return exit_code(code, len(report.findings) + len(report.given_up))


def _complain_of_unused(simulator: Simulator) -> None:
    for each in simulator.unused:
        _complain(f"never used: {unused_line(each)}")


def _complain(words: str) -> None:
    """Print a line on standard error, with control characters escaped."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in words)
    sys.stderr.write(f"keybearer simulate: {shown}\n")


def _unlasting(simulator: Simulator) -> dict[str, list[str]]:
    """Name the models that are deprecated, and those that are retired, on the day of the clock."""
    now = simulator.clock.now()
    stages: tuple[Lifecycle, ...] = ("deprecated", "retired")
    return {stage: [model.id for model in CATALOGUE.values() if model.lifecycle(now) == stage] for stage in stages}


def _ends(simulator: Simulator) -> str:
    listed = [f"{stage}: {', '.join(models)}" for stage, models in _unlasting(simulator).items() if models]
    return f"  On {rfc3339(simulator.clock.now())[:10]}, {'; '.join(listed)}\n" if listed else ""


def _announce(simulator: Simulator, *, quiet: bool) -> None:
    if sys.stdout.isatty():
        from keybearer.simulator.process.terminal import LiveTable

        table = LiveTable(
            f"The simulator answers at {simulator.base_url} (admin token {simulator.token}); Ctrl-C ends it.\n"
            f"  export ANTHROPIC_BASE_URL={simulator.base_url} ANTHROPIC_API_KEY={simulator.api_key}\n"
            + _ends(simulator)
        )
        if not quiet:
            simulator.listen(table.add)
        return
    lines = LineWriter()
    lines.write(
        {
            "event": "ready",
            "base_url": simulator.base_url,
            "api_key": simulator.api_key,
            "token": simulator.token,
            "pid": os.getpid(),
            "now": rfc3339(simulator.clock.now()),
            **_unlasting(simulator),
        }
    )
    if not quiet:
        simulator.listen(lambda entry: lines.write(request_line(entry)))


def main(argv: list[str] | None = None) -> int:
    """Run the simulator from `python -m keybearer.simulator`."""
    parser = argparse.ArgumentParser(
        prog="python -m keybearer.simulator", description="The offline simulator of the Anthropic API."
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))
