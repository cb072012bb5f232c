"""What a host is made of, for the server to compare with advisories: installed packages, lock files, and what listens.

Nothing is judged here and no feed is needed; what cannot be read is told. Bounded, so that a report fits a batch.
"""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.agent.config import Config
from vedette.instruments.live.types import Listener, Unreadable
from vedette.wire.agent.types import Report
from vedette.wire.scan import Component, ScanReport, Unknown

EVERY = 60.0  # seconds between two looks whether a list of packages changed
DAY, LISTENING = 86_400.0, 600.0
MOST, MOST_BYTES = 5_000, 600_000  # components of a report, and bytes of it
_SPREAD = 300.0
_LISTS = (
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
)
_TOO_MUCH = "The host tells more packages than a report holds; {left} of {n} are left out."


class Scanning:
    """Implements `rounds.Looks`: tells a while after the start, once a day, and when a list of packages or a lock file changed."""

    def __init__(self, config: Config, now: float, root: Path = Path("/")) -> None:
        self._config, self._root = config, root
        self._due = now + _SPREAD * zlib.crc32(config.name.encode()) / 2**32
        self._heard_due = self._due
        self._stamp: object = None
        self._listeners: tuple[Component, ...] | None = None

    def __call__(self, now: float) -> Sequence[Report]:
        """Return what is to be told now."""
        return [*self._made_of(now), *self._listening(now)]

    def _made_of(self, now: float) -> Iterator[ScanReport]:
        stamp = self._stamped()
        if now < self._due and (self._stamp is None or stamp == self._stamp):
            return
        self._stamp, self._due = stamp, now + DAY
        if self._config.scan.packages:
            yield bounded(_packages(self._root, self._config.name, now))
        for path in self._config.scan.paths:
            yield bounded(_lock_files(Path(path), now))

    def _stamped(self) -> object:
        paths = [*(self._root / name for name in _LISTS), *map(Path, self._config.scan.paths)]
        return [_changed(path) for path in paths]

    def _listening(self, now: float) -> Iterator[ScanReport]:
        """Yield what listens when that changed, and once a day."""
        if now < self._heard_due or not self._config.scan.listening:
            return
        self._heard_due = now + LISTENING
        found = _listeners(self._root)
        if found is not None and found != self._listeners:
            self._listeners = found
            report = ScanReport(
                scanner="listening", target=self._config.name, at=now, components=_packaged(self._root, found),
                facts={"addresses": ", ".join(_addresses(self._root))},
            )  # fmt: skip
            yield bounded(report, lean=False)


def bounded(report: ScanReport, *, lean: bool = True) -> ScanReport:
    """Return a report that fits a batch; what is left out is unknown, and told. A `lean` one names packages and no more of them."""
    kept = tuple(_fitting(report.components[:MOST], lean=lean))
    left = len(report.components) - len(kept)
    unknown = report.unknown[:50]
    if left:
        why = _TOO_MUCH.format(left=left, n=len(report.components))
        unknown = (*unknown, Unknown(subject=report.target, why=why, fix="Scan it there: vedette scan host."))
    return msgspec.structs.replace(
        report, components=kept, unknown=unknown, complete=report.complete and not unknown
    )


def _fitting(components: Sequence[Component], *, lean: bool) -> Iterator[Component]:
    """Yield components until a report is full."""
    room = MOST_BYTES
    for one in map(_lean, components) if lean else components:
        room -= len(msgspec.msgpack.encode(one))
        if room < 0:
            return
        yield one


def _lean(one: Component) -> Component:
    return msgspec.structs.replace(one, hashes=(), requires=(), labels={})


def _packages(root: Path, name: str, now: float) -> ScanReport:
    from vedette.instruments.scan.inventory import databases, opening, reading

    opener = opening.below(root)
    found = reading.read_opened(databases.there(opener), opener)
    unknown = found.unknown
    if not found.files:
        why = "No list of installed packages was found: neither dpkg's, apk's nor RPM's."
        unknown = (
            *unknown,
            Unknown(subject=name, why=why, fix="Scan what runs there by its lock files: [scan] paths."),
        )
    return ScanReport(
        scanner="host",
        target=name,
        at=now,
        components=found.components,
        unknown=unknown,
        complete=not unknown,
    )


def _lock_files(path: Path, now: float) -> ScanReport:
    from vedette.instruments.scan.inventory import reading

    if not path.exists():
        gone = Unknown(
            subject=str(path), why=f"{path} is not there.", fix="Correct [scan] paths of agent.toml."
        )
        return ScanReport(scanner="deps", target=str(path), at=now, unknown=(gone,), complete=False)
    found = reading.read(path)
    return ScanReport(
        scanner="deps",
        target=str(path),
        at=now,
        components=found.components,
        unknown=found.unknown,
        complete=not found.unknown,
    )


def _listeners(root: Path) -> tuple[Component, ...] | None:
    """Return what listens, as components; None where the kernel does not tell."""
    from vedette.instruments.live.listening import listeners, waiting

    try:
        found = listeners(root, waiting())
    except Unreadable:
        return None
    return tuple(sorted(map(_socket, found), key=lambda one: (one.name, one.version)))


def _socket(one: Listener) -> Component:
    labels = {"program": one.program[:100], "user": one.user[:60]}
    return Component(
        ecosystem="socket", name=f"{one.protocol}/{one.port}", version=one.address, labels=labels
    )


def _packaged(root: Path, found: Sequence[Component]) -> tuple[Component, ...]:
    """Return what listens with the package that brought each program, where that can be told."""
    from vedette.instruments.live.listening import program_files, waiting
    from vedette.instruments.live.packaging import packages_of

    try:
        files = program_files(root, waiting())
    except Unreadable:
        return tuple(found)
    packages = packages_of(root, set(files.values()))
    return tuple(_with_package(one, packages.get(files.get(_place(one), ""), "")) for one in found)


def _place(one: Component) -> str:
    protocol, _, port = one.name.partition("/")
    return Listener(protocol=protocol, address=one.version, port=int(port)).place


def _with_package(one: Component, package: str) -> Component:
    return msgspec.structs.replace(one, labels={**one.labels, "package": package[:200]}) if package else one


def _addresses(root: Path) -> Sequence[str]:
    from vedette.instruments.host.inventory import addresses
    from vedette.instruments.host.reading import Files

    return addresses(Files(root))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
