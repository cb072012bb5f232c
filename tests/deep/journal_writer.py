"""Publishes to a journal as fast as it can and prints each seq and number once it is on disk; made to be killed."""

import sys
import threading
from pathlib import Path

from vedette.core.clock import SystemClock
from vedette.plumbing.log.sqlite import SqliteEventLog

GROUPS = {"errors": frozenset({"event"})}


def main(folder: Path, start: int) -> None:
    log = SqliteEventLog(folder, GROUPS, segment_bytes=2 << 20, segment_seconds=0.5)
    clock = SystemClock()
    lines = threading.Lock()

    def publish(worker: int) -> None:
        number = start + worker
        while True:
            body = b"%d:" % number + bytes(range(256)) * (number % 40)
            seq = log.publish("event", body, str(number), clock.now()).result()
            with lines:
                print(seq, number, flush=True)
            number += 8

    def digest() -> None:
        while True:
            messages = log.pull("errors", 16, clock.now(), 1.0)
            done = [m.seq for m in messages if m.seq % 3]
            with lines:
                for seq in done:
                    print("done", seq, flush=True)
            log.ack("errors", done)

    threads = [threading.Thread(target=publish, args=(n,), daemon=True) for n in range(8)]
    for thread in [*threads, threading.Thread(target=digest, daemon=True)]:
        thread.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
