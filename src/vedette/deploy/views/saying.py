"""What the pages of infrastructure say first: is everything as it should be, and if not, what, since when, what next. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.deploy.types import (
    Act,
    CloudProject,
    Condition,
    DeployRun,
    DriftState,
    HardenedHost,
    KeptDrift,
    Planned,
    ProjectStanding,
    RunState,
)
from vedette.deploy.views import marks
from vedette.ui import words
from vedette.wire.infra import Judged, Verdict

_LATE = 900.0  # seconds after which what was read is old: three looks


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, what stands below it, and in which tone."""

    title: str
    text: str = ""
    tone: str = "off"
    sign: str = ""

    @property
    def icon(self) -> str:
        """Return the icon that stands before it."""
        return self.sign or marks.ICONS.get(self.tone, "network")


class Tile(msgspec.Struct, frozen=True):
    """A figure with its name, and what stands beside it."""

    label: str
    value: str
    small: str = ""
    tone: str = ""
    href: str = ""


def of_projects(found: Sequence[ProjectStanding]) -> Said:
    """Say how all projects stand; `found` comes worst first."""
    if not found:
        return Said(
            title="No infrastructure is watched yet.",
            text="Vedette reads a project at Hetzner, draws it, and tells when it is no longer as your files say.",
        )
    if len(found) == 1:
        return of_project(found[0])
    wrong = [each for each in found if each.condition is not Condition.GOOD]
    if not wrong:
        return Said(title=f"All {len(found)} projects are as their files say.", tone="ok")
    few = ", ".join(each.project.name for each in wrong[:3]) + (" and more" if len(wrong) > 3 else "")
    return Said(
        title=f"{len(wrong)} of {len(found)} projects want a look: {few}.",
        text=wrong[0].sentence,
        tone=marks.CONDITIONS[wrong[0].condition][0],
    )


def of_project(one: ProjectStanding) -> Said:
    """Say how one project stands."""
    return Said(title=one.sentence, text=" ".join(one.reasons[:2]), tone=marks.CONDITIONS[one.condition][0])


def tiles(one: ProjectStanding, here: str) -> tuple[Tile, ...]:
    """Return the figures of a project; `here` is its page."""
    servers = [each for each in one.things if each.ref.kind == "server" and each.thing is not None]
    holding = sum(each.verdict is Verdict.HOLDS for each in one.intents)
    broken = sum(each.verdict is Verdict.BROKEN for each in one.intents)
    pending = len(one.planned.changes) if one.planned else 0
    drifted = sum(each.state is DriftState.OPEN for each in one.drifts)
    return (
        Tile("Servers", words.number(len(servers))),
        Tile("Intents hold", f"{holding} of {len(one.intents)}" if one.intents else "–", "", "crit" if broken else "", "#h-intents"),
        Tile("Drifted", words.number(drifted), "", "warn" if drifted else "", f"/infrastructure/drift/?project={one.project.id}"),
        Tile("Not as said", words.number(pending), "", "", f"{here}changes/"),
        Tile("A month", one.monthly, one.currency),
        Tile("Things", words.number(sum(each.thing is not None for each in one.things))),
    )  # fmt: skip


def intents(found: Sequence[Judged]) -> list[tuple[Judged, str, str]]:
    """Return intents with tone and word, the worst first."""
    order = list(marks.VERDICTS)
    return [
        (each, *marks.VERDICTS[each.verdict])
        for each in sorted(found, key=lambda one: order.index(one.verdict))
    ]


def of_drifts(found: Sequence[KeptDrift], *, watched: bool) -> Said:
    """Say whether anything moved; `watched` tells whether there is a project that was read and of which files say what should be."""
    if not watched:
        return Said(title="Nothing can drift yet: of no project anybody said what should be.")
    still = [each for each in found if each.state is DriftState.OPEN]
    if not still:
        return Said(title="Nothing drifted.", text="Everything is at Hetzner as it was applied.", tone="ok")
    things = (
        f"{marks.called(still[0].ref.kind)} {still[0].ref.name}"
        if len(still) == 1
        else f"{len(still)} things"
    )
    return Said(
        title=f"{things[:1].upper()}{things[1:]} {'is' if len(still) == 1 else 'are'} not as the files say.",
        text="Revert what nobody wanted, or let the files say it.",
        tone="warn",
    )


def of_plan(planned: Planned) -> Said:
    """Say what a plan would do."""
    if not planned.changes:
        return Said(title=f"Nothing to do: {planned.project} is as the files say.", tone="ok")
    counts = {act: sum(each.act is act for each in planned.changes) for act in Act}
    told = ", ".join(f"{count} to {marks.ACTS[act][1].lower()}" for act, count in counts.items() if count)
    dear = any(marks.DANGERS[each.kind][0] == "crit" for each in planned.dangers)
    tone = "crit" if dear else "warn" if planned.dangers else "info"
    return Said(title=f"{planned.project}: {told}.", text=f"Nothing was done yet. {cost(planned)}", tone=tone)


def cost(planned: Planned) -> str:
    """Say what a month costs before and after."""
    if planned.before == planned.after:
        return f"A month goes on costing {planned.after} {planned.currency} (net)."
    return f"A month costs {planned.after} {planned.currency} instead of {planned.before} (net)."


def of_run(one: DeployRun, project: str, now: float) -> Said:
    """Say what came of a run, or how far it is."""
    (kind, icon), (tone, word) = marks.DEEDS[one.deed], marks.RUNS[one.state]
    where = f" of {project}" if project else ""
    if one.state is RunState.RUNNING:
        lasted = words.duration(max(1.0, now - (one.began_at or one.asked_at)))
        return Said(title=f"{kind}{where} is running for {lasted}.", text=one.sentence, tone=tone, sign=icon)
    return Said(title=f"{kind}{where}: {word.lower()}.", text=one.sentence, tone=tone, sign=icon)


def of_runs(found: Sequence[DeployRun]) -> Said:
    """Say what the newest runs came to."""
    if not found:
        return Said(
            title="Nothing ran yet.",
            text="Each apply and revert stands here with its steps, the newest first.",
            sign="history",
        )
    failed = sum(each.state in marks.AGAIN for each in found)
    going = sum(each.state in marks.GOING for each in found)
    text = f"{going} {'is' if going == 1 else 'are'} running." if going else ""
    if failed:
        title = (
            f"{failed} of the last {len(found)} did not succeed." if len(found) > 1 else "It did not succeed."
        )
        return Said(title=title, text=text or "Each says why, and what to do.", tone="warn", sign="history")
    return Said(
        title="None of the last failed." if len(found) > 1 else "It did not fail.",
        text=text,
        tone="ok",
        sign="history",
    )


def of_hosts(found: Sequence[HardenedHost], hosts: int) -> Said:
    """Say how hosts are hardened; `hosts` is how many there are."""
    done = [each for each in found if each.hardened_at is not None]
    drifted = [each for each in done if each.drift]
    if not hosts:
        return Said(
            title="No host is watched yet.",
            text="An agent on each host tells how it is hardened.",
            sign="shield",
        )
    if drifted:
        some = "1 host is" if len(drifted) == 1 else f"{len(drifted)} hosts are"
        return Said(
            title=f"{some} no longer as hardening left {'it' if len(drifted) == 1 else 'them'}.",
            tone="warn",
            sign="shield",
        )
    if len(done) < hosts:
        bare = hosts - len(done)
        title = (
            f"{bare} of {hosts} hosts {'was' if bare == 1 else 'were'} never hardened."
            if hosts > 1
            else "This host was never hardened."
        )
        return Said(
            title=title,
            text="`vedette harden` does it, and takes everything back where a new connection fails.",
            sign="shield",
        )
    return Said(title="Every host is as hardening left it.", tone="ok", sign="shield")


def of_host(one: HardenedHost, name: str) -> Said:
    """Say how one host is hardened."""
    if one.hardened_at is None:
        return Said(
            title=f"{name} was never hardened.",
            text="The command below does it, and takes everything back where a new connection fails.",
            sign="shield",
        )
    if one.drift:
        things = "1 thing is" if len(one.drift) == 1 else f"{len(one.drift)} things are"
        return Said(
            title=f"{name}: {things} no longer as hardening left {'it' if len(one.drift) == 1 else 'them'}.",
            tone="warn",
            sign="shield",
        )
    return Said(title=f"{name} is as hardening left it.", text=scores(one), tone="ok", sign="shield")


def scores(one: HardenedHost) -> str:
    """Say how far hardening raised the score of a host."""
    if one.score_after is None:
        return ""
    before = f", {one.score_before:.0f} before" if one.score_before is not None else ""
    return f"{one.score_after:.0f} of 100{before}."


def badness(one: HardenedHost) -> tuple[int, float]:
    """Return what sorts hosts, the worst first: those that drifted, those never hardened, then the lowest score."""
    rank = 0 if one.drift else 1 if one.hardened_at is None else 2
    return rank, one.score_after if one.score_after is not None else 0.0


def of_host_row(one: HardenedHost) -> tuple[str, str]:
    """Return tone and word of a host in the list."""
    if one.hardened_at is None:
        return "off", "Not hardened"
    return ("warn", "Drifted") if one.drift else ("ok", "Hardened")


def told_token(one: CloudProject) -> str:
    """Say what the token of a project may do."""
    if not one.has_token:
        return "No token is here: nothing can be read."
    if one.writes is None:
        return "Its token reads; nobody tried whether it writes."
    return (
        "Its token reads and writes."
        if one.writes
        else "Its token only reads: nothing can be changed from here."
    )


def of_beginning(project: str, servers: int, things: int) -> str:
    """Say what was found in a project that nobody wrote down yet."""
    if not things:
        return f"Nothing is in {project} yet."
    told = "1 server" if servers == 1 else f"{servers} servers"
    return f"{project} has {told} and {things - servers} other things."


def is_old(at: float | None, now: float) -> bool:
    """Tell whether what was read is older than it should be."""
    return at is not None and now - at > _LATE
