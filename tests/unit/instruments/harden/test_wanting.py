"""Profiles and waivers as files say them: until their last day, and never of what there is not."""

import datetime as dt

import pytest
from tests.support.hardenable import carried_out, debian

from vedette.core.errors import Invalid
from vedette.instruments.harden import planning, telling, wanting
from vedette.instruments.harden.types import Ended, Hardened, Wanted
from vedette.wire.infra import Hardening, Waiver

LAST = dt.datetime(2027, 3, 1, 23, 59, tzinfo=dt.UTC).timestamp()


def waived(check: str = "ssh-banner", until: str = "2027-03-01") -> Hardening:
    return Hardening(waive=(Waiver(check=check, reason="the jump host shows it", until=until),))


def test_a_waiver_holds_through_its_last_day() -> None:
    assert wanting.wanted(waived(), LAST).waived == {"ssh-banner": "the jump host shows it"}
    assert list(wanting.over(waived(), LAST)) == []
    assert wanting.wanted(waived(), LAST + 61).waived == {}
    assert list(wanting.over(waived(), LAST + 61)) == [
        "The waiver of ssh-banner ended on 2027-03-01: it counts again. It said: the jump host shows it"
    ]


def test_profiles_and_hours() -> None:
    assert wanting.wanted(Hardening(profile="cis-l2"), LAST, reboot="03:30").level == 2
    assert wanting.hour("never") == ""
    assert wanting.hour("04:00") == "04:00"


@pytest.mark.parametrize(
    ("said", "why"),
    [(waived("ssh-baner"), "did you mean ssh-banner?"), (waived(until="soon"), "which is no day"), (Hardening(profile="cis"), "there are cis-l1, cis-l2")],
)  # fmt: skip
def test_what_cannot_be_is_refused(said: Hardening, why: str) -> None:
    with pytest.raises(Invalid, match=why.replace("?", r"\?")):
        wanting.wanted(said, LAST)
    with pytest.raises(Invalid, match="no time of day"):
        wanting.hour("noon")


def test_plans_and_outcomes_are_told() -> None:
    wanted = Wanted(waived={"ssh-forwarding": "a jump host"})
    plan = planning.plan(debian(), wanted)
    text = telling.plan("web-1", plan)
    assert text.startswith(f"web-1: {len(planning.lines(plan.changes))} changes of ")
    assert "    /etc/ssh/sshd_config.d/00-vedette.conf is written" in text
    assert "    kernel.kptr_restrict becomes 2" in text
    assert "    telnet is removed" in text
    assert "! tcp/8080 listens on 0.0.0.0" in text
    assert "- Waived: sshd forwards nothing" in text
    assert "nothing to change" in telling.plan("web-1", planning.plan(carried_out(debian(), plan), wanted))
    kept = Hardened(
        ended=Ended.KEPT,
        reason="A new connection came through.",
        before=66.5,
        after=95.7,
        changed=("a", "b"),
        left=("c: d",),
    )
    assert (
        telling.outcome("web-1", kept)
        == "web-1 is harder: 2 changes, proven and kept. A new connection came through. Checks: 66.5 of 100 before, 95.7 now.\n  still: c: d"
    )
    assert (
        telling.outcome("web-1", Hardened(ended=Ended.REVERTED, reason="Why."))
        == "web-1 was NOT hardened. Why."
    )
