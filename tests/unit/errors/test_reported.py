"""The book of browsers' reports: what is counted, how many browsers sent it, and the policy it justifies."""

import tomllib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.errors.conftest import Journal
from vedette_guard import Policy

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.errors import service as errors
from vedette.errors.present import reported as present
from vedette.errors.reported import browsers, proposing, service, store
from vedette.errors.reported.types import CSP, KnownPolicy, Proposal, ReportLine
from vedette.projects import service as projects
from vedette.projects.types import Project

DAY = 86_400.0


def refused(source: str, directive: str = "img-src", **more: object) -> dict[str, object]:
    body = {
        "document_uri": "https://shop.example/orders/7",
        "blocked_uri": source,
        "effective_directive": directive,
    }
    return {"platform": "javascript", "csp": body | more}


def failed(**more: object) -> dict[str, object]:
    return {
        "platform": "javascript",
        "nel": {"type": "dns.name_not_resolved", "url": "https://cdn.example/", **more},
    }


def line(source: str, directive: str = "img-src", *, seen: int = 9) -> ReportLine:
    return ReportLine(
        kind=CSP,
        what=directive,
        source=source,
        page="/",
        n=9,
        watched=0,
        weight=9.0,
        browsers=seen,
        first_at=1.0,
        last_at=2.0,
    )


def test_reports_are_counted_by_what_and_source_for_as_many_browsers_as_sent_them(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    for n in range(41):
        journal.send(failed(sampling_fraction=0.5), address=f"198.51.100.{n}")
    journal.send(
        refused("https://cdn.example/a.png"), refused("https://cdn.example/b.png"), address="198.51.100.1"
    )
    journal.send({"message": "no report"})
    dns, image = service.lines("shop", 1, clock.now())
    assert (dns.kind, dns.what, dns.source, dns.n, dns.weight) == (
        "network-error",
        "dns.name_not_resolved",
        "cdn.example",
        41,
        82.0,
    )
    assert (image.what, image.source, image.page, image.n, image.browsers) == (
        "img-src",
        "https://cdn.example",
        "/orders/*",
        2,
        1,
    )
    assert 38 <= dns.browsers <= 41
    assert errors.issue("SHOP-1").users == 41
    told = present.network([dns])[0]
    assert (
        told.text
        == f"DNS failed for cdn.example: dns.name_not_resolved, seen by about {dns.browsers} browsers"
    )
    assert told.amount == "41 reports, about 82 failures"


def test_a_replay_and_a_repeat_count_nothing(journal: Journal, clock: ManualClock) -> None:
    batch = [journal.message(refused("https://cdn.example/a"), "ab" * 16) for _ in range(2)]
    errors.digest(batch, clock.now())
    errors.digest(batch, clock.now())
    assert [one.n for one in service.lines("shop", 1, clock.now())] == [1]


def test_days_are_added_up_and_old_ones_go_with_their_project_too(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    journal.send(refused("https://cdn.example/a"), address="198.51.100.1")
    clock.forward(2 * DAY)
    journal.send(refused("https://cdn.example/a"), address="198.51.100.2")
    [both] = service.lines("shop", 3, clock.now())
    assert (both.n, both.browsers, both.last_at - both.first_at) == (2, 2, 2 * DAY)
    assert [one.n for one in service.lines("shop", 2, clock.now())] == [1]
    clock.forward(89 * DAY)
    assert service.drop_old(clock.now()) == 1
    assert service.reporting(90, clock.now()) == {shop.id: 1}
    with pytest.raises(Invalid, match="90 days"):
        service.propose("shop", 91, clock.now())
    projects.delete_project(SYSTEM, shop.id, "Shop", clock.now())
    assert service.reporting(90, clock.now()) == {}


def test_a_flood_of_sources_is_one_line_beyond_the_bound(
    journal: Journal, clock: ManualClock, shop: Project
) -> None:
    journal.send(*(refused(f"https://h{n}.example/") for n in range(store.MOST_A_DAY + 20)))
    found = store.lines(shop.id, int(clock.now() // DAY))
    assert len(found) == store.MOST_A_DAY + 1
    assert (found[0].source, found[0].n) == (store.OTHER, 20)
    assert sum(one.n for one in found) == store.MOST_A_DAY + 20


def test_a_sender_makes_up_no_kinds_of_lines(journal: Journal, clock: ManualClock, shop: Project) -> None:
    journal.send(
        *({"browser_report": {"type": f"kind{n}", "message": f"{n}"}} for n in range(2 * store.MOST_A_DAY))
    )
    found = store.lines(shop.id, int(clock.now() // DAY))
    assert {one.kind for one in found} == {"unknown"}
    assert (len(found), sum(one.n for one in found)) == (store.MOST_A_DAY + 1, 2 * store.MOST_A_DAY)


def test_what_a_report_says_keeps_no_query(journal: Journal, clock: ManualClock) -> None:
    told = "Blocked https://a.example/reset?token=abc&mail=jane@example.com by the policy; really?"
    journal.send({"browser_report": {"type": "document-policy-violation", "message": told}})
    assert (
        service.lines("shop", 1, clock.now())[0].what
        == "Blocked https://a.example/reset by the policy; really?"
    )


@pytest.mark.parametrize("strange", [[], {"a": 1}, ["x"], 7, None, True])
def test_whatever_a_report_says_stops_nothing(journal: Journal, clock: ManualClock, strange: object) -> None:
    kinds = ("deprecation", "crash", "coop", "coep", "made-up")
    for kind in kinds:
        journal.send({"browser_report": {"type": kind, "id": "x", "disposition": strange}})
    for blocked in ("trusted-types-sink", "https://a.example/"):
        journal.send(refused(blocked, disposition=strange))
    assert sum(one.n for one in service.lines("shop", 1, clock.now())) == len(kinds) + 2


@given(st.sets(st.integers(0, 2**63), max_size=300))
def test_so_many_browsers_are_told_about_right(hashes: set[int]) -> None:
    seen = b""
    for one in hashes:
        seen = browsers.union(seen, browsers.of(one))
    distinct = len({one % 512 for one in hashes})
    assert browsers.count(seen) >= distinct
    assert browsers.count(browsers.union(seen, seen)) == browsers.count(seen)


# --- the policy -------------------------------------------------------------------------------------------------


def propose(*lines: ReportLine, base: str = "") -> Proposal:
    return proposing.propose(lines, KnownPolicy(base, 1.0) if base else None, 7)


def test_a_policy_grows_by_what_several_browsers_reported() -> None:
    found = propose(
        line("https://cdn.example"),
        line("self", "connect-src"),
        base="default-src 'none'; script-src 'self' 'nonce-abc'; report-uri /r",
    )
    assert found.header == (
        "default-src 'none'; script-src 'self' 'nonce-…'; report-uri /r; connect-src 'self'; img-src https://cdn.example"
    )
    assert all(one.added and one.line for one in found.sources)
    assert "reported 9 times from 9 browsers, last on /" in found.toml


def test_a_directive_begins_with_what_it_falls_back_to() -> None:
    found = propose(
        line("https://cdn.example"),
        line("https://frames.example", "frame-src"),
        base="default-src 'self'; child-src https://a.example",
    )
    assert found.directives["img-src"] == ("'self'", "https://cdn.example")
    assert found.directives["frame-src"] == ("https://a.example", "https://frames.example")
    elements = propose(
        line("https://cdn.example", "script-src"), base="script-src 'self'; script-src-elem 'self'"
    )
    assert elements.directives["script-src-elem"] == ("'self'", "https://cdn.example")
    assert propose(line("self")).directives["img-src"] == ("'self'",)


@pytest.mark.parametrize(
    ("source", "directive", "why"),
    [
        ("inline", "script-src", "nonce"),
        ("inline", "style-src", "nonce"),
        ("eval", "script-src", "eval runs any text"),
        ("wasm-eval", "script-src", "WebAssembly"),
        ("data:", "script-src", "data: in script-src"),
        ("blob:", "script-src", "blob: in script-src"),
        ("http://cdn.example", "img-src", "use https:"),
        ("ws://cdn.example", "connect-src", "use wss:"),
        ("https://localhost:3000", "connect-src", "own network"),
        ("https://192.168.1.4", "img-src", "own network"),
        ("https://printer.local", "img-src", "own network"),
        ("chrome-extension:", "script-src", "extensions"),
        ("https://a.example;script-src", "img-src", "no origin"),
        ("https://*.example", "img-src", "no origin"),
        (store.OTHER, "img-src", "no origin"),
        ("trusted-types-sink Element innerHTML", "require-trusted-types-for", "mend the code"),
        ("https://evil.example", "frame-ancestors", "by hand"),
        ("https://evil.example", "base-uri", "<base>"),
        ("https://evil.example", "object-src", "plugins"),
        ("https://evil.example", "navigate-to", "no list of sources"),
    ],
)  # fmt: skip
def test_what_would_undo_the_policy_is_left_out_with_the_reason(
    source: str, directive: str, why: str
) -> None:
    found = propose(line(source, directive))
    [one] = found.sources
    assert not one.added
    assert why in one.reason
    assert found.directives == dict(proposing.START)
    assert f"left out: {directive}" in found.toml


def test_what_one_browser_alone_reports_is_left_out() -> None:
    [one] = propose(line("https://cdn.example", seen=1)).sources
    assert (one.added, one.reason[:26]) == (False, "seen by one browser alone:")


@pytest.mark.parametrize(("source", "directive"), [("data:", "img-src"), ("data:", "font-src"), ("blob:", "worker-src"), ("https://cdn.example:8443", "style-src"), ("wss://live.example", "connect-src"), ("https://pay.example", "form-action")])  # fmt: skip
def test_what_is_harmless_where_it_stands_is_added(source: str, directive: str) -> None:
    assert source in propose(line(source, directive)).directives[directive]


_SOURCES = st.one_of(st.sampled_from(["self", "inline", "data:", "https://a.example", "https://b.example:1"]), st.text(max_size=20).map(lambda text: f"https://{text}.example"))  # fmt: skip


@given(
    st.lists(
        st.tuples(_SOURCES, st.sampled_from(["img-src", "script-src", "frame-ancestors", "x"])), max_size=6
    ),
    st.sampled_from(
        [
            "",
            "default-src 'none'",
            "img-src *; script-src 'nonce-a' 'strict-dynamic'; upgrade-insecure-requests",
            "\"' ; ;;\n",
        ]
    ),
)
def test_the_guard_takes_whatever_is_proposed(pairs: Sequence[tuple[str, str]], base: str) -> None:
    found = propose(*(line(source, directive) for source, directive in dict.fromkeys(pairs)), base=base)
    policy = Policy.from_mapping(tomllib.loads(found.toml)["guard"])
    assert {**policy.headers.csp, **found.directives} == dict(policy.headers.csp)


def test_the_newest_policy_that_several_browsers_named_is_where_it_begins(
    journal: Journal, clock: ManualClock
) -> None:
    def named(policy: str, *last: int) -> None:
        for n in last:
            journal.send(refused("https://cdn.example/a", original_policy=policy), address=f"198.51.100.{n}")
        clock.forward(60)

    named("default-src 'none'", 1, 2)
    named("default-src 'self'", 3, 4)
    named("x" * 3_000, 5, 6)
    named("script-src * 'unsafe-inline' https://evil.example", 7, 7)
    found = errors.propose_policy("shop", 7, clock.now())
    assert found.directives == {"default-src": ("'self'",), "img-src": ("'self'", "https://cdn.example")}
    named("default-src 'none'", 1)
    assert errors.propose_policy("shop", 7, clock.now()).directives["default-src"] == ("'none'",)


def test_policies_that_somebody_makes_up_are_few_and_drive_out_none(
    journal: Journal, clock: ManualClock, shop: Project
) -> None:
    for n in (1, 2):
        journal.send(refused("self", original_policy="default-src 'self'"), address=f"198.51.100.{n}")
    for n in range(3 * store.MOST_POLICIES):
        clock.forward(1)
        journal.send(refused("self", original_policy=f"img-src https://a{n}.example"))
    assert len(store.policies(shop.id)) == store.MOST_POLICIES
    known = store.known(shop.id)
    assert known is not None
    assert known.text == "default-src 'self'"


def test_a_flood_proposes_by_the_most_frequent_and_takes_time_by_its_size(
    journal: Journal, clock: ManualClock
) -> None:
    for day in range(3):
        sent = [refused(f"https://h{day}x{n}.example/") for n in range(store.MOST_A_DAY)]
        journal.send(*sent, *(refused("https://cdn.example/", "font-src") for _ in range(2)))
        clock.forward(DAY)
    found = errors.propose_policy("shop", 7, clock.now())
    assert len(found.sources) == len(service.lines("shop", 7, clock.now())) == service.MOST
    assert service.lines("shop", 7, clock.now())[0].source == store.OTHER
