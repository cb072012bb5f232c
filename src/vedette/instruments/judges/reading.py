"""Reports of other auditors that lie on a host: found, read, and put beside what the audit found. What is old is not told."""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.audit import scoring, waiving
from vedette.instruments.audit.types import Waiver
from vedette.instruments.judges import lynis, openscap, reasons
from vedette.instruments.judges.types import LYNIS, OPENSCAP, Judgement
from vedette.instruments.live.types import Live, Missing, Unreadable
from vedette.wire.agent.types import Audit
from vedette.wire.finding import Finding, FindingState

PLACES = {LYNIS: "/var/log/lynis-report.dat", OPENSCAP: "/var/log/openscap/results.xml"}
OLDEST = 45 * 86_400.0  # seconds after which a report says nothing of the host any more
_HARDENED = "/etc/ssh/sshd_config.d/00-vedette.conf"  # where Vedette hardened, its reasons hold
_TOLD = (FindingState.FAILED, FindingState.WAIVED)


def joined(audit: Audit, live: Live, waivers: Mapping[str, Waiver]) -> Audit:
    """Return an audit with what other auditors hold for wrong, less what people waived; our score stays ours."""
    found = waiving.waived((one for name in PLACES for one in _findings(name, live)), waivers, live.now)
    return msgspec.structs.replace(audit, findings=scoring.ordered((*audit.findings, *found)))


def _findings(name: str, live: Live) -> Iterator[Finding]:
    try:
        told = judgement(name, live)
    except (Invalid, Unreadable) as error:
        yield Finding(
            check=f"{name}-report", title=f"The report of {name} can be read", state=FindingState.UNKNOWN, subject=PLACES[name],
            reason=str(error), labels={"source": name},
        )  # fmt: skip
        return
    if told is not None:
        yield from told.those(*_TOLD)


def judgement(name: str, live: Live) -> Judgement | None:
    """Return the newest judgement of an auditor, None where there is none or it is too old; raises `Invalid` and `Unreadable`."""
    try:
        if live.now - live.status(PLACES[name]).changed > OLDEST:
            return None
        text = live.text(PLACES[name])
    except Missing:
        return None
    if name == LYNIS:
        return lynis.read(text)
    return _explained(openscap.read(text.encode()), live)


def _explained(told: Judgement, live: Live) -> Judgement:
    try:
        live.status(_HARDENED)
    except Missing:
        return told
    return reasons.explained(told)
