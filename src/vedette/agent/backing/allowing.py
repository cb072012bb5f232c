"""What may a server order on this host? Pure: nothing, until the host's own configuration says so, line by line (ADR 42).

Whoever takes the server over must not become root here: so a plan runs only programs that are named, and what it brings
back lies below folders that are named, unless live data may be overwritten.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from vedette.agent.config import BackupText
from vedette.core import names
from vedette.wire.backup import BackupAct, BackupOrder, Guest, Plan

# Settings under which a program stands, a folder of programs, a file that names some, or one that root writes.
_RUNS = ("run", "command", "program", "programs", "defaults_file", "config")
_LIBRARIES = "preload"  # by a bare name they are PostgreSQL's own
RCLONE = "/usr/bin/rclone"  # its configuration and its addresses may name programs that it starts


class Refusal(msgspec.Struct, frozen=True):
    """Why something is refused, and the line that would allow it."""

    sentence: str
    fix: str


def refusal(plan: Plan, said: BackupText, file: str) -> Refusal | None:
    """Return why this host does not take a plan; None where it does."""
    if not said.plans:
        return Refusal("This host's agent takes no plans from the server.", _add(file, "plans = true"))
    strange = [one for one in dict.fromkeys(programs(plan)) if one not in said.programs]
    if strange:
        named = ", ".join(f'"{one}"' for one in [*said.programs, *strange])
        return Refusal(
            f"The plan runs {strange[0]}, which this host does not allow.",
            _add(file, f"programs = [{named}]"),
        )
    far = next((copy.at for copy in plan.copies if not _may_keep(copy.at, said)), None)
    if far is None:
        return None
    named = ", ".join(f'"{one}"' for one in [*said.repositories, str(PurePosixPath(far).parent)])
    return Refusal(
        f"The plan keeps a copy at {far[:200]}, where this host allows none.",
        _add(file, f"repositories = [{named}]"),
    )


def refused_guest(order: BackupOrder, guest: Guest) -> Refusal | None:
    """Return why an act on a plan of another host is refused: it is drilled here and nothing else."""
    if order.act is BackupAct.DRILL:
        return None
    return Refusal(
        f"{order.plan} is a plan of {guest.host}: this host only proves it.", f"Ask {guest.host} for it."
    )


def refused_order(order: BackupOrder, said: BackupText, file: str) -> Refusal | None:
    """Return why an act is refused though its plan is not; None where it may be done."""
    if order.act is not BackupAct.RESTORE or said.restore_live:
        return None
    if not order.into:
        return Refusal(
            "This host's agent overwrites no live data for the server.", _add(file, "restore_live = true")
        )
    into = PurePosixPath(order.into)
    # As it is written and as it is read: whichever of them is used, it stays below.
    if all(_is_below(place, said.restore_to) for place in (into, PurePosixPath(names.read(order.into)))):
        return None
    wanted = ", ".join(f'"{one}"' for one in [*said.restore_to, str(into.parent)])
    return Refusal(
        f"This host's agent brings nothing back to {order.into[:200]}, but below {_listed(said)}.",
        _add(file, f"restore_to = [{wanted}]"),
    )


def _is_below(place: PurePosixPath, folders: Sequence[str]) -> bool:
    return ".." not in place.parts and any(place.is_relative_to(one) for one in folders)


def programs(plan: Plan) -> Iterator[str]:
    """Yield the programs that a plan runs: of hooks, assertions, and of what it saves."""
    for hook in (*plan.before, *plan.after):
        yield _first(hook.run)
    for one in plan.drills.asserts:
        if one.run:
            yield _first(one.run)
    for what in plan.what:
        yield from _of_settings(what.settings)
    for copy in plan.copies:
        yield from _of_settings(copy.settings)
        if copy.at.startswith("rclone:"):
            yield RCLONE


def _may_keep(at: str, said: BackupText) -> bool:
    """Tell whether a copy may be kept at a place; what is no path of this host is not asked here."""
    return not at.startswith("/") or _is_below(PurePosixPath(at), said.repositories)


def _of_settings(settings: Mapping[str, object]) -> Iterator[str]:
    for name, value in settings.items():
        if (name in _RUNS and value) or (name == _LIBRARIES and "/" in str(value)):
            yield _first(value)
        elif isinstance(value, Mapping):
            yield from _of_settings(value)


def _first(run: object) -> str:
    """Return the program of a command; a line of a shell is a program of that name, which nobody allows by mistake."""
    return str(run[0]) if isinstance(run, list | tuple) and run else str(run)


def _add(file: str, line: str) -> str:
    return f"Add `{line}` below [backup] in {file} on the host, and reload the agent."


def _listed(said: BackupText) -> str:
    return " and ".join(said.restore_to) or "nowhere"
