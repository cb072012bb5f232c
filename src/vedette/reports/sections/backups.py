"""Backups: whether everything could be restored now, what failed, what was proven and brought back in this time."""

from vedette.accounts.permissions import Verb
from vedette.backups import service as backups
from vedette.backups import signal
from vedette.backups.types import Health, Standing
from vedette.reports import composing
from vedette.reports.asking import moments_of
from vedette.reports.phrasing import counted
from vedette.reports.types import Line, Section, Stretch

_MOST, _SHOWN = 500, 8
_TONES = {Health.RED: "crit", Health.AMBER: "warn"}


class _Backups:
    key, order = "backups", 57

    def tell(self, stretch: Stretch, now: float) -> Section | None:
        """Return plans that could not be restored, then what was brought back; only the digest of all tells it."""
        if stretch.project is not None:
            return None
        found = backups.standings(now)
        told = moments_of("backups", stretch, _MOST)
        if not found and not told:
            return None
        bad = [one for one in found if one.health in _TONES]
        lines = [
            Line(text=f"{one.known.plan.name}: {one.sentence}", link=signal.link(one.known.id), tone=_TONES[one.health])
            for one in bad[:_SHOWN]
        ]  # fmt: skip
        lines += [Line(text=one.text, link=one.link) for one in told if one.kind == signal.RESTORED][:_SHOWN]
        tone = _TONES[bad[0].health] if bad else "ok"
        sentence = _sentence(found, len(bad), [one.kind for one in told])
        return composing.section(self.key, "Backups", sentence, lines, tone, Verb.BACKUP_READ)


def _sentence(found: tuple[Standing, ...], bad: int, kinds: list[str]) -> str:
    saved, proven = kinds.count("backup.run"), kinds.count("backup.drill")
    ran = f"{counted(saved, 'backup')} and {counted(proven, 'drill')} ended."
    if bad:
        return f"{bad} of {counted(len(found), 'plan')} {'needs' if bad == 1 else 'need'} somebody; {ran}"
    return f"All of {counted(len(found), 'plan')} could be restored; {ran}"


SECTION = _Backups()
