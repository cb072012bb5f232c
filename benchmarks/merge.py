"""How long it takes to merge 10,000 issues into one, and to take that back, while events are digested: `make bench-merge`.

A store of its own in a temporary folder, filled through the digester. The longest piece is how long digestion may have
to wait for the write lock.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

ISSUES, MOST_SECONDS, LONGEST_PIECE = 10_000, 10.0, 2.0


def main() -> int:
    """Run, print one line for each figure, and return 1 on a miss."""
    folder = Path(tempfile.mkdtemp(prefix="vedette-merge-"))
    os.environ.update(VEDETTE_DATA=str(folder), DJANGO_SETTINGS_MODULE="vedette.app.django_settings")
    import django

    from vedette.app import migrate
    from vedette.core.settings import Settings

    migrate.ensure(Settings(data=folder))
    django.setup()
    return _measure(folder)


def _measure(folder: Path) -> int:
    from vedette.accounts.permissions import SYSTEM
    from vedette.core.clock import SystemClock
    from vedette.core.settings import Settings
    from vedette.errors import service
    from vedette.plumbing.ports import install
    from vedette.plumbing.testing import memory_ports
    from vedette.projects import service as projects

    clock = SystemClock()
    install(memory_ports(clock, Settings(data=folder)))
    project = projects.create_project(SYSTEM, "shop", "python", clock.now())
    _fill(project.id, clock.now())
    keys = [json.loads(line)["short_id"] for line in service.export_issues()][:ISSUES]
    begun = time.perf_counter()
    done = service.merge(SYSTEM, keys, "", clock.now())
    merged = _work(begun, f"merge {ISSUES:,} issues")
    assert service.issue(keys[-1]).events == 2 * ISSUES, "events were lost"
    begun = time.perf_counter()
    service.undo(SYSTEM, done.job, clock.now())
    parted = _work(begun, "take it back")
    assert service.issue(keys[-1]).events == 2, "events were lost"
    return 0 if merged and parted else 1


def _fill(project: int, now: float) -> None:
    """Let two events of each issue happen, with the tags, users and times of a usual one."""
    from tests.unit.errors.conftest import error

    from vedette.errors import service
    from vedette.plumbing.log.port import Message
    from vedette.wire.delivery import Delivery, encode

    seq = 0
    for start in range(0, 2 * ISSUES, 500):
        batch = []
        for i in range(start, start + 500):
            seq += 1
            event = error(
                f"Error{i % ISSUES}", user={"id": i % 3_000}, release=f"2.{i % 9}", environment="production",
                tags={"region": f"eu-{i % 5}", "box": f"web-{i % 40}", "plan": "pro"}, request={"url": f"https://shop.example/{i % 300}"},
            )  # fmt: skip
            at = now - 3_600.0 * (i % 100)
            delivery = Delivery(
                project=project, event_id=f"{seq:032x}", received=at, payload=json.dumps(event).encode()
            )
            batch.append(
                Message(seq=seq, subject="event", body=encode(delivery), msg_id=f"{seq:032x}", at=at)
            )
        service.digest(batch, now)


def _work(begun: float, what: str) -> bool:
    """Do every piece, print how long all and the longest took, and tell whether that is soon enough."""
    from vedette.errors import service

    first = time.perf_counter() - begun
    longest, piece = first, 1
    while piece:
        at = time.perf_counter()
        piece = service.work(time.time(), 1e-9)
        longest = max(longest, time.perf_counter() - at)
    whole = time.perf_counter() - begun
    print(
        f"{what}: {whole:.1f} s (at most {MOST_SECONDS:g}), longest piece {longest:.2f} s (at most {LONGEST_PIECE:g})"
    )
    return whole <= MOST_SECONDS and longest <= LONGEST_PIECE


if __name__ == "__main__":
    sys.exit(main())
