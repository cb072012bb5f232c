"""Runs scans, judges them, and tells what they come to."""

import contextlib
import math
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from vedette.cli import scan_accepting, scan_places, scan_progress, scan_sending
from vedette.cli.scan_asking import Order, asked
from vedette.cli.scan_options import Wanted
from vedette.core.clock import SystemClock
from vedette.core.errors import ConfigError, Invalid, VedetteError
from vedette.instruments.scan import accepting, baselines, exploitability, running
from vedette.instruments.scan.accepting import Acceptance
from vedette.instruments.scan.telling.registry import format_of
from vedette.instruments.scan.telling.types import Format, Telling
from vedette.instruments.scan.telling.words import plain
from vedette.instruments.scan.types import Asked, Progress, Scanner
from vedette.instruments.scan.verdict import BLIND, CLEAN, FOUND, Verdict, verdict
from vedette.wire.scan import ScanReport, Unknown

_MARKS = frozenset({"sarif", "github"})


def scan(orders: Sequence[Order], wanted: Wanted, own: Mapping[str, str]) -> int:
    """Run scans one after the other and tell of them; returns the code to exit with."""
    try:
        return _scanned(orders, wanted, own)
    except VedetteError as error:  # whatever stopped us, nothing is known: never the code of findings
        return _blind(str(error))
    except OSError as error:
        return _blind(f"The scan could not be told of: {error.strerror or error}.")
    except Exception as error:  # noqa: BLE001 - a fault of ours would end with 1, the code of findings
        return _blind(
            f"The scan broke: {type(error).__name__}: {str(error)[:500]}. Tell the makers of Vedette."
        )


def _blind(why: str) -> int:
    with contextlib.suppress(OSError):
        print(plain(why), file=sys.stderr)
    return BLIND


def _scanned(orders: Sequence[Order], wanted: Wanted, own: Mapping[str, str]) -> int:
    if not 0 < wanted.deadline < math.inf:
        raise ConfigError(f"--deadline {wanted.deadline:g} is no number of seconds; say --deadline 600.")
    now = SystemClock().now()
    judge = _Judge(scan_accepting.acceptances(orders, wanted, own, now), wanted, now)
    printed = format_of(wanted.printed())
    scan_sending.check(wanted)
    questions = [(order.scanner, asked(order, wanted, own, now)) for order in orders]
    with scan_progress.shown(quiet=wanted.quiet) as progress:
        raw = [_run(scanner, question, progress) for scanner, question in questions]
    reports = judge.judged(raw)
    found = verdict(reports, wanted.fail_on)
    if wanted.write_baseline:
        _into(wanted.write_baseline, baselines.write(reports))
        found = Verdict(CLEAN, "The baseline is written.") if found.code == FOUND else found
    told = Telling(
        reports=reports, verdict=found, fail_on=wanted.fail_on, version=version("vedette"), now=now,
        colour=printed.name == "table" and wanted.output is None and sys.stdout.isatty(),
    )  # fmt: skip
    for name, path in wanted.files():
        _into(path, _written(format_of(name), told))
    _tell(_written(printed, told).decode(), told, wanted)
    _send(raw, wanted)
    return found.code


class _Judge:
    """What people said of findings, read before anything is scanned, so that a slip is told at once."""

    def __init__(self, accepted: Sequence[Acceptance], wanted: Wanted, now: float) -> None:
        self._now, self._accepted = now, accepted
        self._baseline = baselines.read(wanted.baseline) if wanted.baseline else {}
        self._statements = [one for path in wanted.vex_from for one in exploitability.load(path)]

    def judged(self, reports: Sequence[ScanReport]) -> tuple[ScanReport, ...]:
        """Return the reports with what is accepted, cleared or known before waived, in this order."""
        kept = accepting.accepted(reports, self._accepted, self._now)
        return baselines.only_new(exploitability.judged(kept, self._statements), self._baseline)


def _run(scanner: Scanner, question: Asked, progress: Progress) -> ScanReport:
    """Return what a scan came to; a scanner that breaks on what it reads was blind."""
    try:
        return running.run(scanner, question, progress)
    except Exception as error:  # noqa: BLE001 - hostile input may break any parser; that is told, and never clean
        why = f"The scanner {scanner.kind} broke: {type(error).__name__}: {error}"
        fix = "This is a fault of Vedette: tell its makers, with the file that did it."
        spot = Unknown(subject=question.target or scanner.kind, why=why[:500], fix=fix)
        return ScanReport(
            scanner=scanner.kind, target=question.target, at=question.now, unknown=(spot,), complete=False
        )


def _written(form: Format, told: Telling) -> bytes:
    """Return a telling in a format; those that mark lines of a checkout get places as seen from here.

    Raises `Invalid` where a format breaks on what was found: nothing was told then, which is never clean.
    """
    try:
        if form.name in _MARKS:
            told = msgspec.structs.replace(told, reports=scan_places.rooted(told.reports))
        return form.write(told).encode()
    except Exception as error:  # what was found is hostile text; whatever it breaks is told in one line
        why = f"The format {form.name} broke: {type(error).__name__}: {error}"
        raise Invalid(
            f"{why[:500]} This is a fault of Vedette: tell its makers, and use another format."
        ) from error


def _tell(text: str, told: Telling, wanted: Wanted) -> None:
    if wanted.output is not None:
        _into(wanted.output, text.encode())
    elif not wanted.quiet:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    print(plain(told.verdict.reason), file=sys.stdout if wanted.output is None else sys.stderr, flush=True)


def _send(reports: Sequence[ScanReport], wanted: Wanted) -> None:
    if not wanted.send:
        return
    from vedette.plumbing.net.client import NetClient

    scan_sending.send(reports, wanted, NetClient(allow_private=True))
    if not wanted.quiet:
        print(f"Sent to {plain(wanted.send)}.", file=sys.stderr)


def _into(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error


def exit_with(code: int) -> None:
    """End the program, telling what was printed first; what cannot be told any more is no reason for another code."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # else Python fails to flush it, with 120
        code = BLIND
    sys.exit(code)
