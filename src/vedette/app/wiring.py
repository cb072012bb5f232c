"""Picks the adapters: what one machine needs, made of SQLite, files and threads. The only place that does."""

from pathlib import Path

from vedette.app import keyfile
from vedette.core.clock import SystemClock
from vedette.core.settings import Settings
from vedette.hosts.types import Backups, Findings, Infra, Intrusions
from vedette.intrusions.types import Knows
from vedette.plumbing.bus.local import LocalBus
from vedette.plumbing.files.folder import FolderFiles
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.lease.file import FileLease
from vedette.plumbing.log.memory import MemoryEventLog
from vedette.plumbing.log.port import EventLog
from vedette.plumbing.log.sqlite import SqliteEventLog
from vedette.plumbing.mail.smtp import SmtpMail
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.outbox.adapter import DatabaseOutbox
from vedette.plumbing.ports import Ports, install, ports
from vedette.plumbing.seal.aesgcm import AesGcmSeal
from vedette.plumbing.telemetry.sqlite import SqliteTelemetry

GROUPS = {
    "errors": frozenset({"event", "attachment", "user_report", "feedback"}),
    "monitors": frozenset({"ping", "check_in"}),
    "alerts": frozenset({"alert"}),
    "vitals": frozenset({"transaction", "span"}),
    "intrusions": frozenset({"guard"}),
}


def wire(settings: Settings, *, journal: bool = True) -> Ports:
    """Make the ports of this process and install them; the folders are made when they are not there.

    Without `journal` nothing can be published: the journal has one writer, and a command is not it.
    """
    bus = LocalBus()
    made = Ports(
        settings=settings,
        clock=SystemClock(),
        log=event_log(settings) if journal else MemoryEventLog(GROUPS, max_bytes=0),
        telemetry=SqliteTelemetry(folder(settings, "telemetry")),
        kv=DatabaseKV(bus),
        lease=FileLease(folder(settings, "leases")),
        outbox=DatabaseOutbox(),
        bus=bus,
        seal=AesGcmSeal(keyfile.read_or_create(settings.data)),
        net=NetClient(allow_private=settings.allow_private_addresses),
        mail=SmtpMail(settings),
        files=FolderFiles(
            folder(settings, "attachments"), settings.attachments_max_bytes, settings.min_free_disk_bytes
        ),
    )
    install(made)
    return made


def intrusions() -> Intrusions:
    """Return what takes what hosts detect, and says what they are to enforce."""
    from vedette.intrusions import service

    return service.Judges(ports().clock, knows())


def findings() -> Findings:
    """Return what takes what hosts find: audits, changes, what they are made of."""
    from vedette.scans import service

    return service.Taking()


def backups() -> Backups:
    """Return what takes what hosts tell of backups, and says what they are to save."""
    from vedette.backups import service

    return service.Keeper()


def infra() -> Infra:
    """Return what takes what hosts tell of hardening and of others, and says what they are to do."""
    from vedette.deploy import service

    return service.Keeper()


def knows() -> Knows:
    """Return what intrusions ask the house: who is a real user, what hosts are told."""
    from vedette.app.knowing import House

    return House()


def event_log(settings: Settings) -> EventLog:
    """Return the journal; its writer takes the file lock when it first writes."""
    return SqliteEventLog(
        folder(settings, "journal"),
        GROUPS,
        max_bytes=settings.journal_max_bytes,
        min_free_disk_bytes=settings.min_free_disk_bytes,
    )


def folder(settings: Settings, name: str) -> Path:
    """Return a folder below the data folder, made with mode 0700."""
    path = settings.data / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
