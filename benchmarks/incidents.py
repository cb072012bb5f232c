"""An incident with five thousand lines on its page, and a storm of ten thousand alerts that is one incident."""

from benchmarks.filled import filled, told_by
from benchmarks.pages import Reader
from benchmarks.report import Figure, finish

BENCH = "incidents"
LINES, STORM = 5_000, 10_000
SEED = f"""
import json, time
from vedette.app import tools
with tools.opened() as ports:
    from vedette.accounts.permissions import SYSTEM
    from vedette.alerts import processing
    from vedette.alerts.becoming import Seen
    from vedette.alerts.telling import Story
    from vedette.alerts.types import Standing
    from vedette.incidents import service
    from vedette.incidents.store import entries
    from vedette.incidents.types import EntryDraft, EntryKind, IncidentDraft, IncidentRuleDraft
    from vedette.signals.types import Severity, SignalState
    now = ports.clock.now()
    service.work(now - 600)
    service.create_rule(SYSTEM, IncidentRuleDraft(name="Critical", group_by=()), now - 600)
    one = service.declare(SYSTEM, IncidentDraft(title="Five thousand lines"), now - 3_600)
    kinds = list(EntryKind)
    drafts = [
        EntryDraft(at=now - 3_000 + n / 2, kind=kinds[n % len(kinds)], text=f"line {{n}} of what happened", detail="more of it",
                   link=f"/alerts/{{n}}/", source=f"s{{n}}", tone="crit" if n % 3 else "", subject=f"subject-{{n % 40}}")
        for n in range({LINES})
    ]
    entries.add(one.id, drafts)
    standing = Standing(state=SignalState.FIRING, severity=Severity.CRITICAL, change=0, starts=now - 60, ends=now + 1e6)
    for start in range(0, {STORM}, 500):
        processing.push([
            Seen(Story(labels={{"alertname": "node", "node": str(n)}}, annotations={{}}, seen=standing, title=f"node {{n}} is gone",
                       text="", link="/alerts/", subject=f"node-{{n}}", project=None), (), "")
            for n in range(start, start + 500)
        ], now - 30)
    steps, begin = [], time.perf_counter()
    while True:
        at = time.perf_counter()
        if not service.work(now):
            break
        steps.append(time.perf_counter() - at)
    (other,) = [each for each in service.open_incidents(now) if each.id != one.id]
    print(json.dumps({{"seconds": sum(steps), "longest": max(steps) * 1e3, "alerts": service.standing(other.id)[0],
                      "lines": one.id, "storm": other.id}}))
"""


def main() -> None:
    """Fill, measure, print."""
    with filled(told_by(SEED)) as (server, found):
        reader = Reader(server)
        paths = {"page of 5,000 lines": found["lines"], "page of the storm": found["storm"]}
        pages = [
            Figure(BENCH, f"{name}, p95", reader.p95(lambda _, n=n: f"/incidents/{n}/"), "ms", "<= 60")
            for name, n in paths.items()
        ]
    storm = [
        Figure(BENCH, "a storm of 10,000 alerts taken in", found["seconds"], "s", "<= 20"),
        Figure(BENCH, "longest step of it", found["longest"], "ms", "<= 500"),
        Figure(BENCH, "its alerts in one incident", found["alerts"], "alerts", f">= {STORM}"),
    ]
    finish([*pages, *storm])


if __name__ == "__main__":
    main()
