"""What the pages of backups say first: could we restore now, how old is that proof, how long did it take. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.backups.types import Health, Standing
from vedette.ui import words
from vedette.wire.backup import BackupRun, DrillRun, Keep, RestoreRun, Stage, What

AnyRun = BackupRun | DrillRun | RestoreRun

HEALTHS = {
    Health.RED: ("crit", "At risk"), Health.AMBER: ("warn", "Look at it"), Health.GREEN: ("ok", "Proven"), Health.OFF: ("off", "Off"),
}  # fmt: skip
ICONS = {"crit": "flame", "warn": "triangle-alert", "ok": "shield-check", "off": "archive-restore"}
_KINDS = {
    BackupRun: ("Backup", "archive", "Stored"), DrillRun: ("Drill", "shield-check", "Proven"),
    RestoreRun: ("Restore", "archive-restore", "Restored"),
}  # fmt: skip


_AGES = ("last", "hourly", "daily", "weekly", "monthly", "yearly")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, what stands below it, and in which tone."""

    title: str
    text: str = ""
    tone: str = "off"

    @property
    def icon(self) -> str:
        """Return the icon of the tone."""
        return ICONS.get(self.tone, "archive-restore")


class Tile(msgspec.Struct, frozen=True):
    """A figure with its name, and what stands beside it."""

    label: str
    value: str
    small: str = ""
    tone: str = ""


def of_all(found: Sequence[Standing], now: float) -> Said:
    """Say whether everything could be restored now; `found` comes worst first."""
    kept = [one for one in found if one.health is not Health.OFF]
    if not kept:
        return _of_none(len(found))
    red = [one for one in kept if one.health is Health.RED]
    amber = [one for one in kept if one.health is Health.AMBER]
    if red:
        title = f"{_named(red)} could not surely be restored now."
        return Said(
            title=title,
            text=f"{_name(red[0])}: {red[0].sentence}" if len(red) > 1 else red[0].sentence,
            tone="crit",
        )
    if amber:
        return Said(
            title=f"Everything could be restored now; {_named(amber)} wants a look.",
            text=amber[0].sentence,
            tone="warn",
        )
    return Said(title="Everything could be restored now.", text=_proof(kept, now), tone="ok")


def tiles(found: Sequence[Standing], now: float) -> tuple[Tile, ...]:
    """Return the figures of all plans: how old the oldest proof is, how long a restore took, what would be lost."""
    kept = [one for one in found if one.health is not Health.OFF]
    proven, rtos = [one.proven_at for one in kept], [one.rto for one in kept if one.rto is not None]
    saved = [one.saved_at for one in kept]
    red = sum(one.health is Health.RED for one in kept)
    safe = sum(holds_321(one) for one in kept)
    return (
        Tile("Plans", words.number(len(kept)), f"{red} at risk" if red else "none at risk" if kept else "", "crit" if red else ""),
        Tile("Oldest proof", *_oldest(proven, now)),
        Tile("Longest restore", words.duration(max(rtos)) if rtos else "–", ""),
        Tile("Oldest backup", *_oldest(saved, now)),
        Tile("3-2-1", f"{safe} of {len(kept)}" if kept else "–", "plans" if kept else ""),
        Tile("Running", words.number(sum(one.running is not None for one in found))),
    )  # fmt: skip


def tiles_of(one: Standing, now: float) -> tuple[Tile, ...]:
    """Return the figures of a plan against its goals."""
    goals = one.known.plan.goals
    proven_late = one.proven_at is None or now - one.proven_at > goals.proven
    saved_late = one.saved_at is None or now - one.saved_at > goals.rpo
    return (
        Tile("Last backup", *_age(one.saved_at, now, goals.rpo), "crit" if saved_late else ""),
        Tile("Restore proven", *_age(one.proven_at, now, goals.proven), "crit" if proven_late else ""),
        Tile("Time to restore", *_goal(one.rto, goals.rto)),
        Tile("Would be lost", *_goal(one.rpo, goals.rpo)),
        Tile("Copies", words.number(one.copies), "with live"),
        Tile("Elsewhere", words.number(one.offsite), "", "" if one.offsite else "warn"),
    )


def of_plan(one: Standing) -> Said:
    """Say how one plan stands."""
    return Said(
        title=f"{_name(one)}: {one.sentence[:1].lower()}{one.sentence[1:]}", tone=HEALTHS[one.health][0]
    )


def of_run(one: AnyRun, now: float) -> Said:
    """Say what came of a run, or how far it is."""
    kind, _, _ = _KINDS[type(one)]
    tone, word = stage_of(one)
    if one.stage is Stage.RUNNING:
        step = one.progress.step if one.progress else "It has begun."
        return Said(
            title=f"{kind} of {one.plan} is running for {words.duration(max(1.0, now - one.began_at))}.",
            text=step,
            tone=tone,
        )
    after, seconds = "after" if one.stage is Stage.FAILED else "in", _lasted(one)
    took = f" {after} {words.duration(seconds)}" if seconds is not None else ""
    return Said(title=f"{kind} of {one.plan}: {word.lower()}{took}.", text=one.sentence, tone=tone)


def _lasted(one: AnyRun) -> float | None:
    """Return the seconds a run took; of a drill that proved something those of the restore, which every other page tells."""
    if isinstance(one, DrillRun) and one.stage is Stage.DONE and one.rto is not None:
        return one.rto
    return None if one.ended_at is None else one.ended_at - one.began_at


def stage_of(one: AnyRun) -> tuple[str, str]:
    """Return tone and word of how far a run is."""
    if one.stage is Stage.RUNNING:
        return "info", "Running"
    if one.stage is Stage.FAILED:
        return "crit", "Failed"
    return "ok", _KINDS[type(one)][2]


def kind_of(one: AnyRun) -> tuple[str, str]:
    """Return what a run is called, and its icon."""
    kind, icon, _ = _KINDS[type(one)]
    return kind, icon


def of_runs(found: Sequence[AnyRun]) -> Said:
    """Say what the newest runs came to."""
    if not found:
        return Said(
            title="Nothing ran yet.", text="Backups, drills and restores stand here, the newest first."
        )
    failed = sum(one.stage is Stage.FAILED for one in found)
    if failed:
        title = f"{failed} of the last {len(found)} failed." if len(found) > 1 else "It failed."
        return Said(title=title, text="Each says why, and what to do.", tone="crit")
    running = sum(one.stage is Stage.RUNNING for one in found)
    text = f"{running} {'is' if running == 1 else 'are'} running." if running else ""
    return Said(
        title="None of the last failed." if len(found) > 1 else "It did not fail.", text=text, tone="ok"
    )


def holds_321(one: Standing) -> bool:
    """Tell whether there are three copies with the original, on two kinds of media, one of them elsewhere."""
    return all(kept for kept, _ in rule_321(one))


def rule_321(one: Standing) -> tuple[tuple[bool, str], ...]:
    """Return the three parts of the 3-2-1 rule: whether each holds, and in words."""
    return (
        (one.copies >= 3, f"{_count(one.copies, 'copy', 'copies')} with the live one; it takes 3"),
        (one.media >= 2, f"{_count(one.media, 'kind', 'kinds')} of places; it takes 2"),
        (one.offsite >= 1, f"{_count(one.offsite, 'copy', 'copies')} elsewhere; it takes 1"),
    )


def source_name(one: What) -> str:
    """Return what a source of a plan is called."""
    return f"{one.kind}/{one.name}" if one.name else one.kind


def settings(found: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return settings as words."""
    return [(key.replace("_", " "), _value(value)) for key, value in found.items()]


def kept(keep: Keep) -> str:
    """Say how many of each age are kept."""
    told = [f"{n} {name}" for name in _AGES if (n := getattr(keep, name))]
    return ", ".join(told) if told else "everything"


def within(value: float | None, goal: float) -> str:
    """Return the tone of a figure that should not exceed its goal."""
    return "" if value is None else "ok" if value <= goal else "crit"


def _of_none(switched_off: int) -> Said:
    if switched_off:
        return Said(title="Every plan is switched off: nothing is saved.", tone="warn")
    return Said(
        title="Nothing is backed up yet.",
        text="A plan says what is saved of a host, where, and when; every backup is restored and looked at before anyone needs it.",
    )


def _proof(kept: Sequence[Standing], now: float) -> str:
    proven, rtos = (
        [one.proven_at for one in kept if one.proven_at],
        [one.rto for one in kept if one.rto is not None],
    )
    if not proven:
        return ""
    told = f"The oldest proof is {words.duration(max(1.0, now - min(proven)))} old"
    return f"{told}; the longest restore took {words.duration(max(rtos))}." if rtos else f"{told}."


def _oldest(found: Sequence[float | None], now: float) -> tuple[str, str, str]:
    if not found:
        return "–", "", ""
    known = [at for at in found if at is not None]
    if len(known) < len(found):
        return "never", f"{len(found) - len(known)} of {len(found)}", "crit"
    return _coarse(now - min(known)), "ago", ""


def _age(at: float | None, now: float, goal: float) -> tuple[str, str]:
    most = f"of {words.duration(goal)}"
    return ("never", most) if at is None else (_coarse(now - at), most)


def _coarse(seconds: float) -> str:
    """Return a length of time in its largest unit alone: a tile is narrow."""
    return words.NB.join(words.duration(max(1.0, seconds)).split(words.NB)[:2])


def _goal(value: float | None, goal: float) -> tuple[str, str, str]:
    most = f"of {words.duration(goal)}"
    return ("–", most, "") if value is None else (words.duration(value), most, "crit" if value > goal else "")


def _named(some: Sequence[Standing]) -> str:
    return _name(some[0]) if len(some) == 1 else f"{len(some)} plans"


def _name(one: Standing) -> str:
    return one.known.plan.name


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
