"""Locations: who they are, what they are handed, what is made of what they find, and what when they fall silent."""

import msgspec
import pytest
from tests.support.rooms import NOW, bearing
from tests.unit.monitors.conftest import SITE

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from vedette.monitors import judging, service
from vedette.monitors.locations import correcting, naming, silence
from vedette.monitors.locations.types import MOST_RESULTS, OLDEST, SILENT, Batch, Hearing, Location, Sighted
from vedette.monitors.outposts import service as locations
from vedette.monitors.rounds import ordering
from vedette.monitors.rounds.types import Findings
from vedette.monitors.types import (
    CheckResult,
    Config,
    Known,
    Monitor,
    MonitorDraft,
    Outcome,
    Reading,
    State,
    Watched,
)
from vedette.monitors.verdict import Around
from vedette.plumbing.telemetry.port import Span
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.signals.types import SignalState

ORIGIN, OTHER = "a" * 32, "b" * 32
MEMBER = Actor(kind=ActorKind.USER, id=3, name="Mo", role=Role.MEMBER)


def make(name: str, **config: object) -> Monitor:
    draft = MonitorDraft(name=name, kind="http", config=msgspec.convert({"request": SITE, **config}, Config))
    return service.create(SYSTEM, 0, draft, NOW)


def place(*slugs: str) -> None:
    for slug in slugs:
        locations.add(SYSTEM, slug.title(), slug, NOW)


def found(monitor: Monitor, reading: Reading, at: float, place: str = "fsn") -> CheckResult:
    cause = "refused" if reading is Reading.BAD else ""
    outcome = Outcome(at=at, reading=reading, cause=cause, sentence="Nobody listens there." if cause else "")
    return CheckResult(monitor=monitor.id, outcome=outcome, location=place)


def state(monitor: Monitor) -> State:
    (watched,) = service.watched([service.find(str(monitor.id))])
    return watched.known.standing.state


def told() -> list[tuple[str, SignalState]]:
    return [(one.signal.title, one.signal.state) for one in signals.after(0, 1_000)]


def test_a_location_has_a_token_of_its_own_that_is_kept_as_a_digest(house: MemoryPorts) -> None:
    token, made = locations.add(SYSTEM, "Frankfurt / Main", "", NOW)
    assert (made.slug, token[:4], made.hint) == ("frankfurt-main", "vdl_", token[:8])
    assert locations.of_token(token).id == made.id
    other = locations.renew(SYSTEM, made, NOW)
    assert locations.of_token(other).id == made.id
    for wrong in (token, "", "vdl_nothing", f"vdt_{other[4:]}"):
        with pytest.raises(Unauthenticated):
            locations.of_token(wrong)
    trail = [(entry.action, entry.subject) for entry in accounts.audit_page(n=10).entries]
    assert trail == [("location.renew", "frankfurt-main"), ("location.create", "frankfurt-main")]
    assert token not in str(accounts.audit_page(n=10))


def test_only_those_who_look_after_the_installation_add_locations(house: MemoryPorts) -> None:
    token, made = locations.add(SYSTEM, "A", "", NOW)
    for act in (
        lambda: locations.add(MEMBER, "B", "", NOW),
        lambda: locations.renew(MEMBER, made, NOW),
        lambda: locations.remove(MEMBER, made, NOW),
    ):
        with pytest.raises(Forbidden):
            act()
    assert locations.of_token(token).id == made.id


def test_what_is_wrong_with_a_location_is_said_by_field(house: MemoryPorts) -> None:
    place("fsn")
    for name, slug, field in (
        ("", "", "name"),
        ("A\x00b", "", "name"),
        ("A", "here", "slug"),
        ("A", "A B", "slug"),
    ):
        with pytest.raises(Invalid) as caught:
            locations.add(SYSTEM, name, slug, NOW)
        assert set(caught.value.fields) == {field}
    with pytest.raises(Conflict):
        locations.add(SYSTEM, "Again", "fsn", NOW)
    assert naming.slug_of("Here", ()) == "location-here"
    assert naming.slug_of("Fsn", {"fsn", "fsn-2"}) == "fsn-3"


@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("journey", {"url": "journey://buy", "options": {"script": "async def journey(page, step): pass"}}),
        ("sqlite", {"url": "sqlite:///srv/shop.db"}),
    ],
)
def test_scripts_and_files_of_this_machine_are_checked_from_here_alone(
    house: MemoryPorts, kind: str, request_: dict[str, object]
) -> None:
    place("fsn")
    request = msgspec.Raw(msgspec.json.encode(request_))
    for wanted in (("fsn",), ("fsn", "here")):
        with pytest.raises(Invalid, match="from here alone"):
            service.create(
                SYSTEM,
                0,
                MonitorDraft(name="a", kind=kind, config=Config(request=request, locations=wanted)),
                NOW,
            )
    made = service.create(SYSTEM, 0, MonitorDraft(name="a", kind=kind, config=Config(request=request)), NOW)
    assert made.config.places == ("",)


def test_a_monitor_is_checked_from_locations_that_are_there(house: MemoryPorts) -> None:
    place("fsn", "hel")
    with pytest.raises(Invalid, match="Did you mean 'fsn'") as caught:
        make("a", locations=["fns", "here"])
    assert set(caught.value.fields) == {"locations"}
    for config, field in (
        ({"locations": ["fsn", "fsn"]}, "locations"),
        ({"locations": ["fsn", "here"], "agree": 3}, "agree"),
        ({"agree": 2}, "agree"),
        ({"agree": 0}, "agree"),
    ):
        with pytest.raises(Invalid) as caught:
            make("a", **config)
        assert set(caught.value.fields) == {field}, config
    assert make("a", locations=["fsn", "hel", "here"], agree=3).config.places == ("fsn", "hel", "")
    assert make("b").config.places == ("",)
    rhythm = {"schedule": {"kind": "every", "seconds": 60}, "grace": 60}
    heard = msgspec.convert({"rhythm": rhythm, "locations": ["fsn"]}, Config)
    with pytest.raises(Invalid, match="heard of"):
        service.create(SYSTEM, 0, MonitorDraft(name="job", kind="heartbeat", config=heard), NOW)


def test_each_place_is_ordered_what_it_checks(house: MemoryPorts) -> None:
    place("fsn", "fsn-2")
    here, both, far = make("here"), make("both", locations=["here", "fsn"]), make("far", locations=["fsn-2"])
    ids = {
        where: [e.monitor for e in service.orders({}, where)[0].put] for where in ("", "fsn", "fsn-2", "gone")
    }
    assert ids == {"": [here.id, both.id], "fsn": [both.id], "fsn-2": [far.id], "gone": []}
    (errand,) = service.orders({}, "fsn-2")[0].put
    assert (errand.kind, errand.retry, errand.interval) == ("http", 20.0, 60.0)


def test_many_orders_come_in_parts(house: MemoryPorts) -> None:
    place("fsn")
    ids = [make(f"site {n}", locations=["fsn"]).id for n in range(5)]
    first, known = service.orders({}, "fsn", 2)
    second, known = service.orders(known, "fsn", 2)
    third, known = service.orders(known, "fsn", 2)
    assert [e.monitor for part in (first, second, third) for e in part.put] == ids
    assert [part.more for part in (first, second, third)] == [True, True, False]
    assert service.orders(known, "fsn", 2)[0].put == ()


def test_removing_a_location_takes_it_from_its_monitors(house: MemoryPorts) -> None:
    place("fsn", "hel")
    both, alone = make("both", locations=["fsn", "hel"], agree=2), make("alone", locations=["fsn"])
    assert [one.id for one in locations.alone(locations.find("fsn"))] == [alone.id]
    assert locations.remove(SYSTEM, locations.find("fsn"), NOW + 1) == 2
    kept = service.find("both").config
    assert (kept.locations, kept.agree) == (("hel",), 1)
    assert service.find("alone").config.places == ("",)
    assert service.orders({both.id: NOW}, "fsn")[0].drop == (both.id,)
    (entry, *_) = accounts.audit_page(n=5).entries
    assert (entry.action, entry.detail["monitors"]) == ("location.remove", "both, alone")
    with pytest.raises(NotFound):
        locations.find("fsn")


def test_findings_count_only_from_where_a_monitor_is_checked(house: MemoryPorts) -> None:
    place("fsn", "hel")
    one = make("Shop", locations=["fsn"], tolerance={"failures": 1})
    service.record([found(one, Reading.BAD, NOW, place) for place in ("hel", "")], NOW)
    assert (state(one), service.checks(one, Span(0, 1e11))) == (State.WAITING, ())
    service.record([found(one, Reading.BAD, NOW)], NOW)
    assert state(one) is State.DOWN


def test_it_is_down_when_so_many_locations_agree_and_says_which(house: MemoryPorts) -> None:
    place("fsn", "hel")
    one = make("Shop", locations=["fsn", "hel", "here"], agree=2, tolerance={"failures": 1})
    service.record([found(one, Reading.GOOD, NOW, place) for place in ("fsn", "hel", "")], NOW)
    service.record([found(one, Reading.BAD, NOW + 60, "")], NOW + 60)
    assert state(one) is State.UP
    service.record([found(one, Reading.BAD, NOW + 61, "hel")], NOW + 61)
    (watched,) = service.watched([one])
    assert watched.known.standing.state is State.DOWN
    assert watched.known.standing.reason == "2 of 3 locations find it down: hel, here. Nobody listens there."
    assert watched.known.standing.cause == "refused"
    service.record([found(one, Reading.GOOD, NOW + 62, "fsn")], NOW + 62)
    (watched,) = service.watched([one])
    assert (watched.known.standing.state, watched.known.standing.cause) == (State.DOWN, "refused")


def test_too_few_that_are_heard_of_tell_nothing(house: MemoryPorts) -> None:
    place("fsn", "hel")
    one = make("Shop", locations=["fsn", "hel"], agree=2, tolerance={"failures": 1})
    service.record([found(one, Reading.GOOD, NOW, place) for place in ("fsn", "hel")], NOW)
    for n in range(1, 8):
        service.record([found(one, Reading.BAD, NOW + 60 * n)], NOW + 60 * n)
    assert (state(one), told()) == (State.UNKNOWN, []), "the vote of hel has grown old"


def test_a_location_that_is_taken_away_has_no_vote_any_more(house: MemoryPorts) -> None:
    place("fsn", "hel")
    one = make("Shop", locations=["fsn", "hel"], tolerance={"failures": 1})
    service.record([found(one, Reading.BAD, NOW, "fsn"), found(one, Reading.GOOD, NOW, "hel")], NOW)
    locations.remove(SYSTEM, locations.find("fsn"), NOW + 1)
    service.record([found(one, Reading.GOOD, NOW + 2, "hel")], NOW + 2)
    assert state(one) is State.UP


def test_what_comes_late_is_kept_and_not_judged(house: MemoryPorts) -> None:
    place("fsn")
    one = make("Shop", locations=["fsn"], tolerance={"failures": 1})
    late = [found(one, Reading.BAD, NOW + 60 * n) for n in range(10)]
    service.record(late, NOW + 900)
    assert (state(one), told()) == (State.WAITING, [])
    assert len(service.checks(one, Span(0, 1e11))) == 10
    service.record([found(one, Reading.GOOD, NOW + 890)], NOW + 900)
    assert state(one) is State.UP


def test_what_another_place_told_faster_stays_before_it() -> None:
    monitor = Monitor(
        id=1, key="0" * 32, project=0, slug="a", name="a", kind="http", paused=False, source="", created_at=0, updated_at=0,
        config=Config(locations=("fsn", "hel")),
    )  # fmt: skip
    first = judging.checked(Watched(monitor, Known()), found(monitor, Reading.GOOD, NOW + 5, "hel"), Around())
    second = judging.checked(first.watched, found(monitor, Reading.GOOD, NOW, "fsn"), Around())
    assert second.watched.known.standing.heard == NOW + 5
    assert {vote.location for vote in second.watched.known.votes} == {"fsn", "hel"}


def test_a_silent_location_is_one_alert_and_what_it_alone_checks_is_unknown(house: MemoryPorts) -> None:
    place("fsn", "hel", "later")
    alone = [make(f"alone {n}", locations=["fsn"]) for n in range(5)]
    both, down = (
        make("both", locations=["fsn", "here"]),
        make("down", locations=["fsn"], tolerance={"failures": 1}),
    )
    for slug in ("fsn", "hel"):
        locations.heard(slug, Hearing(at=NOW))
    service.record([found(one, Reading.GOOD, NOW) for one in (*alone, both)], NOW)
    service.record([found(down, Reading.BAD, NOW)], NOW)
    before = told()
    locations.heard("hel", Hearing(at=NOW + SILENT))
    assert locations.notice(NOW + SILENT, 0) == 0
    assert locations.notice(NOW + SILENT + 1, 0) == 1
    since = "2025-11-24 16:00"
    assert told()[len(before) :] == [
        (f"Location Fsn has not been heard of since {since} UTC.", SignalState.FIRING)
    ]
    assert {state(one) for one in alone} == {State.UNKNOWN}
    assert (state(both), state(down)) == (State.UP, State.DOWN)
    assert locations.notice(NOW + SILENT + 11, 0) == 0, "it is told once"
    for slug in ("fsn", "hel"):
        locations.heard(slug, Hearing(at=NOW + 200))
    assert locations.notice(NOW + 201, 0) == 1
    assert told()[-1] == ("Fsn is heard of again.", SignalState.RESOLVED)
    service.record([found(one, Reading.GOOD, NOW + 200) for one in alone], NOW + 201)
    assert {state(one) for one in alone} == {State.UP}
    assert len(told()) == len(before) + 2


def test_removing_a_silent_location_ends_its_alert(house: MemoryPorts) -> None:
    place("fsn", "hel")
    for slug in ("fsn", "hel"):
        locations.heard(slug, Hearing(at=NOW))
    before = locations.find("fsn")
    locations.heard("hel", Hearing(at=NOW + SILENT))
    locations.notice(NOW + SILENT + 1, 0)
    locations.remove(SYSTEM, before, NOW + 100)
    locations.remove(SYSTEM, locations.find("hel"), NOW + 100)
    assert [state for _, state in told()] == [SignalState.FIRING, SignalState.RESOLVED], "hel had no alert"
    assert told()[-1][0] == "Fsn is removed; nobody waits for it any more."
    assert locations.notice(NOW + 200, 0) == 0


@pytest.mark.parametrize(
    ("heard", "since", "silent"),
    [(None, 0, False), (NOW, 0, False), (NOW - SILENT - 1, 0, True), (NOW - SILENT - 1, NOW - 5, False)],
)
def test_silence_counts_from_when_anybody_listened(heard: float | None, since: float, silent: bool) -> None:
    one = Location(id=1, slug="a", name="A", hint="", created_at=0, heard_at=heard)
    assert bool(silence.why(one, NOW, since)) is silent


def sighted(at: float, **more: object) -> Sighted:
    return Sighted(monitor=1, at=at, reading=Reading.GOOD, **more)  # type: ignore[arg-type]


def batch(*results: Sighted, sent_at: float = NOW, first: int = 1) -> Batch:
    return Batch(origin=ORIGIN, first=first, sent_at=sent_at, results=results)


def test_a_clock_that_is_wrong_is_measured_and_corrected() -> None:
    behind = batch(sighted(NOW - 100), sighted(NOW - 90), sent_at=NOW - 80)
    told = correcting.corrected(behind, "fsn", NOW)
    assert (told.skew, [one.outcome.at for one in told.results]) == (80.0, [NOW - 20, NOW - 10])
    close = correcting.corrected(batch(sighted(NOW - 3), sent_at=NOW - 1), "fsn", NOW)
    assert (close.skew, close.results[0].outcome.at) == (0.0, NOW - 3), "the way takes time, too"
    jumped = correcting.corrected(batch(sighted(NOW + 50), sent_at=NOW), "fsn", NOW)
    assert jumped.results[0].outcome.at == NOW, "what lies ahead is of now"


def test_what_is_older_than_a_day_is_refused_and_counted() -> None:
    told = correcting.corrected(batch(sighted(NOW - OLDEST - 1), sighted(NOW), first=7), "fsn", NOW)
    assert (told.numbers, told.refused) == ((8,), 1)
    assert told.reason == "1 finding is older than a day and was not recorded."


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (b"{", "body"),
        (b'{"origin": 5}', "body"),
        (msgspec.json.encode(batch()), "results"),
        (msgspec.json.encode(batch(*[sighted(NOW)] * (MOST_RESULTS + 1))), "results"),
        (msgspec.json.encode(batch(sighted(NOW), first=0)), "first"),
        (msgspec.json.encode(batch(sighted(NOW), sent_at=-1)), "sent_at"),
        (msgspec.json.encode(batch(sighted(NOW), sighted(-5))), "results.1"),
        (msgspec.json.encode(batch(sighted(NOW, phases={"dns": -1.0}))), "results.0"),
        (msgspec.json.encode(batch(sighted(NOW, ms=1e12))), "results.0"),
        (msgspec.json.encode(batch(sighted(NOW))).replace(b'"aaaa', b'"zzzz'), "origin"),
    ],
)
def test_a_batch_that_cannot_be_taken_is_refused_by_field(told: bytes, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        correcting.read(told)
    assert set(caught.value.fields) == {field}


def packed(monitor: Monitor, first: int, n: int, origin: str = ORIGIN) -> bytes:
    results = tuple(found(monitor, Reading.GOOD, NOW + first + k) for k in range(n))
    return ordering.pack(Findings(origin, first + n - 1, results, numbers=tuple(range(first, first + n))))


def test_findings_are_recorded_once_however_they_are_put_together(house: MemoryPorts) -> None:
    place("fsn", "hel")
    one = make("Shop", locations=["fsn"])
    for first, n in ((1, 3), (1, 3), (2, 4), (5, 1), (1, 6), (9, 2)):
        service.take(packed(one, first, n), NOW + 20, "fsn")
    service.take(packed(one, 1, 2, OTHER), NOW + 20, "fsn")
    service.take(packed(one, 8, 2), NOW + 20, "fsn")
    at = [check.outcome.at - NOW for check in service.checks(one, Span(0, 1e11))]
    assert sorted(at) == [1, 1, 2, 2, 3, 4, 5, 6, 9, 10], "those of another origin have numbers of their own"


def test_locations_over_rest(house: MemoryPorts) -> None:
    admin, reader = bearing(Scope.ADMIN, NOW), bearing(Scope.READ, NOW)
    made = admin.post("/api/v1/locations", {"name": "Frankfurt"}, "application/json")
    assert (made.status_code, made.json()["location"]["slug"]) == (201, "frankfurt")
    token = made.json()["token"]
    assert locations.of_token(token).slug == "frankfurt"
    make("Shop", locations=["frankfurt"])
    locations.heard("frankfurt", Hearing(at=NOW, version="1.0", skew=2.5, lost=3))
    (listed,) = reader.get("/api/v1/locations").json()["items"]
    assert {name: listed[name] for name in ("slug", "monitors", "version", "clock_behind", "lost", "silent")} == {
        "slug": "frankfurt", "monitors": 1, "version": "1.0", "clock_behind": 2.5, "lost": 3, "silent": False,
    }  # fmt: skip
    assert token not in str(listed)
    other = admin.post("/api/v1/locations/frankfurt/token").json()["token"]
    assert locations.of_token(other).slug == "frankfurt"
    assert reader.get("/api/v1/probe/orders").status_code == 403
    assert admin.delete("/api/v1/locations/frankfurt").status_code == 204
    assert admin.delete("/api/v1/locations/frankfurt").status_code == 404
    assert service.find("shop").config.locations == ()
