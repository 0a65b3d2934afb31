"""A script for each shell, from the tree of commands.

Strategy: each script finds the place on the command line (`/auth/login`) from the words before the cursor, then looks in two tables:
what a flag's value may be, and what may stand at that place. The tables are in the script, so completing starts no program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from keybearer.cli.completion.tree import Branch, Flag

__all__ = ["SHELLS"]

Tree = list[Branch]


def _quoted(text: str) -> str:
    """Return a text in single quotes, for bash and zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


def _places(tree: Tree) -> str:
    return "|".join(branch.place for branch in tree if branch.place)


def _values(tree: Tree) -> Iterable[tuple[str, Flag]]:
    """Give each flag that takes a value, as the place and the flag's name."""
    for branch in tree:
        for flag in branch.flags:
            if flag.takes:
                for name in flag.names:
                    yield f"{branch.place} {name}", flag


def _names(branch: Branch) -> list[str]:
    return [name for flag in branch.flags for name in flag.names]


# ── bash ─────────────────────────────────────────────────────────────────────


def _bash(tree: Tree) -> str:
    chosen = [(where, flag) for where, flag in _values(tree) if flag.choices]
    others = [where for where, flag in _values(tree) if not flag.choices]
    lines = [
        '# keybearer, for bash 3.2 and later: eval "$(keybearer completion bash)" in ~/.bashrc',
        "_keybearer() {",
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} place='' names='' at",
        "  COMPREPLY=()",
        "  if [[ $word == = ]]; then word=''; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi",
        "  for ((at = 1; at < COMP_CWORD; at++)); do",
        f'    case "$place/${{COMP_WORDS[at]}}" in {_places(tree)}) place="$place/${{COMP_WORDS[at]}}";; esac',
        "  done",
        '  case "$place $before" in',
        *(
            f'    {_quoted(where)}) COMPREPLY=($(compgen -W {_quoted(" ".join(flag.choices))} -- "$word")); return;;'
            for where, flag in chosen
        ),
        f"    {'|'.join(map(_quoted, others))}) return;;  # the shell's own: files",
        "  esac",
        '  case "$place" in',
    ]
    for branch in tree:
        if branch.children or branch.choices:
            names = " ".join([*branch.children, *branch.choices])
            lines.append(f"    {_quoted(branch.place)}) names={_quoted(names)};;")
    lines += ["  esac", "  if [[ $word == -* ]]; then", '    case "$place" in']
    lines += [f"      {_quoted(branch.place)}) names={_quoted(' '.join(_names(branch)))};;" for branch in tree]
    lines += [
        "    esac",
        "  fi",
        '  [[ -n $names ]] && COMPREPLY=($(compgen -W "$names" -- "$word"))',
        "}",
        "complete -o default -F _keybearer keybearer",
    ]
    return "\n".join(lines) + "\n"


# ── zsh ──────────────────────────────────────────────────────────────────────


def _described(name: str, words: str) -> str:
    return _quoted(f"{name.replace(':', chr(92) + ':')}:{words}")


def _zsh(tree: Tree) -> str:
    lines = [
        "#compdef keybearer",
        '# keybearer, for zsh: eval "$(keybearer completion zsh)" in ~/.zshrc, below compinit;',
        "# or as the file _keybearer in a folder of $fpath.",
        "_keybearer() {",
        "  local place='' before=$words[CURRENT-1] at",
        "  local -a found",
        "  for ((at = 2; at < CURRENT; at++)); do",
        f'    case "$place/$words[at]" in ({_places(tree)}) place="$place/$words[at]";; esac',
        "  done",
        '  case "$place $before" in',
    ]
    for where, flag in _values(tree):
        what = f"compadd -- {' '.join(map(_quoted, flag.choices))}" if flag.choices else "_files"
        if flag.takes == "text" and not flag.choices:
            what = f"_message -r {_quoted(flag.words)}"
        lines.append(f"    ({_quoted(where)}) {what}; return;;")
    lines += ["  esac", "  if [[ $PREFIX == -* ]]; then", '    case "$place" in']
    for branch in tree:
        flags = " ".join(_described(name, flag.words) for flag in branch.flags for name in flag.names)
        lines.append(f"      ({_quoted(branch.place)}) found=({flags});;")
    lines += ["    esac", "    _describe -o option found", "    return", "  fi", '  case "$place" in']
    for branch in tree:
        if branch.children:
            names = " ".join(_described(name, words) for name, words in branch.children.items())
            lines.append(f"    ({_quoted(branch.place)}) found=({names}); _describe command found;;")
        elif branch.choices:
            lines.append(f"    ({_quoted(branch.place)}) compadd -- {' '.join(map(_quoted, branch.choices))};;")
        elif branch.files:
            lines.append(f"    ({_quoted(branch.place)}) _files;;")
    lines += [
        "  esac",
        "}",
        'if [[ $funcstack[1] == _keybearer ]]; then _keybearer "$@"; else compdef _keybearer keybearer; fi',
    ]
    return "\n".join(lines) + "\n"


# ── fish ─────────────────────────────────────────────────────────────────────


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish(tree: Tree) -> str:
    lines = [
        "# keybearer, for fish: keybearer completion fish > ~/.config/fish/completions/keybearer.fish",
        "function __keybearer_at",
        "    set -l place ''",
        "    for word in (commandline -opc)[2..-1]",
        f'        switch "$place/$word"\n            case {_places(tree).replace("|", " ")}',
        '                set place "$place/$word"',
        "        end",
        "    end",
        '    test "$place" = "$argv[1]"',
        "end",
        "complete -c keybearer -f",
    ]
    for branch in tree:
        start = f"complete -c keybearer -n {_fish_quoted(f'__keybearer_at {_fish_quoted(branch.place)}')}"
        lines += [
            f"{start} -f -a {_fish_quoted(name)} -d {_fish_quoted(words)}" for name, words in branch.children.items()
        ]
        if branch.choices:
            lines.append(f"{start} -f -a {_fish_quoted(' '.join(branch.choices))}")
        if branch.files:
            lines.append(f"{start} -F")
        lines += [f"{start}{_fish_flag(flag)} -d {_fish_quoted(flag.words)}" for flag in branch.flags]
    return "\n".join(lines) + "\n"


def _fish_flag(flag: Flag) -> str:
    names = "".join(f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in flag.names)
    if flag.choices:
        return f"{names} -x -a {_fish_quoted(' '.join(flag.choices))}"
    return names + {"file": " -r -F", "text": " -x", "": " -f"}[flag.takes]


SHELLS: Final[dict[str, Callable[[Tree], str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
"""Each shell, and what writes its script."""
