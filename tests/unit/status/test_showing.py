"""What visitors are told: states, the sentence, days, and what is refused."""

import itertools
import math
from xml.etree import ElementTree

import msgspec
import pytest

from vedette.monitors.types import Change, State
from vedette.status import badges, days, drafting, feeds, showing
from vedette.status.showing import Seen
from vedette.status.types import (
    DAY,
    Component,
    ComponentState,
    Impact,
    IncidentDraft,
    NoticeKind,
    PageIncident,
    PageUpdate,
    Progress,
    ShownComponent,
    ShownDay,
    ShownPage,
    StatusPage,
    StatusPageDraft,
    SubscriberKind,
)

NOW = 1_764_000_000.0  # 2025-11-24 16:00 UTC
WORKS, SLOW, DOWN, MAINTENANCE, UNKNOWN = ComponentState


def notice(impact: Impact = Impact.NONE, *, ends: float | None = None) -> PageIncident:
    kind = NoticeKind.INCIDENT if ends is None else NoticeKind.MAINTENANCE
    return PageIncident(id=1, page=1, kind=kind, title="x", impact=impact, starts=NOW - 60, ends=ends)


@pytest.mark.parametrize(
    ("seen", "notices", "told"),
    [
        (Seen(state=State.UP, since=5), [], WORKS),
        (Seen(state=State.DEGRADED, since=5), [], SLOW),
        (Seen(state=State.DOWN, since=5), [], DOWN),
        (Seen(state=State.UNKNOWN, since=5), [], UNKNOWN),
        (Seen(state=State.WAITING, since=None), [], UNKNOWN),
        (Seen(state=State.UP, since=5, paused=True), [], UNKNOWN),
        (None, [], UNKNOWN),
        (Seen(state=State.DOWN, since=5, until=NOW + 9), [], MAINTENANCE),
        (Seen(state=State.DOWN, since=5), [notice(ends=NOW + 60)], MAINTENANCE),
        (Seen(state=State.UP, since=5), [notice(Impact.SLOW)], SLOW),
        (Seen(state=State.UP, since=5), [notice(Impact.SLOW), notice(Impact.DOWN)], DOWN),
        (Seen(state=State.DOWN, since=5), [notice(Impact.SLOW)], DOWN),
        (Seen(state=State.UP, since=5), [notice(Impact.NONE)], WORKS),
        (None, [notice(Impact.DOWN)], DOWN),
    ],
)
def test_the_state_of_a_component(
    seen: Seen | None, notices: list[PageIncident], told: ComponentState
) -> None:
    assert showing.standing(seen, notices, NOW).state is told


def shown(state: ComponentState, name: str = "Checkout", **more: float) -> ShownComponent:
    return ShownComponent(
        id=1, name=name, section="", state=state, since=more.get("since"), until=more.get("until"), days=(), uptime=None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("components", "text"),
    [
        ([], "Nothing is shown here yet."),
        ([shown(WORKS), shown(WORKS)], "All systems work."),
        ([shown(WORKS), shown(DOWN, since=NOW - 3_600)], "Checkout is down since 15:00 UTC."),
        ([shown(DOWN, since=NOW - 60), shown(SLOW), shown(DOWN, since=NOW - 7_200)], "2 systems are down since 14:00 UTC."),
        ([shown(SLOW, since=NOW - DAY)], "Checkout is slow since 23 Nov 16:00 UTC."),
        ([shown(WORKS), shown(MAINTENANCE, until=NOW + 1_800)], "Checkout is being worked on until 16:30 UTC."),
        ([shown(WORKS), shown(UNKNOWN)], "Nothing is known of Checkout now."),
    ],
)  # fmt: skip
def test_the_sentence_tells_the_worst(components: list[ShownComponent], text: str) -> None:
    assert showing.sentence(components, NOW).text == text


def test_a_day_is_cut_at_its_ends() -> None:
    start = days.starts(NOW, 1)[0]
    changes = [
        Change(start - 500, State.UP),
        Change(start + 100, State.DOWN),
        Change(start + 400, State.DEGRADED),
    ]
    assert days.day_of(changes, start, start + 1_000) == ShownDay(
        day="2025-11-24", up=100, slow=600, down=300
    )


def test_days_end_with_today() -> None:
    starts = days.starts(NOW, 90)
    assert (len(starts), NOW - starts[-1]) == (90, 16 * 3_600)
    assert {b - a for a, b in itertools.pairwise(starts)} == {DAY}


def day(**how: float) -> ShownDay:
    return ShownDay(day="2025-11-20", **how)


def test_a_bar_shows_outages_slowness_and_what_is_not_known() -> None:
    row = [day(), day(up=DAY), day(up=DAY - 60, down=60), day(up=1, down=days.LONG_OUTAGE), day(up=9, slow=2)]
    assert days.beats(row) == "nudxd"
    assert days.described(row[:2]) == "The last 2 days: up 100 %, no outage."
    assert days.described(row[:1]) == "The last 1 days: nothing is known yet."
    assert days.described(row[:3]).endswith("outages on one day, the last on 20 Nov (1 min).")


@pytest.mark.parametrize(
    ("share", "told"), [(1.0, "100 %"), (0.999999, "99.99 %"), (0.5, "50.00 %"), (None, "–")]
)
def test_a_percentage_never_rounds_an_outage_away(share: float | None, told: str) -> None:
    assert days.percent(share) == told


@pytest.mark.parametrize(
    ("field", "how"),
    [
        ("slug", {"slug": "Shop"}),
        ("slug", {"slug": "new"}),
        ("slug", {"slug": "-a"}),
        ("title", {"title": " "}),
        ("domain", {"domain": "https://status.example.com"}),
        ("domain", {"domain": "vedette.example"}),
        ("domain", {"domain": "10.0.0.1"}),
        ("frames", {"frames": "'self'; script-src *"}),
        ("frames", {"frames": "https://a.example/path"}),
        ("password", {"password": "short"}),
        ("components", {"components": (Component(monitor=9, name="x"),)}),
        ("components", {"components": (Component(monitor=1, name="x"), Component(monitor=1, name="y"))}),
        ("components", {"components": (Component(monitor=1, name=" "),)}),
    ],
)
def test_a_page_that_is_refused(field: str, how: dict[str, object]) -> None:
    draft = StatusPageDraft(**{"slug": "shop", "title": "Shop", **how})  # type: ignore[arg-type]
    assert list(drafting.page_problems(draft, "vedette.example", {1})) == [field]


def test_a_page_and_a_maintenance_that_are_taken() -> None:
    draft = StatusPageDraft(
        slug="shop", title="Shop", domain="status.example.com", frames="https://a.example http://b.example:8080",
        components=(Component(monitor=1, name="x"),),
    )  # fmt: skip
    assert drafting.page_problems(draft, "vedette.example", {1}) == {}
    planned = IncidentDraft(
        kind=NoticeKind.MAINTENANCE, title="x", text="x", starts=2.0, ends=1.0, components=(4,)
    )
    assert set(drafting.incident_problems(planned, [1])) == {"ends", "components"}


@pytest.mark.parametrize(
    ("target", "fits"),
    [
        ("a@b.example", True),
        ("a@b", False),
        ("a@b.example\nBcc: c@d.example", False),
        ("a b@c.example", False),
        ("", False),
    ],
)
def test_addresses(target: str, fits: bool) -> None:
    assert (drafting.target_problem(SubscriberKind.EMAIL, target) == "") is fits


def test_a_badge_escapes_names() -> None:
    drawn = badges.badge("<script>", "works", WORKS)
    assert "<script>" not in drawn
    assert "style" not in drawn


def test_feeds_and_badges_are_xml_whatever_the_names_are() -> None:
    bad = "".join(map(chr, (*range(32), 0x7F, 0x85, 0x9B, 0xFFFE, 0xFFFF, 0xD800)))
    strange = f"a{bad}b"
    page = StatusPage(
        id=1, slug="shop", title=strange, text=strange, domain="", frames="", windows=False, enabled=True, stamp="",
        components=(), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    said = PageUpdate(at=NOW, progress=Progress.INVESTIGATING, text=strange)
    going = msgspec.structs.replace(notice(), title=strange, updates=(said,))
    whole = ShownPage(
        page=page, url="https://a.example/", at=NOW, components=(), open=(going,), planned=(), past=()
    )
    for text in (feeds.atom(whole), feeds.rss(whole), badges.badge(strange, strange, WORKS)):
        ElementTree.fromstring(text.encode())  # noqa: S314 - what we wrote ourselves
        assert not set(text) & (set(bad) - set("\n\t"))


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "wrong"),
    [
        (NoticeKind.INCIDENT, None, None, set()),
        (NoticeKind.INCIDENT, NOW, None, set()),
        (NoticeKind.INCIDENT, -62_135_596_800.0, None, {"starts"}),
        (NoticeKind.INCIDENT, 253_402_300_799.9999, None, {"starts"}),
        (NoticeKind.INCIDENT, math.nan, None, {"starts"}),
        (NoticeKind.MAINTENANCE, NOW, NOW + 60, set()),
        (NoticeKind.MAINTENANCE, NOW, None, {"ends"}),
        (NoticeKind.MAINTENANCE, NOW, 253_402_300_799.0, {"ends"}),
        (NoticeKind.MAINTENANCE, -1.0, NOW, {"starts"}),
    ],
)
def test_times_are_bounded_whatever_is_announced(
    kind: NoticeKind, starts: float | None, ends: float | None, wrong: set[str]
) -> None:
    draft = IncidentDraft(kind=kind, title="x", text="x", starts=starts, ends=ends)
    assert set(drafting.incident_problems(draft, ())) == wrong
