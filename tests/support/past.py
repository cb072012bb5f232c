"""Days that went by before anybody looked: events digested at the times they came, and what people did about them.

    VEDETTE_DATA=… python -m tests.support.past [events an hour]

Runs beside a server on the same data; the projects `checkout`, `shop` and `stock` must be there.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from tests.support import attackers, shop

from vedette.app import tools

HOUR, DAYS = 3600.0, 7
Sent = tuple[float, str, shop.Event]


def week(now: float, hourly: int) -> Iterator[Sent]:
    """Yield (instant, project slug, event) of seven usual days, in order."""
    usual = (
        ("shop", shop.browser),
        ("checkout", shop.declined),
        ("shop", shop.browser),
        ("stock", shop.message),
        ("checkout", shop.declined),
    )
    total = int(DAYS * 24 * hourly)
    for n in range(total):
        at = now - DAYS * 24 * HOUR + n * HOUR / hourly
        slug, make = usual[n % 5]
        yield at, slug, make(n, at)
        if n % (hourly * 9) == 4:
            yield at, "checkout", shop.old(n, at)
        if n % (hourly * 14) == 7:
            yield at, "checkout", shop.missing(n, at)
        if at < now - 20 * HOUR and n % (hourly * 6) == 1:
            yield at, "checkout", shop.integrity(n, at)


def incident(now: float, hourly: int) -> Iterator[Sent]:
    """Yield what a deploy 25 minutes ago brought: one old problem back, a new one, and a few deadlocks."""
    count = 60 + 6 * hourly
    for n in range(count):
        at = now - 1500 + n * 1490 / count
        yield at, "checkout", shop.integrity(n, at)
        if n % 6 == 0:
            yield at, "stock", shop.timeout(n, at)
        if n % (count // 4) == 0:
            yield at, "checkout", shop.deadlock(n, at)


def main(hourly: int) -> None:
    """Let the days go by."""
    with tools.opened() as ports:
        now = ports.clock.now()
        _people(now - 30 * 24 * HOUR)
        digest(list(week(now - 1500, hourly)))
        _decide(now - 19 * HOUR)
        _roll_out(now)
        digest(list(incident(now, hourly)))
        _talk(now - 300)
        _watch(now)
        attackers.fill(now)
        _respond(now)
        _learn(now)
        tools.tell_server(ports)


def _people(now: float) -> None:
    """Let those who work here sign in: a command for each would take its seconds."""
    from tests.support.world import PASSWORD, PEOPLE

    from vedette.accounts import service as accounts
    from vedette.accounts.permissions import SYSTEM, Role

    there = {one.ref.email for one in accounts.users()}
    for name, email, role in (one for one in PEOPLE if one[1] not in there):
        accounts.create_user(SYSTEM, name, email, PASSWORD, Role(role), now)


def _respond(now: float) -> None:
    """Let what the deploy brought be an incident: declared by hand, joined by an alert, worked on for a while."""
    from vedette.accounts import service as accounts
    from vedette.alerts import service as alerts
    from vedette.incidents import service as incidents
    from vedette.incidents.types import Impact, IncidentDraft, IncidentRuleDraft, ResponderRole, Urgency
    from vedette.projects import service as projects

    people = {one.ref.name.partition(" ")[0]: one.ref.id for one in accounts.users()}
    mira, jonas = (accounts.actor_for(people[name]) for name in ("Mira", "Jonas"))
    incidents.create_rule(mira, IncidentRuleDraft(name="Critical alerts", urgency=Urgency.NOW), now - 9_000)
    project = projects.project("checkout").id
    old = incidents.declare(
        mira,
        IncidentDraft(title="Checkout timed out at the bank", project=project, started_at=now - 9 * 86_400),
        now - 9 * 86_400 + 90,
    )
    incidents.acknowledge(mira, old.id, now - 9 * 86_400 + 200)
    incidents.resolve(mira, old.id, now - 9 * 86_400 + 2_600)
    fires = [alert.fingerprint for alert in alerts.firing().alerts]
    draft = IncidentDraft(
        title="Checkout returns 500 after deploy 2026.11.24-3",
        impact=Impact.MANY,
        urgency=Urgency.SOON,
        project=project,
        started_at=now - 1_460,
    )
    one = incidents.declare(mira, draft, now - 1_400, fingerprints=fires)
    incidents.acknowledge(mira, one.id, now - 1_313)
    incidents.join(mira, one.id, jonas.id, now - 1_200, ResponderRole.RESPONDER)
    incidents.note(
        mira, one.id, "Only card payments fail, invoices go through. Checking the deploy.", now - 1_100
    )
    incidents.note(
        jonas,
        one.id,
        "a41f09c inserts a new order for each retry, but the key is still unique per cart. Safe to roll back.",
        now - 800,
    )
    incidents.mitigate(mira, one.id, now - 500)
    incidents.add_task(mira, one.id, "Replay the captures without an order", now - 450, jonas.id)
    incidents.finish_task(
        jonas, one.id, incidents.add_task(mira, one.id, "Tell support", now - 900).id, now - 700
    )
    while incidents.work(now):
        pass


RUNBOOK = """Card payments fail, or nobody can pay at all. Customers notice within a minute.

- [ ] Is it one service or all?
  Look at [Monitors](/monitors/) and at the payment provider's own page.
- [ ] Did we deploy in the last hour?
- [ ] Roll back
  ```sh
  vedette-deploy rollback shop
  ```
- [ ] Watch errors for ten minutes
  The incident closes by itself when it stays quiet.
- [ ] Drain the queue of captures
  webhook: https://ops.tidemark.example/hooks/drain (destructive)
"""


def _learn(now: float) -> None:
    """Write a runbook that the open incident works through, and what the one before taught."""
    from vedette.accounts import service as accounts
    from vedette.incidents import service as incidents
    from vedette.incidents.postmortem import keeping as papers
    from vedette.incidents.runbooks import acting, keeping
    from vedette.incidents.runbooks.types import RunbookDraft
    from vedette.incidents.types import TaskKind

    people = {one.ref.name.partition(" ")[0]: one.ref.id for one in accounts.users()}
    mira, jonas = (accounts.actor_for(people[name]) for name in ("Mira", "Jonas"))
    draft = RunbookDraft(
        slug="checkout-failing", name="Checkout failing", text=RUNBOOK, owner=mira.id, secret="sign this"
    )
    keeping.create(mira, draft, now - 40 * 86_400)
    old, one = sorted(each.id for each in (*incidents.open_incidents(now), *incidents.incidents()[0]))[:2]
    acting.attach(mira, one, "checkout-failing", now - 1_250)
    steps = acting.attached(one)[0].steps
    for step, at in zip(steps[:3], (1_200, 1_050, 520), strict=True):
        acting.tick(mira, one, step.id, now - at)
    papers.begin(mira, old, now - 8 * 86_400)
    for text, who, due in (
        ("Put a deadline of 5 s on calls to the bank", jonas.id, now - 86_400),
        ("Alert on payments, not on errors", mira.id, now + 5 * 86_400),
    ):
        incidents.add_task(mira, old, text, now - 8 * 86_400, who, due, TaskKind.ACTION)
    papers.ask_review(mira, old, now - 7 * 86_400)


def digest(sent: Sequence[Sent]) -> None:
    """Digest an hour at a time, as if it had just come."""
    from vedette.errors import service as errors
    from vedette.plumbing.log.port import Message
    from vedette.projects import service as projects
    from vedette.wire.delivery import Delivery, encode

    ids = {project.slug: project.id for project in projects.projects()} | {
        project.name: project.id for project in projects.projects()
    }

    def message(at: float, slug: str, event: shop.Event) -> Message:
        event_id = shop.event_id(slug, at, event)
        body = encode(
            Delivery(
                project=ids[slug],
                event_id=event_id,
                received=at,
                payload=json.dumps(event | {"event_id": event_id}).encode(),
            )
        )
        return Message(seq=int(at * 1e6), subject="event", body=body, msg_id=event_id, at=at)

    ordered = _apart([message(*one) for one in sorted(sent, key=lambda one: one[0])])
    for _, batch in groupby(ordered, key=lambda m: m.at // HOUR):
        came = list(batch)
        errors.digest(came, came[-1].at)


def _apart(messages: Sequence["object"]) -> list:
    """Give every message a `seq` of its own, growing."""
    import msgspec

    last, found = 0, []
    for message in messages:
        last = max(last + 1, message.seq)  # type: ignore[attr-defined]
        found.append(msgspec.structs.replace(message, seq=last))  # type: ignore[type-var]
    return found


def _decide(now: float) -> None:
    """Let people resolve, mute and take what they knew of."""
    from vedette.accounts import service as accounts
    from vedette.errors import service as errors
    from vedette.errors.types import Assign, Mute, Resolve

    people = {ref.name.split()[0]: accounts.actor_for(ref.id) for ref in accounts.user_refs().values()}
    key = {issue.kind or issue.title: issue.short_id for issue in errors.issues("").issues}
    errors.act(people["Jonas"], [key["IntegrityError"]], Resolve(), now)
    errors.act(people["Mira"], [key["Declined"]], Mute(events=100_000), now)
    errors.act(people["Mira"], [key["TypeError"]], Assign(people["Ann"].id), now)


def _roll_out(now: float) -> None:
    """Let two versions go out, the second just before the incident."""
    from vedette.accounts.permissions import SYSTEM
    from vedette.deploys import service as deploys
    from vedette.deploys.types import DeployDraft
    from vedette.projects import service as projects

    owner = next(project for project in projects.projects() if project.name == "checkout")
    for version, ago in (("2026.11.23-1", 30 * HOUR), ("2026.11.24-3", 1530.0)):
        draft = DeployDraft(version=version, environment="production", by="Ann Holm", finished=now - ago)
        deploys.record(SYSTEM, owner, draft, now)


def _talk(now: float) -> None:
    from vedette.accounts import service as accounts
    from vedette.errors import service as errors

    ann = next(
        accounts.actor_for(ref.id) for ref in accounts.user_refs().values() if ref.name.startswith("Ann")
    )
    key = next(issue.short_id for issue in errors.issues("").issues if issue.kind == "IntegrityError")
    errors.comment(
        ann,
        key,
        "Same key as on the 16th. The retry in payment.py:141 makes a second order; a41f09c brought it back.",
        now,
    )


def _watch(now: float) -> None:
    from tests.support import (
        attacked,
        backed_up,
        browsed,
        deployed,
        digested,
        flooded,
        found,
        hosted,
        watched,
    )

    watched.fill(now)
    browsed.fill(now)
    hosted.fill(now)
    backed_up.fill(now)
    attacked.fill(now)
    found.fill(now)
    digested.fill(now)
    deployed.fill(now, 1)
    flooded.fill(now)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
