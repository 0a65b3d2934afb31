"""What the pictures show: a shell in tmux, what is typed there, and which screens are kept."""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from e2e.screens import WAIT, Screen
from keybearer.shell.ledger import Ledger
from keybearer.simulator import Simulator
from keybearer.types.hooks import UsageReported
from keybearer.types.usage import Usage
from pictures.svg import Frame

__all__ = ["SCENES", "Scene", "Stage", "staged", "steady"]

LOOK_EVERY: Final = 0.02
"""How often the screen is looked at while an answer comes, in seconds: each word of it is a frame."""

PASSING: Final = 0.12
"""How long a screen is shown that is kept while an answer comes, in seconds."""

PROMPT: Final = "$ "


class Stage:
    """A shell on a terminal, in a home of its own, with a simulator.

    Args:
        screen: The terminal.
        folder: The home.
        sim: The simulator.

    Attributes:
        frames: The screens that are kept.
    """

    def __init__(self, screen: Screen, folder: Path, sim: Simulator) -> None:
        self.folder, self.sim = folder, sim
        self.frames: list[Frame] = []
        self._screen = screen

    def type(self, text: str) -> None:
        """Type a text, a word at a time, and Enter."""
        for word in re.findall(r"\S+\s*", text):
            self._screen.tmux("send-keys", "-l", "-t", "0", "--", word)
            self._screen.wait(word.strip())
            self.keep(PASSING)
        self.keep(0.5)
        self._screen.keys("Enter")

    def wait(self, words: str, seconds: float = 1.5) -> None:
        """Keep each new screen until words stand on it, and that one for some time."""
        until = time.monotonic() + WAIT
        while words not in self._plain():
            assert time.monotonic() < until, f"{words!r} is not on the screen:\n{self._plain()}"
            self.keep(PASSING)
            time.sleep(LOOK_EVERY)
        time.sleep(0.2)
        self.keep(seconds)

    def prompt(self, seconds: float = 2.5) -> None:
        """Keep each new screen until the shell's prompt is back."""
        until = time.monotonic() + WAIT
        while self._plain().rpartition("\n")[2] != PROMPT.strip():
            assert time.monotonic() < until, f"there is no prompt:\n{self._plain()}"
            self.keep(PASSING)
            time.sleep(LOOK_EVERY)
        self.keep(seconds)

    def keep(self, seconds: float) -> None:
        """Keep the screen as it is, if it is a new one; else show the last one as long. One that is half drawn is none."""
        seen, before = self._seen(), None
        while seen != before:
            time.sleep(LOOK_EVERY)
            seen, before = self._seen(), seen
        if " waiting " in seen:
            return  # how long it waited differs each time
        if self.frames and self.frames[-1].screen == seen:
            self.frames[-1] = Frame(seen, max(self.frames[-1].seconds, seconds))
        else:
            self.frames.append(Frame(seen, seconds))

    def _seen(self) -> str:
        return self._hidden(self._screen.tmux("capture-pane", "-e", "-p", "-t", "0").rstrip("\n"))

    def _plain(self) -> str:
        return self._screen.tmux("capture-pane", "-p", "-t", "0").rstrip()

    def _hidden(self, screen: str) -> str:
        """Return a screen without what is of this machine, or differs each time."""
        port = self.sim.base_url.rpartition(":")[2]
        for found, shown in ((str(self.folder), "~"), (sys.executable, "/usr/bin/python3"), (f":{port}", ":8080")):
            screen = screen.replace(found, shown)
        return re.sub(r"\b(in|after) \d+\.\d+ s", r"\1 0.1 s", screen)


def steady(frames: Sequence[Frame]) -> list[Frame]:
    """Leave out the screens that were caught between two drawings: a passing one whose rows are the first of a neighbour's."""
    kept = []
    for before, frame, after in zip([None, *frames], frames, [*frames[1:], None], strict=False):
        around = [each.screen for each in (before, after) if each is not None]
        if frame.seconds > PASSING or not any(screen.startswith(frame.screen + "\n") for screen in around):
            kept.append(frame)
    return kept


class Scene(NamedTuple):
    """A picture, or a recording.

    Attributes:
        title: What it shows, in words.
        play: Plays it.
        moving: Whether every screen is kept, and not the last one alone.
        columns: How wide the terminal is.
        rows: How high it is.
    """

    title: str
    play: Callable[[Stage], None]
    moving: bool = False
    columns: int = 80
    rows: int = 24


@contextmanager
def staged(scene: Scene, folder: Path) -> Iterator[Stage]:
    """Set a stage up, and take it down."""
    commands = folder / "bin"
    commands.mkdir()
    (commands / "keybearer").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m keybearer "$@"\n')
    (commands / "keybearer").chmod(0o755)
    screen = Screen(folder / "tmux")
    with Simulator(tokens_per_second=4, time_to_first_token=0.0, tier="4") as sim:
        around = {
            "HOME": str(folder),
            "PATH": f"{commands}:/usr/bin:/bin",
            "TERM": "screen-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PS1": PROMPT,
            "ANTHROPIC_BASE_URL": sim.base_url,
            "ANTHROPIC_API_KEY": sim.api_key,
        }
        set_up = " ".join(f"{name}={shlex.quote(value)}" for name, value in around.items())
        shell = f"cd {shlex.quote(str(folder))} && exec env -i {set_up} bash --norc --noprofile -i"
        screen.tmux("new-session", "-d", "-x", str(scene.columns), "-y", str(scene.rows), shell)
        try:
            stage = Stage(screen, folder, sim)
            stage.prompt(0.8)
            yield stage
        finally:
            screen.tmux("kill-server")


# ── the scenes ───────────────────────────────────────────────────────────────

SKY: Final = """\
Air scatters **short waves** more than long ones:

- blue light goes astray, and comes from everywhere
- red light comes straight through
"""
BASH: Final = '```bash\nfor each in *.png; do cwebp "$each" -o "${each%.png}.webp"; done\n```\n'
TOOL: Final = '''\
from keybearer import tool


@tool
def get_weather(city: str) -> str:
    """Look up the weather in a city."""
    return f"Snow in {city}."
'''


def _recording(stage: Stage) -> None:
    stage.sim.script(SKY)
    stage.sim.script("Because **air scatters** the blue.")
    stage.sim.script(BASH)
    stage.type('keybearer "why is the sky blue?"')
    stage.prompt()
    stage.type('keybearer ask -c --usage "in one sentence?"')
    stage.prompt()
    stage.type('keybearer ask -x "a bash loop over *.png to WebP"')
    stage.prompt(4)


def _chat(stage: Stage) -> None:
    (stage.folder / "weather.py").write_text(TOOL)
    stage.sim.script({"tool_use": [{"name": "get_weather", "input": {"city": "Oslo"}}]})
    stage.sim.script("It snows in **Oslo**. Take these:\n\n1. boots\n2. a coat\n")
    stage.type("keybearer chat -m haiku --tools weather.py")
    stage.wait("/help shows the commands")
    stage.type("What do I wear in Oslo today?")
    stage.wait("[N]o:")
    stage.type("y")
    stage.wait("a coat")
    stage.wait("> ", 2)


def _wizard(stage: Stage) -> None:
    stage.type("keybearer config init")
    stage.wait("Which one? [1]")
    stage.type("environment")
    stage.wait("[assistant]")
    stage.type("scout")
    stage.wait("Its model?")
    stage.type("claude-haiku-4-5")
    stage.prompt()


def _doctor(stage: Stage) -> None:
    stage.type("keybearer doctor")
    stage.prompt()


def _usage(stage: Stage) -> None:
    ledger = Ledger(stage.folder / "spend.db", agent="scout")
    for model, tokens in (("claude-opus-5-5", 90_000), ("claude-sonnet-5-5", 260_000), ("claude-haiku-4-5", 410_000)):
        usage = Usage.of({"input_tokens": tokens, "output_tokens": tokens // 12, "cache_read_input_tokens": tokens * 4})
        ledger.add(UsageReported(usage=usage, model=model, request_id=None))
    ledger.close()
    stage.type("keybearer usage --ledger spend.db --by model")
    stage.prompt()


SCENES: Final = {
    "recording": Scene("keybearer ask", _recording, moving=True, rows=16),
    "chat": Scene("keybearer chat", _chat, rows=13),
    "config-init": Scene("keybearer config init", _wizard, rows=16),
    "doctor": Scene("keybearer doctor", _doctor, columns=100, rows=21),
    "usage": Scene("keybearer usage", _usage, columns=100, rows=7),
}
"""The pictures by their file's name."""
