"""How long the whole scan of a site on this machine takes, with all its probes."""

import statistics
import tempfile
import time
from pathlib import Path

from tests.support.sites import FAULTS, served

from benchmarks.report import Figure, finish
from vedette.core.clock import SystemClock
from vedette.instruments.scan import registry, running
from vedette.instruments.scan.types import Asked

_SITES = ("clean", "clean-says-yes", "csp-inline", "git", "reflects", "map")


def main() -> None:
    """Scan six sites and tell the slowest."""
    spent, requests = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in _SITES:
            with served(FAULTS[name]) as url:
                began = time.perf_counter()
                asked = Asked(target=url, now=SystemClock().now(), feeds=Path(folder))
                report = running.run(registry.scanner_of("site"), asked)
                spent.append(time.perf_counter() - began)
                requests.append(int(report.facts["requests"]))
    finish([
        Figure("scan_site", "whole scan of a local site, slowest of six", max(spent), "s", "<= 5"),
        Figure("scan_site", "whole scan of a local site, median", statistics.median(spent), "s"),
        Figure("scan_site", "requests", max(requests), "requests", "<= 120"),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
