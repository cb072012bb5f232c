"""The ports this process was wired with; `app/wiring` (or a test) installs them once, rooms ask for them."""

import dataclasses
from typing import TYPE_CHECKING

from vedette.core.clock import Clock
from vedette.core.settings import Settings

if TYPE_CHECKING:
    from vedette.plumbing.bus.port import Bus
    from vedette.plumbing.files.port import Files
    from vedette.plumbing.kv.port import KV
    from vedette.plumbing.lease.port import Lease
    from vedette.plumbing.log.port import EventLog
    from vedette.plumbing.mail.port import Mail
    from vedette.plumbing.net.port import Net
    from vedette.plumbing.outbox.port import Outbox
    from vedette.plumbing.seal.port import Seal
    from vedette.plumbing.telemetry.port import Telemetry


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ports:
    """Everything that touches the world, by name."""

    settings: Settings
    clock: Clock
    log: "EventLog"
    telemetry: "Telemetry"
    kv: "KV"
    lease: "Lease"
    outbox: "Outbox"
    bus: "Bus"
    seal: "Seal"
    net: "Net"
    mail: "Mail"
    files: "Files"


class _Installed:
    ports: Ports | None = None


def install(ports: Ports) -> None:
    """Make these the ports of the process."""
    _Installed.ports = ports


def ports() -> Ports:
    """Return the installed ports; raises `RuntimeError` when nothing was wired."""
    if _Installed.ports is None:
        raise RuntimeError(
            "No ports are installed: call app.wiring.wire() (or plumbing.ports.install in a test)."
        )
    return _Installed.ports
