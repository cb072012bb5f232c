"""Acts on every issue of a search: which are touched, in pieces, through restarts, told once, and taken back."""

import pytest
from tests.support.many import multiply
from tests.unit.errors.conftest import Journal, error
from tests.unit.errors.test_working import pieces

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.accounts.types import UserRef
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.errors import service, shortid
from vedette.errors.query import QueryProblem
from vedette.errors.sweep import service as sweep
from vedette.errors.sweep.types import Whole
from vedette.errors.types import Assign, Mute, Reopen, Resolve, State
from vedette.signals import service as signals

MANY = 5_000
OPEN = Whole("is:open")


@pytest.fixture
def many(journal: Journal) -> int:
    """As many open issues; SHOP-1 has events."""
    journal.send(error("KeyError", user={"id": 1}))
    multiply(MANY)
    return MANY


@pytest.fixture
def anna(clock: ManualClock) -> UserRef:
    return accounts.create_user(
        SYSTEM, "Anna Berg", "anna@example.org", "kJ8#vQ2!mZ5x", Role.MEMBER, clock.now()
    )


def of(user: UserRef, role: Role = Role.MEMBER) -> Actor:
    return Actor(kind=ActorKind.USER, id=user.id, name=user.name, role=role)


def in_state(state: State) -> int:
    return service.counts()[state]


def audited(action: str) -> list[tuple[str, dict[str, str]]]:
    return [(one.subject, dict(one.detail)) for one in accounts.audit_page(action=action).entries]


def test_a_whole_search_is_resolved_in_pieces_and_taken_back(many: int, clock: ManualClock) -> None:
    done = service.act_on_all(SYSTEM, OPEN, Resolve(), clock.now())
    assert (done.changed, done.undo, done.text) == ((), "", "Resolve 5,000 issues: begun.")
    pieces(clock.now(), 2)
    job = service.job(done.job)
    assert (job.done, job.total, job.changed, job.undo) == (500, many, 500, "")
    assert in_state(State.RESOLVED) == 500, "what a killed process did is kept, and the rest is not done"
    with pytest.raises(Invalid, match="still being done"):
        service.undo(SYSTEM, done.job, clock.now())
    pieces(clock.now())
    job = service.job(done.job)
    assert (job.done, job.changed, job.problem, job.undo) == (many, many, "", done.job)
    assert in_state(State.RESOLVED) == many
    back = service.undo(SYSTEM, done.job, clock.now())
    pieces(clock.now())
    assert (service.job(back.job).changed, in_state(State.NEW)) == (many, many)
    assert service.job(done.job).undo == "", "it is offered once"
    with pytest.raises(NotFound, match="cannot be taken back any more"):
        service.undo(SYSTEM, done.job, clock.now())
    said = [(entry.kind, entry.undo) for entry in service.history(service.issue("SHOP-1"))]
    assert said == [("undone", ""), ("resolved", ""), ("new", "")]


def test_only_what_matched_is_touched_and_what_happened_meanwhile_is_left(
    many: int, journal: Journal, clock: ManualClock
) -> None:
    shown = sweep.matching(SYSTEM, OPEN)
    journal.send(error("TypeError"))
    later = service.issues("TypeError").issues[0].short_id
    done = service.act_on_all(SYSTEM, Whole("is:open", newest=shown.newest), Resolve(), clock.now())
    pieces(clock.now(), 1)
    clock.forward(1.0)
    journal.send(error("KeyError"))
    last, before = (shortid.short_id("shop", number) for number in (many, many - 1))
    service.act(SYSTEM, [last], Mute(), clock.now())
    service.comment(SYSTEM, before, "Words change nothing.", clock.now())
    pieces(clock.now())
    stands = [service.issue(key).state for key in (later, last, before, "SHOP-1")]
    assert stands == [State.NEW, State.MUTED, State.RESOLVED, State.REGRESSED]
    job = service.job(done.job)
    assert (shown.n, job.total, job.changed) == (many, many, many - 1)


def test_jobs_after_each_other_act_on_the_same_issues(many: int, anna: UserRef, clock: ManualClock) -> None:
    whole = Whole("")
    service.act_on_all(of(anna), whole, Resolve(), clock.now())
    second = service.act_on_all(of(anna), whole, Assign(anna.id), clock.now())
    clock.forward(5.0)
    pieces(clock.now())
    assert service.job(second.job).changed == many, "what an earlier job does is what its author expects"
    assert sweep.matching(of(anna), Whole("is:resolved assigned:me")).n == many
    third = service.act_on_all(of(anna), Whole("assigned:me"), Resolve(), clock.now())
    pieces(clock.now())
    assert service.job(third.job).changed == 0
    with pytest.raises(NotFound):
        service.undo(of(anna), third.job, clock.now())


def test_it_is_told_once(many: int, anna: UserRef, clock: ManualClock) -> None:
    done = service.act_on_all(SYSTEM, Whole("is:open KeyError", project="shop"), Assign(anna.id), clock.now())
    pieces(clock.now())
    said = "every issue of the search “is:open KeyError” in shop"
    detail = {
        "what": "Assign 1 issue to Anna Berg", "query": "is:open KeyError", "project": "shop", "issues": "1",
    }  # fmt: skip
    assert audited("issue.assign") == [(said, detail)]
    everything = service.act_on_all(SYSTEM, OPEN, Assign(anna.id), clock.now())
    pieces(clock.now())
    assert (service.job(done.job).changed, service.job(everything.job).changed) == (1, many - 1)
    assert len(audited("issue.assign")) == 2
    told = [one.signal for one in signals.after(0, 100) if one.signal.kind == "issue.assigned"]
    assert [one.title.partition(":")[0] for one in told] == [
        "vedette gave this to Anna Berg",
        "vedette gave this and 4,999 issues more to Anna Berg",
    ]
    moments = signals.moments(clock.now() - 1, clock.now() + 1, kind="issue.assign", n=10)
    assert [moment.link for moment in moments] == [
        "/issues/?q=is%3Aopen", "/issues/?q=is%3Aopen+KeyError",
    ]  # fmt: skip


def test_a_search_is_merged_into_its_oldest(journal: Journal, clock: ManualClock) -> None:
    journal.send(*[error(f"Error{i}", value="boat") for i in range(3)], error("Other", value="car"))
    done = service.merge_all(SYSTEM, Whole("boat"), clock.now())
    pieces(clock.now())
    merged = service.issue("SHOP-3")
    assert (service.job(done.job).problem, merged.short_id, merged.events) == ("", "SHOP-1", 3)
    assert service.counts()["open"] == 2


def test_muted_until_counts_each_for_itself_and_reopened(journal: Journal, clock: ManualClock) -> None:
    journal.send(*[error(f"Error{i}") for i in range(3)], error("Error2"))
    service.act_on_all(SYSTEM, OPEN, Mute(events=10), clock.now())
    pieces(clock.now())
    assert {one.mute_events for one in service.issues("is:muted").issues} == {10}
    job = service.act_on_all(SYSTEM, Whole("is:muted"), Reopen(), clock.now())
    pieces(clock.now())
    assert (service.job(job.job).text, service.counts()["open"]) == ("Reopen 3 issues", 3)


def test_what_cannot_be_asked_for(journal: Journal, anna: UserRef, clock: ManualClock) -> None:
    journal.send(error())
    with pytest.raises(QueryProblem) as wrong:
        service.act_on_all(SYSTEM, Whole("level:error is:brokenish"), Resolve(), clock.now())
    assert (wrong.value.before, wrong.value.word) == ("level:error is:", "brokenish")
    with pytest.raises(Invalid, match="No issue matches"):
        service.act_on_all(SYSTEM, Whole("is:resolved"), Resolve(), clock.now())
    with pytest.raises(Invalid, match="no user 4711"):
        service.act_on_all(SYSTEM, OPEN, Assign(4711), clock.now())
    with pytest.raises(NotFound):
        service.act_on_all(SYSTEM, Whole("", project="nothing"), Resolve(), clock.now())
    with pytest.raises(Forbidden):
        service.act_on_all(of(anna, Role.VIEWER), OPEN, Resolve(), clock.now())
    with pytest.raises(Invalid, match="Two different issues"):
        service.merge_all(SYSTEM, OPEN, clock.now())
    assert service.jobs(clock.now()) == ()


def test_there_is_a_bound(many: int, clock: ManualClock) -> None:
    with pytest.raises(Invalid, match="More than 4,999 issues match this search; narrow it"):
        sweep.chosen(SYSTEM, OPEN, many - 1, clock.now())
    assert len(sweep.chosen(SYSTEM, OPEN, many, clock.now())) == many
    assert sweep.matching(SYSTEM, OPEN).n == many
