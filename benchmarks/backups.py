"""Runs, drills and restores listed, with 10,000 of them over 20 plans, and how a plan's standing is found among them.

The newest are signed, as hosts sign what they tell: a standing rests on what its host vouches for.
"""

from benchmarks.filled import filled, told_by
from benchmarks.pages import Reader
from benchmarks.report import Figure, finish

BENCH = "backups"
PLANS, RUNS = 20, 10_000
SEED = f"""
import base64, json, time
from vedette.app import tools
with tools.opened() as ports:
    from vedette.backups import service, vouching
    from vedette.backups.store import plans, runs
    from vedette.backups.types import Known, Wanted
    from vedette.hosts.store import hosts
    from vedette.instruments.backup import evidence
    from vedette.plumbing.db.sql import transaction
    from vedette.plumbing.seal.ed25519 import fingerprint
    from vedette.ui import pager
    from vedette.wire.backup import BackupRun, Check, Copy, DrillRun, Manifest, Part, Plan, Sampled, Stage, Table, What
    now, seed = ports.clock.now(), b"s" * 32
    public = base64.b64decode(evidence.public_of(seed))
    part = Part(what="paths", files=1_000, bytes=10**9, samples=tuple(Sampled(f"srv/{{n}}", n, "0" * 64) for n in range(100)),
                tables=tuple(Table(f"table {{n}}", n) for n in range(50)))
    manifest = Manifest(at=now, parts=(part,))
    def run(n):
        at, plan = now - n * 300.0, f"plan-{{n % {PLANS}}}"
        what = dict(id=f"{{n:032x}}", plan=plan, copy="box", engine="restic", began_at=at, ended_at=at + 60, snapshot=f"{{n:08x}}",
                    stage=Stage.FAILED if n % 50 == 7 else Stage.DONE, sentence="1,000 files stored and read back.")
        if n % 10 == 3:
            return DrillRun(saved_at=at, rto=60.0, rpo=60.0, checks=tuple(Check(name=f"c {{k}}", passed=True, text="as saved") for k in range(20)), **what)
        return BackupRun(files=1_000, read=10**9, stored=10**7, repository=10**10, verified=True, manifest=manifest, **what)
    with transaction():
        host = hosts.add("web1", public, fingerprint(public), "bench", now).id
        numbers = []
        for n in range({PLANS}):
            plan = Plan(name=f"plan-{{n}}", what=(What(kind="paths", settings={{"paths": ["/srv"]}}),), copies=(Copy(name="box", engine="restic", at="/backup"),))
            numbers.append(plans.add(Known(id=0, host=host, project=0, plan=plan, by="bench", source="", changed_at=now - 10**7)).id)
        for n in range({RUNS}):
            told = evidence.sign(run(n), seed) if n < 500 else run(n)
            vouching.note(host, told, now)
            runs.put(numbers[n % {PLANS}], host, told, now)
    def p95(act):
        took = []
        for _ in range(40):
            begin = time.perf_counter()
            act()
            took.append(time.perf_counter() - begin)
        return sorted(took)[37] * 1000
    print(json.dumps({{
        "first": p95(lambda: service.runs(Wanted(), "", 50)),
        "deep": p95(lambda: service.runs(Wanted(), pager.encode(now - 9_000 * 300.0, ""), 50)),
        "failed": p95(lambda: service.runs(Wanted(failed=True), "", 50)), "standings": p95(lambda: service.standings(now)),
    }}))
"""


def main() -> None:
    """Fill, measure, print."""
    with filled(told_by(SEED)) as (server, found):
        reader = Reader(server)
        paths = {
            "page of 10,000 runs": "/backups/runs/",
            "page of the failed ones": "/backups/runs/?failed=1",
            "page of 20 plans": "/backups/",
        }
        pages = reader.figures(BENCH, paths)
    listed = [
        Figure(BENCH, f"{name}, p95", found[key], "ms", "<= 60")
        for key, name in {
            "first": "51 of 10,000 runs read",
            "deep": "51 runs far back read",
            "failed": "51 failed runs read",
            "standings": "20 plans judged among 10,000 runs",
        }.items()
    ]
    finish([*pages, *listed])


if __name__ == "__main__":
    main()
