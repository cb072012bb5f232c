"""What a location scans for the server: it asks now and then, scans in a process of its own, and brings what it saw."""

import tempfile
from collections.abc import Callable

import msgspec

from vedette.app.scan_process import Failed, ScanProcess
from vedette.core.errors import Invalid, Unavailable
from vedette.plumbing.net.asking import Ask, Away, Pauses, asked
from vedette.scans.types import SCAN_ORDERS, SCAN_REPORTS, Brought, Errand, Handed, Receipt
from vedette.wire.scan import ScanReport, Unknown

KINDS = frozenset({"ports"})  # what a location scans; nothing that reads files, whatever a server asks for
EVERY = 30.0
_TRIES, _DEADLINE, _STEP = 5, 30.0, 0.25
_ENCODE = msgspec.json.Encoder().encode
Start = Callable[[Errand], ScanProcess]


class Scans:
    """Lives on one thread. `ended` tells that the location ends, `say` hears what a person has to know."""

    def __init__(
        self, ask: Ask, *, private: bool, ended: Callable[[float], bool], say: Callable[[str], None], start: Start = ScanProcess,
    ) -> None:  # fmt: skip
        self._ask, self._private, self._ended, self._say, self._start = ask, private, ended, say, start
        self._pauses = Pauses()

    def once(self) -> float:
        """Ask once, do what is due, and return the seconds until the next time; raises `Refused`."""
        try:
            errand = asked(self._ask, ("GET", SCAN_ORDERS, b"", _DEADLINE), Handed).errand
        except (Away, Unavailable, Invalid):  # the poll for checks says so; a server of before knows no scans
            return max(EVERY, self._pauses.next())
        self._pauses.worked()
        if errand is None:
            return EVERY
        self._say(f"Scans the {errand.kind} of {errand.what}.")
        self._bring(Brought(target=errand.target, at=errand.now, report=self._scanned(errand)))
        return 0.0

    def _scanned(self, errand: Errand) -> ScanReport:
        if errand.kind not in KINDS:
            return _blind(errand, f"A location does not scan {errand.kind}.")
        with tempfile.TemporaryDirectory(prefix="vedette-scan-") as feeds:
            errand = msgspec.structs.replace(errand, feeds=feeds, private=self._private)
            try:
                return self._run(errand)
            except (Failed, OSError) as error:
                return _blind(errand, f"At the location: {error}")

    def _run(self, errand: Errand) -> ScanReport:
        process = self._start(errand)
        while (report := process.wait(_STEP)) is None:
            if self._ended(0.0):
                process.end()
                raise Failed("The location was ended while it scanned.")
        return report

    def _bring(self, brought: Brought) -> None:
        """Send what was seen; what cannot be sent is scanned again, for the server says that it was not brought."""
        body = _ENCODE(brought)
        for _ in range(_TRIES):
            try:
                asked(self._ask, ("POST", SCAN_REPORTS, body, _DEADLINE), Receipt)
            except (Away, Unavailable) as error:
                if self._ended(
                    self._pauses.next(error.retry_after if isinstance(error, Unavailable) else 0.0)
                ):
                    return
            except Invalid as error:
                self._say(f"What was seen is of no use to the server: {error}")
                return
            else:
                self._pauses.worked()
                return
        self._say("What was seen could not be brought to the server.")


def _blind(errand: Errand, why: str) -> ScanReport:
    spot = Unknown(
        subject=errand.what, why=why, fix="See the log of the location; it is scanned again by itself."
    )
    return ScanReport(scanner=errand.kind, target=errand.what, at=errand.now, unknown=(spot,), complete=False)
