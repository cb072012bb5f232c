"""What incidents decide, as pure functions: severity, progress, quiet, timeline, causes, likeness, lanes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.incidents import (
    causes,
    drafting,
    lanes,
    likeness,
    progress,
    quieting,
    severity,
    spans,
    timeline,
    verdict,
)
from vedette.incidents.causes import Facts
from vedette.incidents.likeness import Known
from vedette.incidents.progress import Act
from vedette.incidents.timeline import Scope
from vedette.incidents.types import (
    AttachedAlert,
    Declared,
    Entry,
    EntryKind,
    Impact,
    Incident,
    IncidentDraft,
    IncidentRuleDraft,
    IncidentState,
    Sev,
    Urgency,
)
from vedette.signals.types import Moment

T = 1_764_000_000.0


def incident(**more: object) -> Incident:
    given: dict[str, object] = {
        "id": 27, "title": "Checkout returns 500", "state": IncidentState.OPEN, "severity": Sev.TWO, "impact": Impact.SOME,
        "urgency": Urgency.NOW, "declared": Declared.HAND, "declared_by": "Mira", "started_at": T, "detected_at": T, "project": 1,
    }  # fmt: skip
    return Incident(**{**given, **more})  # type: ignore[arg-type]


def alert(
    name: str = "checkout", starts: float = T, ends: float | None = None, **labels: str
) -> AttachedAlert:
    return AttachedAlert(
        incident=27, fingerprint=name, title=f"{name} fires", link="/alerts/1/", severity="critical", starts=starts, ends=ends,
        subject=name, labels={"alertname": name, **labels},
    )  # fmt: skip


def entry(kind: EntryKind, at: float, text: str = "something", number: int = 0, **more: object) -> Entry:
    given: dict[str, object] = {
        "id": number or int(at - T) + 10_000,
        "incident": 27,
        "at": at,
        "kind": kind,
        "text": text,
    }
    return Entry(**{**given, **more})  # type: ignore[arg-type]


def test_the_matrix_is_whole_and_never_milder_when_it_is_worse() -> None:
    impacts, urgencies = list(Impact), list(Urgency)
    assert set(severity.MATRIX) == {(i, u) for i in impacts for u in urgencies}
    for i, impact in enumerate(impacts):
        for u, urgency in enumerate(urgencies):
            worse = [severity.MATRIX[a, b] for a in impacts[: i + 1] for b in urgencies[: u + 1]]
            assert max(worse) <= severity.MATRIX[impact, urgency]
    assert severity.of(Impact.ALL, Urgency.NOW) == (
        Sev.ONE,
        "Everybody is hit, and nothing goes on without it: SEV 1.",
    )


def test_alerts_suggest_a_severity_and_say_why() -> None:
    assert severity.suggested([]) is None
    assert severity.suggested([alert(ends=T)]) is None
    one = severity.suggested([alert()])
    assert one is not None
    assert (one.severity, one.reason) == (Sev.TWO, "1 alert fires for 1 subject: SEV 2.")
    many = severity.suggested([alert(str(n)) for n in range(6)])
    assert many is not None
    assert many.severity is Sev.ONE


@given(st.lists(st.tuples(st.sampled_from(Act), st.booleans()), max_size=12))
def test_whatever_is_done_its_instants_fit_its_state(acts: list[tuple[Act, bool]]) -> None:
    one, at = incident(), T
    first_ack: float | None = None
    for act, by_hand in acts:
        at += 60
        stepped = progress.step(one, act, at, by_hand=by_hand)
        assert stepped.reason
        if stepped.incident is None:
            continue
        one = stepped.incident
        first_ack = first_ack if first_ack is not None else one.acked_at
        assert one.acked_at == first_ack, "the first acknowledgement stays"
        assert (one.resolved_at is not None) is (one.state is IncidentState.RESOLVED)
        assert one.is_open is (one.state is not IncidentState.RESOLVED)
        if one.state is IncidentState.MITIGATED:
            assert one.mitigated_at == at
        assert one.updated_at == at


def test_a_merged_one_lives_on_in_another() -> None:
    into = incident(id=3)
    gone = progress.merged(incident(), into, T + 5).incident
    assert gone is not None
    assert (gone.state, gone.merged_into, gone.is_open) == (IncidentState.MERGED, 3, False)
    assert progress.step(gone, Act.REOPEN, T + 9).incident is None
    assert "INC-3" in progress.step(gone, Act.REOPEN, T + 9).reason
    assert progress.merged(into, into, T).incident is None
    assert progress.merged(gone, into, T).incident is None
    assert progress.merged(into, gone, T).incident is None


def test_quiet_resolves_and_only_quiet() -> None:
    one = incident(quiet_minutes=10)
    assert not quieting.decide(one, 0, 0, None, T + 9_999).over, "without an alert somebody has to say so"
    assert quieting.decide(one, 2, 1, T, T + 9_999).since is None
    assert quieting.decide(one, 2, 0, T, T + 599).since == T
    over = quieting.decide(one, 2, 0, T, T + 600)
    assert (over.over, over.reason) == (True, "No alert fired for 10 min.")
    assert not quieting.decide(incident(quiet_minutes=0), 1, 0, T, T + 1e6).over
    assert not quieting.decide(incident(state=IncidentState.RESOLVED), 1, 0, T, T + 1e6).over
    assert not quieting.decide(incident(quiet_since=T + 300), 1, 0, T, T + 600).over


def moment(room: str, kind: str, subject: str = "", project: int | None = None, at: float = T) -> Moment:
    return Moment(at=at, room=room, kind=kind, subject=subject, text=f"{subject} {kind}", project=project)


def test_what_belongs_to_an_incident() -> None:
    scope = Scope(
        project=1, subjects=frozenset({"checkout"}), hosts=frozenset({"db-1"}), threads=frozenset({"{}:x"})
    )
    assert timeline.belongs(moment("deploys", "deploy", "1.2", 1), scope)
    assert not timeline.belongs(moment("deploys", "deploy", "1.2", 2), scope)
    assert timeline.belongs(moment("hosts", "host.oom", "db-1"), scope)
    assert not timeline.belongs(moment("hosts", "host.oom", "db-2"), scope)
    assert timeline.belongs(moment("backups", "backup.run", "db-1"), scope)
    assert not timeline.belongs(moment("backups", "backup.run", "db-2"), scope)
    for any_scope in (scope, Scope()):  # what is brought back in its midst, wherever, is a part of it
        assert timeline.belongs(moment("backups", "backup.restored", "db-2"), any_scope)
    assert timeline.belongs(moment("oncall", "page.sent", "{}:x"), scope)
    assert timeline.belongs(moment("monitors", "monitor.down", "checkout"), scope)
    assert not timeline.belongs(moment("incidents", "incident.declare", "INC-1", 1), scope)
    assert not timeline.belongs(moment("alerts", "alert.told", "checkout", 1), scope)
    assert timeline.belongs(moment("hosts", "host.oom", "db-2"), Scope())
    ban = moment("intrusions", "intrusions.ban", "203.0.113.9")
    assert timeline.belongs(ban, scope)
    assert timeline.of_moment(ban, scope).detail == timeline.NO_CAUSE
    assert timeline.of_moment(moment("monitors", "monitor.down", "checkout"), scope).tone == "crit"
    assert (
        timeline.source_of(ban)
        == timeline.source_of(ban)
        != timeline.source_of(moment("intrusions", "intrusions.ban", "x"))
    )


def test_many_of_a_kind_fold_and_what_somebody_marked_stands_alone() -> None:
    alerts = [entry(EntryKind.ALERT, T + n, f"a{n}", n + 1, tone="crit") for n in range(9)]
    pinned = entry(EntryKind.ALERT, T + 4, "this one", 77, tone="crit", pinned=True)
    bans = [entry(EntryKind.BAN, T + 5 + n * 30, f"b{n}", 100 + n) for n in range(6)]
    late = entry(EntryKind.BAN, T + 5_000, "much later", 200)
    lines = timeline.folded([*alerts, pinned, *bans, late])
    assert [line.said for line in lines] == ["", "6 bans", "", "9 alerts grouped"]
    assert [line.entry.text for line in lines] == ["much later", "b0", "this one", "a0"]
    assert timeline.counted(alerts) == {EntryKind.ALERT: 9}


@given(
    st.lists(
        st.tuples(st.sampled_from(EntryKind), st.integers(0, 2_000), st.sampled_from(["", "crit", "ok"])),
        max_size=60,
    )
)
def test_folding_loses_nothing(told: list[tuple[EntryKind, int, str]]) -> None:
    entries = [entry(kind, T + at, number=n + 1, tone=tone) for n, (kind, at, tone) in enumerate(told)]
    lines = timeline.folded(entries)
    shown = [each.id for line in lines for each in (line.folded or (line.entry,))]
    assert sorted(shown) == [each.id for each in entries]
    assert [line.entry.at for line in lines] == sorted((line.entry.at for line in lines), reverse=True)


def test_a_deploy_before_the_first_alert_is_the_likely_cause() -> None:
    deploy = entry(EntryKind.DEPLOY, T - 130, "shop 1.2 went out", subject="1.2", link="/deploys/1.2/")
    (found,) = causes.likely(Facts(incident=incident(), alerts=[alert()], entries=[deploy]))
    assert found.sentence == "Likely the deploy 1.2: it went out 2 min 10 s before the first alert."
    assert found.rows == (("shop 1.2 went out", "/deploys/1.2/"), ("checkout fires", "/alerts/1/"))


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry(EntryKind.DEPLOY, T - 1_900, "too early")],
        [entry(EntryKind.HOST, T - 60, "db-9: oom", subject="db-9", tone="crit")],
        [entry(EntryKind.CHECK, T + 60, "checkout is down", subject="checkout", tone="crit")],
        [entry(EntryKind.BAN, T - 60, "somebody was banned")],
    ],
)
def test_without_evidence_there_is_no_sentence(entries: list[Entry]) -> None:
    assert causes.likely(Facts(incident=incident(), alerts=[alert(host="db-1")], entries=entries)) == ()


def test_hosts_dependencies_certificates_and_issues_are_named_with_their_rows() -> None:
    entries = [
        entry(EntryKind.HOST, T - 60, "db-1: out of memory", subject="db-1", tone="crit"),
        entry(EntryKind.CHECK, T - 90, "payments is down", subject="payments", tone="crit"),
        entry(
            EntryKind.ISSUE, T - 20, "New: CHECKOUT-4F", subject="CHECKOUT-4F", source="moment:issue.new:abc"
        ),
    ]
    alerts = [alert(host="db-1"), alert("tls", starts=T + 5, kind="certificate.ends")]
    found = causes.likely(Facts(incident=incident(), alerts=alerts, entries=entries))
    assert [each.sentence.split(" ")[0] for each in found] == ["The", "A", "payments", "CHECKOUT-4F"]
    assert all(each.rows for each in found)


def test_like_ones_share_enough_and_say_what() -> None:
    one = Known(incident=incident(rule=4), alerts=[alert()])
    like = Known(incident=incident(id=12, rule=4, title="Checkout down again"), alerts=[alert()])
    other = Known(incident=incident(id=13, title="Disk of db-9 is full"), alerts=[alert("disk")])
    (found,) = likeness.similar(one, [like, other, one])
    assert found.sentence == "INC-12 was like this: the same rule declared both."
    assert ("checkout was in trouble in both", "") in found.rows
    assert likeness.similar(one, [other]) == ()


def test_lanes_lie_on_one_axis_and_say_the_same_in_words() -> None:
    entries = [
        entry(EntryKind.DEPLOY, T - 120),
        *(entry(EntryKind.BAN, T + n) for n in range(300)),
        entry(EntryKind.ALERT, T + 40, tone="ok"),
    ]
    seen = lanes.window(incident(), entries, T + 1_200)
    assert seen.start < T - 120 < T + 1_200 <= seen.end
    assert (seen.end - seen.start) % seen.step == 0
    deploys, bans = lanes.lanes(entries, seen, spans.clock)
    assert (deploys.name, sum(n for _, n in bans.marks)) == ("deploy", 300)
    assert len(bans.marks) <= lanes.MOST_MARKS
    assert deploys.sentence == "1 deploy: 15:58 UTC"
    assert all(0 <= at <= 1 for at, _ in bans.marks)


def test_sentences_read_well() -> None:
    assert [spans.span(each) for each in (0, 42, 1_050, 11_100, 86_400 * 9)] == [
        "0 s",
        "42 s",
        "17 min 30 s",
        "3 h 5 min",
        "9 d",
    ]
    assert verdict.of_list([], False, T).title == "No incident is open."
    assert verdict.of_list([incident()], True, T + 60).title == "1 incident is open: Checkout returns 500."
    two = verdict.of_list([incident(), incident(state=IncidentState.MITIGATED)], True, T + 60)
    assert (two.title, two.tone) == ("2 incidents are open; Checkout returns 500 is the worst.", "crit")
    assert two.text == "SEV 2, for 1 min. Nobody has acknowledged it yet."


@pytest.mark.parametrize("state", IncidentState)
def test_customers_read_nothing_of_the_inside(state: IncidentState) -> None:
    text = drafting.for_customers(incident(state=state, resolved_at=T + 600))
    assert "16:00 UTC" in text
    assert "Checkout" not in text


def test_what_is_not_fit_is_named_by_field() -> None:
    assert set(
        drafting.incident_problems(IncidentDraft(title=" ", started_at=T + 999, summary="x" * 20_000), T)
    ) == {"title", "started_at", "summary"}
    bad = IncidentRuleDraft(
        name="", severity="awful", project=9, quiet_minutes=-1, group_by=("",), runbook="x"
    )
    assert set(drafting.rule_problems(bad, {1}, ())) == {
        "name",
        "severity",
        "project",
        "quiet_minutes",
        "group_by",
        "runbook",
    }
    assert (
        drafting.rule_problems(
            msgspec.structs.replace(bad, name="x", severity="low", project=1, quiet_minutes=0, group_by=()),
            {1},
            {"x"},
        )
        == {}
    )
