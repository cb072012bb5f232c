"""What changed, told in as few reports as a person can read: by package, by deploy, by person, and what nobody explains."""

from collections.abc import Iterable, Sequence

from vedette.instruments.files.types import DeployMark, FileChange
from vedette.instruments.files.witnesses import Witnesses
from vedette.wire.agent.types import HostChange

ALONE = 10  # of a folder, so many are told one by one; more are told together
_NAMED = 8
_LONGEST = 300


def told(changes: Sequence[FileChange], witnesses: Witnesses, first: float, now: float) -> list[HostChange]:
    """Return the reports for changes that were seen between two instants, what nobody explains first."""
    by_package, rest, explanation = _packaged(changes, witnesses, first, now)
    by_deploy: dict[DeployMark, list[FileChange]] = {}
    open_ones: list[FileChange] = []
    for change in rest:
        mark = witnesses.deploy(change.path, now)
        (by_deploy.setdefault(mark, []) if mark else open_ones).append(change)
    found = _unexplained(open_ones, witnesses, now)
    found += [_together(group, now, f"deploy {mark.name}", "info") for mark, group in by_deploy.items()]
    return found + ([_together(by_package, now, explanation, "info")] if by_package else [])


def _packaged(
    changes: Sequence[FileChange], witnesses: Witnesses, first: float, now: float
) -> tuple[list[FileChange], list[FileChange], str]:
    """Return the changes that dpkg answers for, the others, and what it did."""
    work, brought = witnesses.packages(first, now)
    if not work:
        return [], list(changes), ""
    ours: list[FileChange] = []
    others: list[FileChange] = []
    for change in changes:
        kind = change.after.kind if change.after else ""
        (ours if brought.explains(change.path, kind) else others).append(change)
    done = [one.told for one in work if one.action in {"install", "upgrade", "remove", "purge"}] or [one.told for one in work]  # fmt: skip
    names = list(dict.fromkeys(done))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ours, others, f"dpkg: {', '.join(names[:_NAMED])}{more}"


def _unexplained(changes: Iterable[FileChange], witnesses: Witnesses, now: float) -> list[HostChange]:
    folders: dict[str, list[FileChange]] = {}
    for change in changes:
        folders.setdefault(change.path.rpartition("/")[0] or "/", []).append(change)
    found = []
    for folder, group in folders.items():
        if len(group) > ALONE:
            person = witnesses.person(now, folder)
            found.append(_together(group, now, person, "medium" if person else "high"))
        else:
            found += [_one(change, witnesses, now) for change in group]
    return found


def _one(change: FileChange, witnesses: Witnesses, now: float) -> HostChange:
    person = witnesses.person(now, change.path, change.path.rpartition("/")[2])
    return HostChange(
        at=now, kind="file", subject=plain(change.path),
        before=change.before.told if change.before else "", after=change.after.told if change.after else "",
        explanation=person, severity="medium" if person else "high",
    )  # fmt: skip


def _together(group: Sequence[FileChange], now: float, explanation: str, severity: str) -> HostChange:
    """Return one report for several changes: how many, and the first of them by name."""
    if len(group) == 1:
        only = group[0]
        before, after = (one.told if one else "" for one in (only.before, only.after))
        return HostChange(at=now, kind="file", subject=plain(only.path), before=before, after=after, explanation=explanation, severity=severity)  # fmt: skip
    words = [
        f"{'new' if c.before is None else 'gone' if c.after is None else 'changed'} {plain(c.path)}"
        for c in group[:_NAMED]
    ]
    words += [f"and {len(group) - _NAMED} more"] if len(group) > _NAMED else []
    return HostChange(at=now, kind="file", subject=f"{len(group)} files in {_common(group)}", after="\n".join(words), explanation=explanation, severity=severity)  # fmt: skip


def _common(group: Sequence[FileChange]) -> str:
    folders = sorted({change.path.rpartition("/")[0] or "/" for change in group})
    return plain(folders[0]) if len(folders) == 1 else f"{len(folders)} folders"


def plain(path: str) -> str:
    """Return a path as it may be shown: names are anybody's, and may hold what a terminal obeys."""
    shown = "".join(c if c.isprintable() else "�" for c in path)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
