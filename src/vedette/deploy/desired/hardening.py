"""How hosts are to be hardened, as a file says it. Pure."""

from collections.abc import Sequence

from vedette.deploy.desired.collecting import Entry
from vedette.deploy.desired.written import HardenText
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import Hardening, Waiver

PROFILES = ("cis-l1", "cis-l2")


def hardening(entry: Entry[HardenText] | None) -> Sequence[Fault]:
    """Return what is wrong with it: profiles nobody knows, waivers without a reason."""
    if entry is None:
        return ()
    text, found = entry.text, list[Fault]()
    if text.profile not in PROFILES:
        found.append(entry.fault(no_such(text.profile, PROFILES, "[harden]"), "profile"))
    for number, one in enumerate(text.waive):
        if not one.reason.strip():
            found.append(entry.fault("A waiver needs a reason.", "waive", number, "reason"))
    return found


def made(entry: Entry[HardenText] | None) -> Hardening:
    """Return it as hosts take it."""
    if entry is None:
        return Hardening()
    waive = tuple(
        Waiver(check=one.check, reason=one.reason.strip(), until=str(one.until)) for one in entry.text.waive
    )
    return Hardening(profile=entry.text.profile, waive=waive)
