"""What is wanted of hosts, from what files say: a profile, and waivers that end. Pure."""

import datetime as dt
from collections.abc import Iterator

from vedette.core.errors import Invalid
from vedette.instruments.audit import registry as audit
from vedette.instruments.harden.registry import measures
from vedette.instruments.harden.types import Level, Wanted
from vedette.wire.infra import Hardening, Rule, Waiver

PROFILES = {"cis-l1": 1, "cis-l2": 2}


def wanted(
    said: Hardening,
    now: float,
    rules: tuple[Rule, ...] | None = None,
    *,
    reboot: str = "04:00",
    databases: bool = False,
) -> Wanted:
    """Return what is wanted now. Raises `Invalid` for a profile, a check or an hour that there is not."""
    return Wanted(
        level=level(said.profile), rules=rules, reboot=hour(reboot), databases=databases,
        waived={each.check: each.reason for each in said.waive if _known(each) and not _is_over(each, now)},
        ends={each.check: each.until for each in said.waive},
    )  # fmt: skip


def over(said: Hardening, now: float) -> Iterator[str]:
    """Yield a sentence for each waiver that has ended: what it was for counts again."""
    for each in said.waive:
        if _is_over(each, now):
            yield f"The waiver of {each.check} ended on {each.until}: it counts again. It said: {each.reason}"


def level(profile: str) -> Level:
    """Return up to which level a profile goes; raises `Invalid`."""
    if profile not in PROFILES:
        raise Invalid(f"{profile[:40]!r} is no profile; there are {', '.join(PROFILES)}.")
    return PROFILES[profile]


def hour(text: str) -> str:
    """Return a time of day (`04:00`), or nothing for `never`; raises `Invalid`."""
    if text == "never":
        return ""
    try:
        return dt.time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        raise Invalid(f"{text[:20]!r} is no time of day; write 04:00, or never.") from None


def _known(waiver: Waiver) -> bool:
    known = {**audit.checks(), **measures()}
    if waiver.check not in known:
        raise Invalid(
            f"[[harden.waive]] names {waiver.check[:60]!r}, which is neither a check nor a measure; {audit.meant(waiver.check, known)}"
        )
    return True


def _is_over(waiver: Waiver, now: float) -> bool:
    """A waiver holds through its last day (UTC)."""
    try:
        last = dt.date.fromisoformat(waiver.until)
    except ValueError:
        raise Invalid(
            f"The waiver of {waiver.check[:60]} ends on {waiver.until[:20]!r}, which is no day; write 2027-03-01."
        ) from None
    return dt.datetime.fromtimestamp(now, dt.UTC).date() > last
