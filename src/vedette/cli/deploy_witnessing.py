"""`vedette deploy looks|witness`, and how `verify` looks: connections tried from where somebody stands."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from cyclopts import Parameter

from vedette.cli.deploy_ground import NOWHERE, At, cloud_of, desired_of
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid
from vedette.deploy import offline
from vedette.instruments.live.host import HostLive
from vedette.instruments.witness import here
from vedette.instruments.witness.looking import looked
from vedette.instruments.witness.telling import told
from vedette.wire.finding import Finding
from vedette.wire.scan import ScanReport
from vedette.wire.witness import Looks, Witness

T = TypeVar("T")
Spot = Annotated[
    str,
    Parameter(name="--from", help="Where it is tried: a server, a group, an address or network, internet."),
]
_LARGEST = 4 << 20
_HERE = Path()
_CLOCK = SystemClock()


def looks(folder: Path = _HERE, *, spot: Spot, at: At = NOWHERE) -> None:
    """Print the connections that somebody at a spot should try, as JSON for `vedette deploy witness`.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    """
    cloud = cloud_of(at)
    found = offline.looks(desired_of(folder, cloud), cloud, _CLOCK.now(), spot)
    print(msgspec.json.encode(found.looks).decode())
    for each in found.notes:
        print(f"Not tried: {each}", file=sys.stderr)


def witness(file: Path | None = None, *, spot: Spot = "", looks_only: bool = False) -> None:
    """Try the connections of a file here, and print as JSON what came and what this host tells of itself. Needs no token.

    Parameters
    ----------
    file
        What `vedette deploy looks` printed; `-` reads it from standard input; without one nothing is tried.
    looks_only
        Tell nothing of this host itself (its firewall, ports of containers, encryption at rest).
    """
    asked = _asked(file) if file is not None else Looks(spot=spot)
    if not asked.spot and file is None:
        raise Invalid("Say which server this is: --from web-1.")
    seen = look(asked)
    if not looks_only:
        seen = msgspec.structs.replace(seen, told=told(HostLive(_CLOCK.now())))
    emit(seen, "", json=True)


def look(asked: Looks) -> Witness:
    """Try connections from this machine."""
    sights = asyncio.run(looked(asked.looks))
    return Witness(spot=asked.spot, at=_CLOCK.now(), sights=sights)


def stands(spot: str) -> str:
    """Return where this machine stands: as somebody says it, else its public address, else nothing."""
    return spot or here.address()


def witnesses_of(files: Sequence[Path]) -> tuple[Witness, ...]:
    """Return what witnesses wrote; raises `Invalid` for a file that is none of theirs."""
    return tuple(
        _decoded(_read(each), Witness, f"{each} was not written by `vedette deploy witness`")
        for each in files
    )


class _Scanned(msgspec.Struct):
    reports: tuple[ScanReport, ...]


def findings_of(files: Sequence[Path]) -> tuple[Finding, ...]:
    """Return what scans found; raises `Invalid` for a file that none wrote."""
    told = [
        _decoded(_read(each), _Scanned, f"{each} was not written by `vedette scan --json`") for each in files
    ]
    return tuple(one for each in told for report in each.reports for one in report.findings)


def _asked(file: Path) -> Looks:
    data = sys.stdin.buffer.read(_LARGEST) if str(file) == "-" else _read(file)
    return _decoded(data, Looks, f"{file} was not written by `vedette deploy looks`")


def _decoded(data: bytes, kind: type[T], wrong: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{wrong}: {error}.") from None


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise Invalid(f"{path} is larger than {_LARGEST:,} bytes.")
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
