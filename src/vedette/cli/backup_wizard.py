"""The questions of a restore, one after another, each with an answer that Enter takes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vedette.cli import backup_plans
from vedette.cli.backup_options import Where
from vedette.cli.backup_telling import printable, when
from vedette.core.errors import ConfigError
from vedette.instruments.backup.phrasing import size, span
from vedette.wire.backup import Aim, DrillRun, Entry, Snapshot, Stage

_MOST_SHOWN = 30


class Asker(Protocol):
    """Asks a person."""

    def say(self, text: str) -> None:
        """Show something."""
        ...

    def ask(self, question: str, usual: str = "") -> str:
        """Return an answer; Enter alone is the usual one."""
        ...


class Terminal:
    """A person at the terminal; questions go to standard error, so that output stays clean."""

    def say(self, text: str) -> None:
        """Show something."""
        print(text, file=sys.stderr)

    def ask(self, question: str, usual: str = "") -> str:
        """Return an answer; the end of input ends it all."""
        print(f"{question}{f' [{usual}]' if usual else ''}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise ConfigError("Nothing was restored: the input ended.")
        return line.strip() or usual


def plan(asker: Asker, where: Where) -> str:
    """Ask which plan, where there are several."""
    names = [one.name for one in backup_plans.plans(where)]
    return names[0] if len(names) == 1 else names[_choice(asker, "Which plan", names)]


def moment(asker: Asker, there: Sequence[Snapshot], drills: Sequence[DrillRun], now: float) -> Snapshot:
    """Ask which moment, on a timeline of all there are, newest first."""
    proven = {one.snapshot for one in drills if one.stage is Stage.DONE}
    shown = list(there[:_MOST_SHOWN])
    if not shown:
        raise ConfigError("The repository holds no snapshot of this plan.")
    lines = [
        f"{when(one.at)} UTC  {span(max(0.0, now - one.at))} ago{f', {size(one.bytes)}' if one.bytes else ''}{', proven' if one.name in proven else ''}"
        for one in shown
    ]
    if len(there) > len(shown):
        asker.say(f"The newest {len(shown)} of {len(there)}; --snapshot takes any other.")
    return shown[_choice(asker, "To which moment", lines)]


def part(asker: Asker, aim: Aim, names: Sequence[str], look: Callable[[str], Sequence[Entry]]) -> Aim:
    """Ask what: everything, one source of several, or single files."""
    sources = [f"only {name}" for name in names] if len(names) > 1 else []
    chosen = _choice(asker, "What", ["everything", *sources, "single files or folders"])
    if chosen == 0:
        return aim
    if chosen <= len(sources):
        return msgspec.structs.replace(aim, what=names[chosen - 1])
    return msgspec.structs.replace(aim, paths=_browsed(asker, look))


def place(asker: Asker, usual: Path) -> Path | None:
    """Ask where to; None is where it was."""
    if _choice(asker, "Where to", ["another folder", "where it was, over what is there now"]) == 1:
        return None
    return Path(asker.ask("Which folder", str(usual)))


def confirmed(asker: Asker, name: str, into: str, given: str) -> str:
    """Ask once more; return the name of live data as the person typed it. Raises `ConfigError` for a no."""
    if not into:
        asker.say(f"This overwrites the live data of {name}.")
        return given or asker.ask(f"Type {name} to go on")
    if asker.ask(f"Restore below {into}? yes or no", "yes").lower() not in {"y", "yes"}:
        raise ConfigError("Nothing was restored.")
    return given


def _browsed(asker: Asker, look: Callable[[str], Sequence[Entry]]) -> tuple[str, ...]:
    """Let a person walk through a snapshot and choose."""
    below, chosen = "", list[str]()
    while True:
        shown = list(look(below))[:_MOST_SHOWN]
        lines = [
            f"{printable(one.name)}{'/' if one.kind == 'folder' else f'  {size(one.size)}'}" for one in shown
        ]
        for number, line in enumerate(lines, 1):
            asker.say(f"  {number:>3}  {line}")
        answer = asker.ask(
            "A number opens a folder or takes a file, `+number` takes a folder, `..` goes up, `done` ends",
            "done",
        )
        if answer == "done":
            if not chosen:
                raise ConfigError("Nothing was chosen, so nothing was restored.")
            return tuple(chosen)
        if answer == "..":
            below = below.rpartition("/")[0]
            continue
        entry = _picked(answer.lstrip("+"), shown)
        if entry is None:
            asker.say("That is none of the numbers.")
        elif entry.kind == "folder" and not answer.startswith("+"):
            below = entry.name.strip("/")
        else:
            chosen.append(entry.name)
            asker.say(f"Taken: {printable(entry.name)}")


def _picked(answer: str, shown: Sequence[Entry]) -> Entry | None:
    return shown[int(answer) - 1] if answer.isdecimal() and 1 <= int(answer) <= len(shown) else None


def _choice(asker: Asker, question: str, lines: Sequence[str]) -> int:
    for number, line in enumerate(lines, 1):
        asker.say(f"  {number:>3}  {line}")
    while True:
        answer = asker.ask(question, "1")
        if answer.isdecimal() and 1 <= int(answer) <= len(lines):
            return int(answer) - 1
        asker.say(f"Type a number from 1 to {len(lines)}.")
