"""The role that scans: one errand at a time, each in a process of its own. What stops one is told, and never clean."""

from collections.abc import Callable

from django.db import connections

from vedette.app import logs
from vedette.app.crew import Leadership
from vedette.app.roles import Role
from vedette.app.scan_process import Failed, ScanProcess
from vedette.core.clock import monotonic
from vedette.hosts import service as hosts
from vedette.plumbing.ports import Ports
from vedette.scans import service as scans
from vedette.scans.types import BILL, FEEDS, TOPIC, Errand
from vedette.wire.scan import ScanReport

LOG = logs.logger("vedette.scanner")
NAME = "scanner"
_POLL, _WAIT, _LOOK_ANEW = 0.25, 5.0, 30.0
Start = Callable[[Errand], ScanProcess]


class Scanning:
    """Claims an errand, waits for its process in small steps, and brings its report; for one thread."""

    def __init__(self, ports: Ports, start: Start = ScanProcess) -> None:
        self._ports, self._start = ports, start
        self._lease = Leadership(ports, NAME)
        self._process: ScanProcess | None = None
        self._recovered = False
        self._looked = -_LOOK_ANEW

    def step(self) -> None:
        """Go on with what runs, begin what is due, or wait for it."""
        seen = self._ports.bus.seen(TOPIC)
        if not self._lease.held():
            self._recovered = False
            self._ports.bus.wait(TOPIC, seen, 1.0)
        elif self._process is not None:
            self._poll(self._process)
        elif not self._begin():
            self._ports.bus.wait(TOPIC, seen, self._rest())

    def drain(self) -> None:
        """End what runs, and put it back: it is due when the server starts again."""
        if self._process is not None:
            errand = self._process.errand
            self._process.end()
            self._process = None
            scans.give_back(errand, self._now())
        self._lease.release()

    def _begin(self) -> bool:
        if not self._recovered:
            cut = scans.recover(self._now())
            self._recovered = True
            if cut:
                LOG.warning("scans were cut short", scans=cut)
        errand = scans.claim(self._now(), owned()) or self._anew()
        if errand is None:
            return False
        LOG.info("scan begins", kind=errand.kind, target=errand.target)
        try:
            self._process = self._start(errand)
        except OSError as error:
            scans.blind(errand, f"Its process does not start: {error.strerror}.", self._now())
        return True

    def _anew(self) -> Errand | None:
        """Return what is due besides scans: feeds to bring up to date, bills to compare; looked for now and then."""
        if monotonic() - self._looked < _LOOK_ANEW:
            return None
        found = scans.claim_feeds(self._now()) or scans.claim_bill(self._now())
        if found is None:
            self._looked = monotonic()
        return found

    def _poll(self, process: ScanProcess) -> None:
        """Bring what ended; what the database will not take now still counts as running, and is recovered at the next step."""
        if self._ended(process):
            self._recovered = True

    def _ended(self, process: ScanProcess) -> bool:
        try:
            report = process.wait(_POLL)
        except Failed as error:
            self._process, self._recovered = None, False
            LOG.warning("scan failed", kind=process.errand.kind, target=process.errand.target, why=str(error))
            scans.blind(process.errand, str(error), self._now())
            return True
        if report is None:
            return False
        self._process, self._recovered = None, False
        self._take(process.errand, report)
        return True

    def _take(self, errand: Errand, report: ScanReport) -> None:
        scans.finish(errand, report, self._now())
        if errand.kind in {FEEDS, BILL}:
            self._looked = -_LOOK_ANEW
        LOG.info("scan ended", kind=errand.kind, target=errand.target, seconds=round(report.seconds, 1))

    def _rest(self) -> float:
        due = scans.next_due()
        return _WAIT if due is None else max(0.05, min(_WAIT, due - self._now()))

    def _now(self) -> float:
        return self._ports.clock.now()


def role(ports: Ports) -> Role:
    """Return the role that scans."""
    scanning = Scanning(ports)
    return Role(
        name=NAME,
        step=scanning.step,
        wake=lambda: ports.bus.wake(TOPIC),
        drain=scanning.drain,
        recover=connections.close_all,
    )


def owned() -> frozenset[str]:
    """Return the names and addresses of hosts whose agent proves that they are ours."""
    found: set[str] = set()
    for host in hosts.every():
        told = hosts.inventory(host)
        found |= {host.name.lower(), *((told.hostname.lower(), *told.addresses) if told else ())}
    return frozenset(one for one in found if one)
