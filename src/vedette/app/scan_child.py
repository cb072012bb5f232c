"""A scan in a process of its own: reads an errand, writes a report, both in MessagePack. Without Django or a database.

`python -m vedette.app.scan_child`, started by `vedette.app.scan_process`, which bounds and ends it.
"""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vedette.core.address import AddressPolicy
from vedette.scans.types import BILL, FEEDS, Errand
from vedette.wire.scan import ScanReport, Unknown

if TYPE_CHECKING:
    from vedette.instruments.scan.advisories.types import Fetched, Sink

_FETCHING = 1_500.0
_LATE = 5


def main() -> None:
    """Do the errand that stands on standard input, and write its report on standard output."""
    os.umask(0o077)
    errand = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Errand)
    signal.alarm(int(errand.deadline) + _LATE)  # whoever bounds us may be gone
    sys.stdout.buffer.write(msgspec.msgpack.encode(done(errand)))
    sys.stdout.buffer.flush()


def done(errand: Errand) -> ScanReport:
    """Return what an errand came to."""
    if errand.kind == FEEDS:
        return _feeds(errand)
    return _bill(errand) if errand.kind == BILL else _scan(errand)


def _scan(errand: Errand) -> ScanReport:
    from vedette.instruments.scan import running
    from vedette.instruments.scan.registry import scanner_of
    from vedette.instruments.scan.types import Asked

    asked = Asked(
        target=errand.what, now=errand.now, feeds=Path(errand.feeds), options=errand.options,
        deadline=errand.deadline * 0.9, owned=frozenset(errand.owned), policy=AddressPolicy(allow_private=errand.private),
    )  # fmt: skip
    return running.run(scanner_of(errand.kind), asked)


def _bill(errand: Errand) -> ScanReport:
    from vedette.instruments.scan import judging
    from vedette.instruments.scan.advisories.feeds import open_feeds

    feeds = open_feeds(Path(errand.feeds), errand.now)
    matches, unknown = feeds.match(errand.components), feeds.unknown(errand.components)
    feeds.close()
    reachable = {(ecosystem, name): is_so for ecosystem, name, is_so in errand.reachable}
    return ScanReport(
        scanner=errand.scanner, target=errand.what, at=errand.now, findings=judging.judge(matches, reachable, errand.components),
        unknown=unknown, facts={"components": f"{len(errand.components):,}"}, complete=not unknown,
    )  # fmt: skip


def _feeds(errand: Errand) -> ScanReport:
    """Bring the feeds that have an URL up to date; each that fails is unknown."""
    from vedette.instruments.scan.advisories import open_feeds, update
    from vedette.instruments.scan.advisories.fetching import is_url

    folder = Path(errand.feeds)
    before = open_feeds(folder, errand.now)
    names = [one.name for one in before.status() if is_url(one.source)]
    before.close()
    told = update(folder, errand.now, _fetching(private=errand.private), names=names) if names else ()
    unknown = tuple(Unknown(subject=f"feed {one.name}", why=one.failed) for one in told if one.failed)
    return ScanReport(scanner=FEEDS, target="feeds", at=errand.now, unknown=unknown, complete=not unknown)


def _fetching(*, private: bool) -> "_Fetcher":
    from vedette.plumbing.net.client import NetClient

    return _Fetcher(NetClient(allow_private=private))


class _Fetcher:
    """Fetches by our own net, which goes to public addresses alone unless the server may reach others."""

    def __init__(self, net: "Downloads") -> None:
        self._net = net

    def __call__(self, url: str, headers: Mapping[str, str], into: "Sink") -> "Fetched":
        """Ask an URL and write what it answers."""
        from vedette.instruments.scan.advisories.types import Fetched

        answer = self._net.download(url, into.write, headers, _FETCHING)
        return Fetched(answer.status, answer.headers)


if TYPE_CHECKING:
    from vedette.plumbing.net.client import NetClient as Downloads


if __name__ == "__main__":
    main()
