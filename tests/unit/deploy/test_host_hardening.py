"""What a host tells of hardening, judged: bounded, and news only once."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.deploy import hardening
from vedette.deploy.types import HardenedHost
from vedette.wire.hardened import MOST_DRIFT, DriftKind, HardeningTold, HostDrift
from vedette.wire.infra import Told, Waiver
from vedette.wire.witness import Came, Look, Sight, Witness

AT = 1_764_000_000.0
AREAS = {"ssh-server": "ssh", "kernel-values": "kernel", "ssh-forwarding": "ssh"}
KEYS = ("file:/a", "sysctl:b", "ruleset:c")


def drift(key: str, by: str = "ann", measure: str = "ssh-server") -> HostDrift:
    kind, _, name = key.partition(":")
    return HostDrift(
        key=key,
        kind=DriftKind(kind),
        name=name,
        measure=measure,
        since=AT - 5,
        seen_at=AT,
        before="1",
        after="",
        by=by,
    )


def told(
    *drifts: HostDrift, at: float = AT, set_at: float = AT - 900, reverted_at: float = 0.0
) -> HardeningTold:
    return HardeningTold(
        at=at, set_at=set_at, profile="cis-l1", before=61.0, after=93.0, measures={"ssh-server": 5, "kernel-values": 30}, drift=drifts,
        waived=(Waiver(check="ssh-forwarding", reason="a jump host", until="2027-03-01"),), reverted_at=reverted_at,
    )  # fmt: skip


def stood(*drifts: HostDrift, **more: float) -> HardenedHost:
    return hardening.after(HardenedHost(host=7), told(*drifts, **more), AREAS)


def test_how_a_host_stands() -> None:
    found = stood(drift("file:/a"))
    assert (found.hardened_at, found.profile, found.score_before, found.score_after) == (
        AT - 900,
        "cis-l1",
        61.0,
        93.0,
    )
    assert [(one.name, one.passed, one.failed, one.waived) for one in found.areas] == [
        ("ssh", 4, 1, 1),
        ("kernel", 30, 0, 0),
    ]
    assert found.areas[0].sentence == "4 of 5 are as hardening set them, 1 waived."
    assert (found.drift[0].what, found.drift[0].name, found.drift[0].text) == (
        "file",
        "/a",
        "was: 1\nis: not there",
    )
    assert found.waived[0].until == "2027-03-01"


def test_a_host_that_was_never_hardened_has_no_scores() -> None:
    found = hardening.after(stood(), HardeningTold(at=AT), AREAS)
    assert (found.hardened_at, found.score_before, found.areas, found.drift) == (None, None, (), ())


@given(st.lists(st.frozensets(st.sampled_from(KEYS)), min_size=1, max_size=10))
def test_each_drift_is_news_once_and_its_end_too(rows: list[frozenset[str]]) -> None:
    before, there = HardenedHost(host=7), set[str]()
    for number, row in enumerate(rows):
        now = hardening.after(before, told(*(drift(key) for key in sorted(row)), at=AT + number), AREAS)
        found = hardening.changed(before, now)
        assert {one.key for one in found.new} == row - there
        assert {one.key for one in found.over} == there - row
        assert found.left == len(row)
        before, there = now, set(row)


def test_hardening_and_taking_back_are_news_but_what_is_old_at_a_first_word_is_not() -> None:
    first = hardening.changed(HardenedHost(host=7), stood(reverted_at=AT - 90_000))
    assert (first.hardened, first.reverted) == (False, False)
    assert hardening.changed(HardenedHost(host=7), stood(reverted_at=AT - 60)).reverted
    again = hardening.changed(stood(), stood(set_at=AT - 10, reverted_at=AT - 5))
    assert (again.hardened, again.reverted) == (True, True)
    assert not hardening.changed(stood(reverted_at=AT), stood(reverted_at=AT)).reverted


def test_what_a_broken_in_host_says_is_bounded_and_plain() -> None:
    long = "\x1b[2J" + "x" * 9_999
    many = tuple(drift(f"sysctl:{number}{long}", by=long, measure=long) for number in range(MOST_DRIFT + 50))
    said = HardeningTold(
        at=AT, set_at=1.0, profile=long, before=-1e9, after=1e9, measures={f"{n}{long}": -5 for n in range(500)}, drift=many,
        waived=(Waiver(check=long, reason=long, until=long),) * 1_000, left=(long,) * 1_000,
    )  # fmt: skip
    found = hardening.after(HardenedHost(host=7), said, AREAS)
    assert len(found.drift) == MOST_DRIFT
    assert len(found.areas) <= hardening.MOST_AREAS
    assert len(found.waived) <= hardening.MOST_WAIVED
    assert (found.score_before, found.score_after) == (0.0, 100.0)
    assert "\x1b" not in repr(found)
    assert max(len(one.by) for one in found.drift) <= 300


def test_what_a_host_saw_stands_beside_its_hardening() -> None:
    sight = Sight(look=Look("db", "10.0.1.2", 5432), came=Came.ANSWERED, sentence="\x07open")
    witness = Witness(spot="web", at=AT + 1, sights=(sight,), told=Told(drops=True))
    found = hardening.witnessed(stood(), witness)
    assert found.told == Told(drops=True)
    assert found.looks[0].sentence == "open"
    assert (found.profile, found.at) == ("cis-l1", AT + 1)


def test_sentences_and_targets() -> None:
    found = stood(*(drift(key, by="") for key in KEYS), drift("file:/z", by="eve")).drift
    assert hardening.drifted(found) == (
        "not as hardening set it: file /a (by nobody knows whom); sysctl b (by nobody knows whom); ruleset c (by nobody knows whom); and 1 more."
    )
    assert hardening.host_of((hardening.target(7), "file:/a")) == 7
    assert hardening.host_of(()) is None
    assert hardening.host_of(("server/web",)) is None
