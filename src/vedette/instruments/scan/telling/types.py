"""The words of telling a scan."""

from collections.abc import Callable

import msgspec

from vedette.instruments.scan.verdict import Verdict
from vedette.wire.finding import Severity
from vedette.wire.scan import ScanReport


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: reports, what they come to, from which severity on a finding counts, by which version, when."""

    reports: tuple[ScanReport, ...]
    verdict: Verdict
    fail_on: Severity
    version: str
    now: float
    colour: bool = False


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A form in which a scan is told. `write` returns the text of a whole file, without control characters but newlines."""

    name: str
    about: str
    write: Callable[[Telling], str]
