"""The words of what hardening left on a host: standards that hold there (the manifest), and what a look at the host saw of them."""

from collections.abc import Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.wire.hardened import DriftKind
from vedette.wire.infra import Waiver

BASE = "/var/lib/vedette-harden"  # where hardening keeps what it needs on a host; root's alone
MANIFEST = f"{BASE}/manifest.json"
TABLE = ("inet", "vedette_host")
ASKED = ("nft", "-s", "-nn", "list", "table", *TABLE)  # tells the same rules in the same words
FORM = 1


class FileStandard(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A file has this text, mode and owner."""

    measure: str
    path: str
    text: str
    mode: int
    uid: int
    gid: int


class AccessStandard(msgspec.Struct, frozen=True, kw_only=True, tag="access"):
    """A path that is there has at most these permission bits, and this owner (-1: whoever has it)."""

    measure: str
    path: str
    most: int
    uid: int = -1
    gid: int = -1


class KernelStandard(msgspec.Struct, frozen=True, kw_only=True, tag="kernel"):
    """A value of the running kernel."""

    measure: str
    name: str
    value: str


class UnitStandard(msgspec.Struct, frozen=True, kw_only=True, tag="unit"):
    """A unit of systemd starts with the host, which a link shows."""

    measure: str
    unit: str
    link: str


class PackageStandard(msgspec.Struct, frozen=True, kw_only=True, tag="package"):
    """A package is there, or is not."""

    measure: str
    name: str
    there: bool = True


class TableStandard(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """Our table of nftables is in force, as `ASKED` tells it."""

    measure: str
    text: str


Standard = FileStandard | AccessStandard | KernelStandard | UnitStandard | PackageStandard | TableStandard
_KINDS: Mapping[type, tuple[DriftKind, str]] = {
    FileStandard: (DriftKind.FILE, "path"), AccessStandard: (DriftKind.ACCESS, "path"), KernelStandard: (DriftKind.SYSCTL, "name"),
    UnitStandard: (DriftKind.UNIT, "unit"), PackageStandard: (DriftKind.PACKAGE, "name"),
}  # fmt: skip


class HardeningManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What hardening set on a host, and when: what was so after its last run, which a new connection proved.

    `left` is what that run could not do, `waived` what is left out and why.
    """

    form: int = FORM
    at: float
    profile: str
    before: float
    after: float
    standards: tuple[Standard, ...] = ()
    waived: tuple[Waiver, ...] = ()
    left: tuple[str, ...] = ()


class PathState(msgspec.Struct, frozen=True, kw_only=True):
    """A path as it is: `text` is None where it is no file that can be read; `changed` is when it, its mode or its owner changed (ctime)."""

    mode: int
    uid: int
    gid: int
    changed: float
    text: str | None = None


class HostSight(msgspec.Struct, frozen=True, kw_only=True):
    """What a look saw: paths (None: not there), links that are there, kernel values, installed packages, and our table.

    What could not be told is left out, or None: nothing is said of it. A table that is not there is an empty text. `folders`
    tells when a folder changed, for what is no more in it.
    """

    files: Mapping[str, PathState | None] = {}
    links: Mapping[str, bool] = {}
    values: Mapping[str, str] = {}
    packages: frozenset[str] | None = None
    table: str | None = None
    folders: Mapping[str, float] = {}


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """A standard that a look found not to be so; `changed` is when, 0 where that cannot be told."""

    standard: Standard
    before: str
    after: str
    changed: float = 0.0
    owner: int = 0

    @property
    def key(self) -> str:
        """Return what names it for as long as it drifts."""
        return key_of(self.standard)


def kind_of(standard: Standard) -> DriftKind:
    """Return of what kind it is when it is not so."""
    return DriftKind.RULESET if isinstance(standard, TableStandard) else _KINDS[type(standard)][0]


def name_of(standard: Standard) -> str:
    """Return what it is about, as people call it."""
    return (
        " ".join(TABLE)
        if isinstance(standard, TableStandard)
        else str(getattr(standard, _KINDS[type(standard)][1]))
    )


def key_of(standard: Standard) -> str:
    """Return what names a standard."""
    return f"{kind_of(standard)}:{name_of(standard)}"


def packed(manifest: HardeningManifest) -> bytes:
    """Return a manifest as it lies on a host."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def read(text: str) -> HardeningManifest:
    """Return the manifest of a text; raises `Invalid` for what is none, or is of a later form."""
    try:
        found = msgspec.json.decode(text.encode(), type=HardeningManifest)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Invalid(f"{MANIFEST} cannot be read: {error}. Harden the host again.") from None
    if found.form > FORM:
        raise Invalid(f"{MANIFEST} was written by a later Vedette (form {found.form}): update the agent.")
    return found
