"""A replay is asked for by who may, told by its host alone, kept bounded, and the page names the innocents before all else."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import NOW, bearing

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.hosts.store import hosts
from vedette.intrusions import recounting, service
from vedette.intrusions.service import Judges
from vedette.intrusions.types import DAY, Replay, ReplayState
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.wire.agent.types import ReplayReport, WouldBan

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = 7 * DAY
INNOCENT = WouldBan(
    address="203.0.113.9", first_at=NOW - DAY, last_at=NOW - DAY, seconds=3600.0, rules=("ssh-bruteforce",), lines=6,
    innocent="anna signed in from there",
)  # fmt: skip
GUILTY = WouldBan(address="198.51.100.7", first_at=NOW - DAY, last_at=NOW, seconds=7200.0, rules=("ssh-bruteforce",), times=2, lines=12)  # fmt: skip


def done(number: str, **more: object) -> ReplayReport:
    said: dict[str, object] = {
        "at": NOW, "id": number, "state": "done", "files": 2, "lines": 900, "bytes": 80_000, "seconds": 0.4, "first_at": NOW - WEEK,
        "last_at": NOW, "detected": 3, "by_rule": {"ssh-bruteforce": 3}, "would": 2, "innocents": 1, "banned": (INNOCENT, GUILTY),
    }  # fmt: skip
    return ReplayReport(**{**said, **more})  # type: ignore[arg-type]


def tell(judges: Judges, host: str, *reports: ReplayReport) -> None:
    with transaction():
        judges.accept(host, reports, NOW)


def host(name: str = "web1") -> None:
    with transaction():
        hosts.add(name, name.encode() * 8, name, "anna", NOW)
        hosts.heard(next(one.id for one in hosts.every() if one.name == name), NOW, "1")


def test_the_order_reaches_its_host_alone_until_the_host_told_the_end(judges: Judges) -> None:
    heard: list[str] = []
    ports().bus.listen(heard.append)
    first = judges.orders("web1", "")
    assert first is not None
    made = service.replay(SYSTEM, "web1", "ssh", WEEK, NOW)
    ordered = judges.orders("web1", first.revision)
    assert ordered is not None
    assert [(one.id, one.set, one.seconds) for one in ordered.replays] == [(made.id, "ssh", WEEK)]
    assert not ordered.whole
    assert judges.orders("web1", ordered.revision) is None
    assert judges.orders("web2", first.revision) is None
    tell(judges, "web2", done(made.id))
    assert service.replays_of("ssh")[0].state is ReplayState.ASKED, "another host has no word in it"
    tell(judges, "web1", done(made.id, state="running"))
    again = judges.orders("web1", "")
    assert again is not None
    assert again.replays, "an agent that began anew is told again"
    heard.clear()
    tell(judges, "web1", done(made.id))
    assert "live:intrusions" in heard, "its page looks again"
    over = judges.orders("web1", ordered.revision)
    assert over is not None
    assert over.replays == ()
    tell(judges, "web1", done(made.id, would=99))
    (kept,) = service.replays_of("ssh")
    assert kept.report is not None
    assert (kept.state, kept.report.would) == (ReplayState.DONE, 2), "the end is told once"


def test_who_may_ask_and_how_much(judges: Judges) -> None:
    assert judges
    reader = Actor(kind=ActorKind.USER, id=1, name="x", role=Role.MEMBER)
    with pytest.raises(Forbidden):
        service.replay(reader, "web1", "ssh", WEEK, NOW)
    with pytest.raises(Invalid):
        service.replay(SYSTEM, "web1", "ssh", 5.0, NOW)
    for name in ("ssh", "mail", "ftp", "bots"):
        service.replay(SYSTEM, "web1", name, WEEK, NOW)
    with pytest.raises(Conflict, match="already"):
        service.replay(SYSTEM, "web1", "ssh", WEEK, NOW)
    with pytest.raises(Conflict, match="enough to do"):
        service.replay(SYSTEM, "web1", "host", WEEK, NOW)
    assert service.replay(SYSTEM, "web1", "ssh", WEEK, NOW + 2 * DAY), (
        "what nobody made in a day stands no longer"
    )
    assert accounts.audit_page(n=1).entries[0].action == "rules.replay"


def test_the_last_three_of_a_set_on_a_host_are_kept(judges: Judges) -> None:
    for n in range(5):
        made = service.replay(SYSTEM, "web1", "ssh", WEEK, NOW + n)
        tell(judges, "web1", done(made.id))
    assert [one.asked_at for one in service.replays_of("ssh")] == [NOW + 4, NOW + 3, NOW + 2]
    assert service.drop_old(NOW + 100 * DAY) >= 3


def test_the_page_names_innocents_first_and_hostile_reports_stay_text(judges: Judges) -> None:
    web = bearing(Scope.ADMIN, NOW)
    empty = web.get("/bans/rules/ssh/replays/").content.decode()
    assert "No replay of ssh was made." in empty
    assert "vedette hosts token" in empty
    assert "nobody knows whom it would have banned" in empty
    host()
    assert web.post("/bans/rules/ssh/replays/", {"host": "web1", "seconds": str(WEEK)}).status_code == 302
    assert (
        "web1 was asked to replay ssh, and has not begun."
        in web.get("/bans/rules/ssh/replays/").content.decode()
    )
    (made,) = service.replays_of("ssh")
    hostile = msgspec.structs.replace(GUILTY, rules=("<script>alert(1)</script>",))
    tell(judges, "web1", done(made.id, banned=(hostile, INNOCENT), cut="<img src=x>\x1b[2J"))
    page = web.get("/bans/rules/ssh/replays/").content.decode()
    said = "In 7 days on web1, ssh would have banned 2 addresses, 1 of them looks innocent: 203.0.113.9 (anna signed in from there)."
    assert said in page
    assert page.index("Perhaps innocent") < page.index("Who would have been banned")
    assert "Enforce on web1" in page
    assert "<script>alert" not in page
    assert "<img src" not in page
    assert "\x1b" not in page
    assert said in web.get("/bans/rules/").content.decode()
    assert [web.get(f"/bans/rules/{name}/replays/").status_code for name in ("guard", "drift", "no")] == [
        404
    ] * 3
    assert bearing(Scope.READ, NOW).post("/bans/rules/ssh/replays/", {"host": "web1"}).status_code == 403


WORDS = st.text(max_size=400)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=True)


@given(
    st.builds(
        ReplayReport, at=st.just(NOW), id=WORDS, state=WORDS, why=WORDS, seconds=st.floats(), first_at=st.floats(), would=st.integers(),
        by_rule=st.dictionaries(WORDS, st.integers(), max_size=80),
        banned=st.lists(st.builds(WouldBan, address=WORDS, first_at=st.floats(), last_at=st.floats(), seconds=st.floats(), rules=st.lists(WORDS).map(tuple), innocent=WORDS), max_size=8).map(tuple),
        spared=st.lists(WORDS | st.just("10.0.0.1")).map(tuple),
    )
)  # fmt: skip
def test_whatever_a_host_writes_is_bounded_printable_and_finite(report: ReplayReport) -> None:
    found = recounting.cleaned(report)
    assert found.state in set(ReplayState)
    assert all(math.isfinite(each) and each >= 0 for each in (found.seconds, found.first_at, found.would))
    assert len(found.by_rule) <= 50
    texts = [found.why, found.cut, *found.by_rule, *(one.innocent for one in found.banned)]
    assert all(text.isprintable() and len(text) <= 200 for text in texts)
    assert len(msgspec.msgpack.encode(found)) < 100_000
    replay = Replay(id="", host="web1", set="ssh", seconds=WEEK, by="", asked_at=NOW, state=ReplayState(found.state), changed_at=NOW, report=found)  # fmt: skip
    assert recounting.fares(replay, away=True, now=NOW)[0] or found.state == "done"


def test_a_huge_report_of_addresses_is_cut() -> None:
    many = tuple(
        msgspec.structs.replace(GUILTY, address=f"198.51.{n // 250}.{n % 250}") for n in range(5_000)
    )
    found = recounting.cleaned(done("a" * 32, banned=many, would=10**30))
    assert (len(found.banned), found.would) == (100, 2**53)
