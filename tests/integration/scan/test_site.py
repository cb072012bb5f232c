"""Every fault of a site is found, and none is invented."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import pki
from tests.support.sites import FAULTS, SECURED, Fault, Secured, secured, served

from vedette.core.clock import monotonic
from vedette.instruments.scan import owning, registry, running
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.site import registry as checks
from vedette.instruments.scan.site.collecting import collect
from vedette.instruments.scan.types import Asked

NOW = 1_795_000_000.0
USUAL = {
    "clean-escapes",
    "csp-inline",
    "git",
    "cors-prefix",
    "reflects-script",
}  # each costs a quarter of a second


@pytest.mark.parametrize(
    "name", [name if name in USUAL else pytest.param(name, marks=pytest.mark.deep) for name in FAULTS]
)
def test_a_site_is_told_exactly_its_fault(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    with served(fault) as url:
        report = running.run(registry.scanner_of("site"), Asked(target=url, now=NOW, feeds=tmp_path))
    assert not report.unknown
    assert {each.check.removeprefix("site-") for each in report.findings} == set(fault.checks)
    assert int(report.facts["requests"]) <= 120
    assert all(each.why and each.fix and each.place.startswith(url) for each in report.findings)


def test_every_check_has_a_site_that_fails_it() -> None:
    shown = {check for fault in FAULTS.values() for check in fault.checks}
    assert set(checks.checks()) == shown | {check for made in SECURED.values() for check in made.checks}


@contextlib.contextmanager
def behind_tls(made: Secured, folder: Path) -> Iterator[Asked]:
    (folder / "root.pem").write_text(pki.root().pem)
    with secured(made, pki.server_context(folder, "good")) as (url, clear):
        options = {"authority": str(folder / "root.pem"), "plain": clear}
        yield Asked(target=url, now=NOW, feeds=folder, options=options)


async def looked(asked: Asked, host: owning.Proven) -> set[str]:
    """Return what pages alone tell: the quick part of a scan."""
    fetcher = Fetcher(host.host, host.addresses, host.standpoint, monotonic() + 5, paced=False)
    site = await collect(asked.target, asked.options["plain"], fetcher, NOW, local=host.local)
    return {hit.check for look in checks.looks() for hit in look(site)}


@pytest.mark.parametrize("name", SECURED)
def test_what_pages_behind_tls_tell_is_exactly_their_fault(name: str, tmp_path: Path) -> None:
    with behind_tls(SECURED[name], tmp_path) as asked:
        assert asyncio.run(looked(asked, owning.proven(asked))) == set(SECURED[name].checks)


@pytest.mark.deep
@pytest.mark.parametrize("name", SECURED)
def test_a_site_behind_tls_is_told_exactly_its_fault(name: str, tmp_path: Path) -> None:
    with behind_tls(SECURED[name], tmp_path) as asked:
        report = running.run(registry.scanner_of("site"), asked)
    assert not report.unknown
    assert {each.check.removeprefix("site-") for each in report.findings} == set(SECURED[name].checks)
    if name == "clean":
        assert (report.facts["grade"], report.facts["score"]) == ("A+", "120")


def test_a_clean_site_has_the_best_grade(tmp_path: Path) -> None:
    with served(Fault()) as url:
        report = running.run(registry.scanner_of("site"), Asked(target=url, now=NOW, feeds=tmp_path))
    assert (report.facts["grade"], report.facts["score"]) == ("A+", "120")  # policy 10, referrer 5, frames 5
