"""What a scan tells: what it found, what it could not know, and what things are made of."""

from collections.abc import Mapping

import msgspec

from vedette.wire.finding import Finding


class Component(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A package of a given version that something is made of.

    `ecosystem` is named as OSV names it (`PyPI`, `npm`, `crates.io`, `Debian:12`), `name` in that ecosystem's normal form.
    `place` is the file and line that says so. `groups` are those it is wanted for (`dev`); `direct` whether somebody asked for
    it by name, None where that is not told. `requires` are the names of what it needs itself. `source` is the source package
    of a distribution's binary package.
    """

    ecosystem: str
    name: str
    version: str
    place: str = ""
    groups: tuple[str, ...] = ()
    direct: bool | None = None
    requires: tuple[str, ...] = ()
    source: str = ""
    purl: str = ""
    hashes: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """Something a scan could not know: of what, why, and what to do about it. A scan with one of these is never clean."""

    subject: str
    why: str
    fix: str = ""


class ScanReport(msgspec.Struct, frozen=True, kw_only=True, tag="scan"):
    """What one scan of one target came to. `facts` are what a person may want to read beside it (`grade`, `protocols`).

    `complete` says that all the scanner knows of was looked at, so that what is no longer found is fixed.
    """

    scanner: str
    target: str
    at: float
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    components: tuple[Component, ...] = ()
    facts: Mapping[str, str] = {}
    complete: bool = True
