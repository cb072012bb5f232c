"""How long 200,000 advisories take to be indexed and a lock file of 2,000 packages to be looked up in them, and what memory that costs.

The feed is generated as OSV's own is made: half of the records are malicious packages, each of its own; the other half speaks of 25,000
packages by ranges with a fix, a last affected version, lists of versions, and twins by alias, the first 500 of them ten times as
often. Nine of ten packages of the lock file have advisories. Each measurement is a fresh process and its CPU time, which on an idle
machine is the time itself: one thread does all, from memory.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from benchmarks.report import Figure, finish

BENCH = "advisories"
RECORDS, PACKAGES, WELL_KNOWN, LOCKED = 200_000, 25_000, 500, 2_000
ROUNDS = 5
_TEXT = "An attacker who may send a request can make the parser read beyond what it was given. " * 6


def record(number: int) -> dict[str, object]:
    """Return one record; the same number gives the same one."""
    malicious = number % 2 == 0
    spread = number // 2 % WELL_KNOWN if number % 10 == 1 else number * 7 % PACKAGES
    package = f"typo-{number}" if malicious else f"package-{spread}"
    major = number % 7 + 1
    made: dict[str, object] = {
        "schema_version": "1.6.0",
        "id": f"{'MAL' if malicious else 'GHSA' if number % 4 == 1 else 'PYSEC'}-{number:08d}",
        "modified": "2026-11-01T00:00:00Z",
        "published": "2026-10-01T00:00:00Z",
        "aliases": [f"CVE-2026-{number // 100:06d}"],
        "summary": f"Weakness {number} of {package}",
        "details": _TEXT,
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "references": [{"type": "WEB", "url": f"https://example.org/{number}/{each}"} for each in range(4)],
    }
    events = [{"introduced": "0"}, {"fixed": f"{major}.{number % 20}.0"}]
    affected: dict[str, object] = {"package": {"ecosystem": "PyPI", "name": package}}
    if malicious or number % 8 == 3:
        affected["versions"] = [f"{major}.{minor}.{patch}" for minor in range(6) for patch in range(5)]
    if malicious:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    elif number % 4 == 1:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": events}]
    else:
        affected["ranges"] = [
            {"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"last_affected": f"{major}.9"}]}
        ]
    return {**made, "affected": [affected]}


def write(path: Path) -> None:
    """Write the feed as OSV publishes one."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(RECORDS):
            made = record(number)
            archive.writestr(f"{made['id']}.json", json.dumps(made))


def index(folder: Path) -> dict[str, float]:
    """Index the feed in this process."""
    from vedette.instruments.scan.advisories import add

    begun = time.process_time()
    (made,) = add(folder / "feeds", str(folder / "all.zip"), time.time(), ecosystems=("PyPI",))
    return {"seconds": time.process_time() - begun, "records": made.records, "megabytes": made.bytes / 1e6}


def look_up(folder: Path) -> dict[str, float]:
    """Look a lock file up, cold once and then warm; each warm round is another lock file, so that nothing is remembered of it."""
    from vedette.instruments.scan.advisories import open_feeds
    from vedette.wire.scan import Component

    begun = time.process_time()
    feeds = open_feeds(folder / "feeds", time.time())
    opened = time.process_time() - begun
    took, matches = [], 0
    for turn in range(ROUNDS + 1):
        lock = [
            Component(
                ecosystem="PyPI",
                name=f"package-{each * 11 % (PACKAGES + 2_500)}",
                version=f"{each % 30}.{each % 23}.{turn}",
            )
            for each in range(LOCKED)
        ]
        begun = time.process_time()
        matches = len(feeds.match(lock))
        took.append(time.process_time() - begun)
    return {"open": opened, "cold": took[0], "warm": min(took[1:]), "matches": matches}


def once(folder: Path, what: str) -> dict[str, float]:
    """Return what a fresh process measures, with its memory at the highest."""
    command = [sys.executable, "-m", "benchmarks.advisories", what, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def figures(folder: Path) -> list[Figure]:
    write(folder / "all.zip")
    indexed = once(folder, "index")
    looked = once(folder, "look_up")
    return [
        Figure(BENCH, f"index {RECORDS:,} records", indexed["seconds"], "s", "<= 60"),
        Figure(BENCH, "memory of indexing at its highest", indexed["memory"], "MiB", "<= 300"),
        Figure(BENCH, "index on disk", indexed["megabytes"], "MB"),
        Figure(BENCH, "records indexed", indexed["records"], "records", f">= {RECORDS}"),
        Figure(BENCH, "open the feeds, hash checked", 1000 * looked["open"], "ms"),
        Figure(BENCH, f"{LOCKED:,} packages, first look-up", 1000 * looked["cold"], "ms"),
        Figure(BENCH, f"{LOCKED:,} packages, warm", 1000 * looked["warm"], "ms", "<= 150"),
        Figure(BENCH, "matches", looked["matches"], "matches"),
        Figure(BENCH, "memory of looking up at its highest", looked["memory"], "MiB"),
    ]


def main() -> None:
    if len(sys.argv) > 1:
        told = {"index": index, "look_up": look_up}[sys.argv[1]](Path(sys.argv[2]))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({**told, "memory": memory}))
        return
    with tempfile.TemporaryDirectory() as folder:
        made = figures(Path(folder))
    finish(made)


if __name__ == "__main__":
    main()
