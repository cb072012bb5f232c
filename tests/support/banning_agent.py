"""An agent that only bans: reads sshd's log as it grows, counts failures by address, keeps bans. `python -m …  FOLDER LOG`.

It is started in the namespace of the host it guards, and is killed by tests.
"""

import re
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from vedette.agent import verbs
from vedette.agent.bans import Bans
from vedette.agent.book import Book
from vedette.agent.desk import Desk
from vedette.instruments.packets import people
from vedette.instruments.packets.nft import Nft
from vedette.wire.agent.deciding.types import Response
from vedette.wire.agent.types import Detection

FAILED = re.compile(rb"Failed password for (?:invalid user )?.{0,200} from (\S{1,60}) port \d{1,5} ssh2\r?$")
ENOUGH = 6


def main(folder: Path, log: Path) -> None:
    bans = Bans(Book(folder), [Nft()], origin="guarded", people=people.present, allow=["192.0.2.0/24"])
    bans.start(time.time())
    desk = Desk(folder, lambda asked: verbs.answer(bans, asked, time.time()))
    desk.start()
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    seen: Counter[str] = Counter()
    ticked = 0.0
    with log.open("rb") as lines:
        lines.seek(0, 2)
        print("ready", flush=True)
        while not ended:
            line = lines.readline()
            if line:
                look(bans, seen, line.rstrip(b"\n"))
                continue
            if time.time() - ticked > 1:
                ticked = time.time()
                bans.tick(ticked)
            time.sleep(0.01)
    desk.close()
    bans.close(time.time())


def look(bans: Bans, seen: Counter[str], line: bytes) -> None:
    found = FAILED.search(line)
    if found is None:
        return
    now, address = time.time(), found[1].decode("ascii", "replace")
    seen[address] += 1
    if seen[address] >= ENOUGH:
        detection = Detection(
            id=str(now), at=now, first_at=now, rule="ssh", reason=f"{seen[address]} failed sign-ins of ssh", severity="high",
            service="ssh", address=address, simulated=False,
        )  # fmt: skip
        for made in bans.consider(detection, Response(), now):
            print(made, flush=True)
        seen[address] = 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
