"""What a draft says, what an incident cost, and who may publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import NOW

from vedette.core.clock import to_datetime
from vedette.incidents.metrics import timing
from vedette.incidents.postmortem import drafting, figuring, paper, reviewing
from vedette.incidents.postmortem.drafting import Material
from vedette.incidents.postmortem.types import Counted, Figures, PostMortemRules
from vedette.incidents.spans import clock
from vedette.incidents.types import (
    Declared,
    Entry,
    EntryKind,
    Evidence,
    Impact,
    Incident,
    IncidentState,
    PostMortem,
    PostMortemState,
    Sev,
    Task,
    TaskKind,
    Urgency,
)
from vedette.ui import markdown


def incident(**more: object) -> Incident:
    how = {
        "id": 27, "title": "Checkout *fails*", "state": IncidentState.RESOLVED, "severity": Sev.TWO, "impact": Impact.MANY,
        "urgency": Urgency.NOW, "declared": Declared.RULE, "declared_by": "", "started_at": NOW, "detected_at": NOW + 42,
        "acked_at": NOW + 129, "mitigated_at": NOW + 900, "resolved_at": NOW + 1_500, **more,
    }  # fmt: skip
    return Incident(**how)  # type: ignore[arg-type]


def entry(number: int, **more: object) -> Entry:
    how = {
        "id": number,
        "incident": 27,
        "at": NOW + number,
        "kind": EntryKind.ALERT,
        "text": f"line {number}",
        **more,
    }
    return Entry(**how)  # type: ignore[arg-type]


def test_the_lengths_of_an_incident() -> None:
    assert timing.times(incident()) == timing.Times(detect=42, acknowledge=87, resolve=900)
    early = timing.times(incident(started_at=NOW + 9_000, acked_at=None, mitigated_at=None, resolved_at=None))
    assert early == timing.Times(detect=0, acknowledge=None, resolve=None)
    means = timing.means([incident(), incident(acked_at=None, resolved_at=None, mitigated_at=None)])
    assert means == timing.Means(detect=42, acknowledge=87, resolve=900)
    assert timing.means([]) == timing.Means(detect=None, acknowledge=None, resolve=None)


@pytest.mark.parametrize(
    ("counted", "rules", "requests", "money"),
    [
        (Counted(), PostMortemRules(), None, None),
        (Counted(failed=100, usual=30), PostMortemRules(), 70, None),
        (Counted(failed=10, usual=30), PostMortemRules(per_minute=4), 0, 60),
        (Counted(failed=100, usual=None), PostMortemRules(per_minute=4, per_request=2), 100, 260),
        (Counted(), PostMortemRules(per_request=2), None, None),
    ],
)
def test_what_it_cost(
    counted: Counted, rules: PostMortemRules, requests: float | None, money: float | None
) -> None:
    found = figuring.figures(incident(), counted, rules, NOW + 9_999)
    assert (found.impact, found.requests, found.money) == (900, requests, money)
    assert (
        figuring.figures(incident(mitigated_at=None, resolved_at=None), counted, rules, NOW + 60).impact == 60
    )


def test_the_whole_draft() -> None:
    entries = [
        entry(
            1,
            kind=EntryKind.DEPLOY,
            text="Jonas deployed 2026.11.24-3",
            link="/deploys/2026.11.24-3/",
            tone="info",
        ),
        entry(2, tone="crit", text="checkout is down"),
        entry(3, kind=EntryKind.NOTE, by="Mira", text="Only | card\npayments [fail](javascript:alert(1))"),
        entry(4, text="noise"),
        entry(5, text="hidden", tone="crit", hidden=True),
        entry(6, text="pinned noise", pinned=True, annotation="this was it"),
    ]
    found = Material(
        incident=incident(summary="Cards failed."), figures=Figures(impact=900, detect=42, acknowledge=87, resolve=900, users=31, money=1234.5),
        rules=PostMortemRules(), entries=entries, people=("Mira", "Jonas"), alerts=9,
        causes=(Evidence(sentence="Likely the deploy.", rows=(("2026.11.24-3", "/deploys/2026.11.24-3/"),)),),
        tasks=(Task(id=1, incident=27, kind=TaskKind.ACTION, text="Make the key unique", done_at=NOW),),
    )  # fmt: skip
    text = drafting.draft(found)
    assert text.startswith("# INC-27: Checkout \\*fails\\*\n")
    assert "| Lasted | 15 minutes |" in text
    assert "| Users | 31 at least |" in text
    assert "| Failed requests | not counted |" in text
    assert "| Money | about 1 234 EUR |" in text
    assert "Vedette noticed it by itself, with 9 alerts 42 s after it began." in text
    assert "Took part: Mira, Jonas." in text
    assert "- Likely the deploy. Evidence: [2026.11.24-3](/deploys/2026.11.24-3/)" in text
    assert "- It was noticed within 42 s." in text
    assert "- [x] Make the key unique" in text
    assert "noise" not in text.replace("pinned noise", "")
    assert "hidden" not in text
    assert "(this was it)" in text
    assert 'href="javascript' not in markdown.html(text)
    titles = [line for line in text.splitlines() if line.startswith("#")]
    assert len(titles) == 10


@given(st.text(max_size=80))
def test_nothing_from_elsewhere_is_read_as_markdown(text: str) -> None:
    made = markdown.html(f"- {drafting.plain(text)} end")
    assert made.count("<li>") == 1
    assert "<a" not in made.replace("<autolink", "")
    assert not any(f"<{tag}>" in made for tag in ("em", "strong", "code", "h2", "table", "pre"))


def test_a_story_is_bounded() -> None:
    many = [entry(n, tone="crit") for n in range(500)]
    chosen = drafting.chosen([*many, entry(600, pinned=True)])
    assert len(chosen) == drafting.MOST_LINES
    assert chosen[-1].id == 600


def test_lines_of_other_days_carry_their_day_and_none_is_told_after_the_end() -> None:
    entries = [
        entry(1, at=NOW - 86_400, kind=EntryKind.DEPLOY, text="the day before"),
        entry(2, tone="crit", text="the same day"),
        entry(3, at=NOW + 1_500, kind=EntryKind.ACT, by="Mira", text="resolved it"),
        entry(4, at=NOW + 1_501, kind=EntryKind.DEPLOY, text="too late"),
        entry(5, at=NOW + 1_502, kind=EntryKind.NOTE, text="chosen", pinned=True),
    ]
    figures = Figures(impact=900, detect=42, acknowledge=87, resolve=900)
    text = drafting.draft(
        Material(incident=incident(), figures=figures, rules=PostMortemRules(), entries=entries)
    )
    told = text.partition("## Timeline")[2].partition("## Detection")[0]
    before, same, end, chosen = [line for line in told.splitlines() if line]
    assert before == f"- {to_datetime(NOW).day - 1} {to_datetime(NOW):%b} {clock(NOW)} the day before"
    assert same == f"- {clock(NOW + 2)} the same day"
    assert (end.endswith("Mira resolved it"), chosen.endswith("chosen")) == (True, True)
    open_ended = [entry(4, at=NOW + 9_999)]
    assert drafting.until_the_end(open_ended, None) == open_ended


@given(
    st.sampled_from(list(PostMortemState)), st.integers(1, 3), st.integers(1, 4), st.booleans(),
)  # fmt: skip
def test_nobody_publishes_alone_what_somebody_else_could_read(
    state: PostMortemState, who: int, people: int, reviewed: bool
) -> None:
    found = PostMortem(incident=1, state=state, text="x", facts={"author": 1.0})
    verdict = reviewing.may_publish(found, who, people, reviewed=reviewed)
    assert verdict.allowed or verdict.reason
    if verdict.allowed and reviewed and people > 1:
        assert (state, who == 1) == (PostMortemState.REVIEW, False)
    if state is not PostMortemState.PUBLISHED and (people == 1 or not reviewed):
        assert verdict.allowed


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, True), ({"done_at": NOW}, False), ({"assignee": None}, False), ({"due_at": None}, False), ({"due_at": NOW + 1}, False),
        ({"kind": TaskKind.TASK}, False), ({"reminded_at": NOW - 6 * 86_400}, False), ({"reminded_at": NOW - 7 * 86_400}, True),
    ],
)  # fmt: skip
def test_who_is_reminded(more: dict[str, object], says: bool) -> None:
    how = {"id": 1, "incident": 1, "kind": TaskKind.ACTION, "text": "x", "assignee": 3, "due_at": NOW, **more}
    assert reviewing.reminds(Task(**how), NOW) is says  # type: ignore[arg-type]


def test_a_file_holds_titles_as_text() -> None:
    made = paper.whole("<script>x</script>", "a & b", "<p>body</p>")
    assert "<script>" not in made
    assert "a &amp; b" in made
    assert "default-src 'none'" in made
