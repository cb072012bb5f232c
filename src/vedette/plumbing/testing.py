"""Ports made of memory, for the tests of whoever uses them."""

import dataclasses

from vedette.core.clock import Clock, ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.bus.local import LocalBus
from vedette.plumbing.files.memory import MemoryFiles
from vedette.plumbing.kv.memory import MemoryKV
from vedette.plumbing.lease.memory import MemoryLease
from vedette.plumbing.log.memory import MemoryEventLog
from vedette.plumbing.mail.memory import MemoryMail
from vedette.plumbing.net.memory import MemoryNet
from vedette.plumbing.outbox.memory import MemoryOutbox
from vedette.plumbing.ports import Ports
from vedette.plumbing.seal.aesgcm import AesGcmSeal
from vedette.plumbing.telemetry.memory import MemoryTelemetry

GROUPS = {
    "errors": frozenset({"event", "attachment", "user_report", "feedback"}),
    "monitors": frozenset({"ping", "check_in"}),
    "alerts": frozenset({"alert"}),
    "intrusions": frozenset({"guard"}),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemoryPorts(Ports):
    """Ports whose fakes a test may look into: `ports.mail.sent`, `ports.net.requests`."""

    log: MemoryEventLog
    telemetry: MemoryTelemetry
    bus: LocalBus
    net: MemoryNet
    mail: MemoryMail
    files: MemoryFiles


def memory_ports(clock: Clock | None = None, settings: Settings | None = None) -> MemoryPorts:
    """Return ports that live in memory; the clock is a `ManualClock` unless told."""
    bus = LocalBus()
    return MemoryPorts(
        settings=settings or Settings(),
        clock=clock or ManualClock(),
        log=MemoryEventLog(GROUPS),
        telemetry=MemoryTelemetry(),
        kv=MemoryKV(bus),
        lease=MemoryLease(),
        outbox=MemoryOutbox(),
        bus=bus,
        seal=AesGcmSeal(bytes(32)),
        net=MemoryNet(),
        mail=MemoryMail(),
        files=MemoryFiles(),
    )
