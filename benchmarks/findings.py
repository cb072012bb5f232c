"""The page of findings with 100,000 of them, and how long a scan with 20,000 takes to be taken."""

from benchmarks.filled import filled, told_by
from benchmarks.pages import Reader
from benchmarks.report import Figure, finish

BENCH = "findings"
TARGETS, EACH = 5, 20_000
SEED = f"""
import json, time
from vedette.app import tools
with tools.opened() as ports:
    from vedette.scans import service
    from vedette.scans.models import TargetRow
    from vedette.scans.types import Asked
    from vedette.wire.finding import Finding, FindingState
    from vedette.wire.scan import ScanReport
    now, took = ports.clock.now(), []
    def report(target):
        return ScanReport(scanner="deps", target=target, at=now, findings=tuple(
            Finding(check=f"CVE-{{n}}", title=f"CVE-{{n}} in package-{{n % 977}}", state=FindingState.FAILED, subject=f"package-{{n % 977}}",
                    risk=n % 101 / 10, place=f"uv.lock:{{n}}", identity=f"PyPI/package-{{n % 977}}/CVE-{{n}}", exploited=n % 997 == 0,
                    why="Someone could. " * 10, fix="Upgrade.", reachable=(True, False, None)[n % 3])
            for n in range({EACH})))
    for t in range({TARGETS}):
        row = TargetRow.objects.create(scanner="deps", target=f"/srv/{{t}}", body={{"name": f"app {{t}}"}})
        for _ in range(2 if t == 0 else 1):
            begin = time.perf_counter()
            service.take(row.id, report(row.target), now)
            took.append(time.perf_counter() - begin)
    print(json.dumps({{"first": took[0], "again": took[1], "one": service.findings(Asked(), None, 1)[0][0].id}}))
"""


def main() -> None:
    """Fill, measure, print."""
    with filled(told_by(SEED)) as (server, found):
        reader = Reader(server)
        paths = {
            "page of 100,000": "/findings/",
            "page of the high ones": "/findings/?severity=high",
            "search that finds few": "/findings/?q=CVE-19999",
            "search that finds nothing": "/findings/?q=nothing-at-all",
            "search that finds all": "/findings/?q=package",
            "page of a finding": f"/findings/{found['one']}/",
        }
        pages = reader.figures(BENCH, paths)
    taken = [
        Figure(BENCH, "20,000 new findings taken in", found["first"], "s", "<= 3"),
        Figure(BENCH, "the same 20,000 taken again in", found["again"], "s", "<= 3"),
    ]
    finish([*pages, *taken])


if __name__ == "__main__":
    main()
