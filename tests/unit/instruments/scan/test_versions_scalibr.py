"""All comparisons of google/osv-scalibr's test data, and each that we see otherwise, with the reason."""

from collections import defaultdict
from pathlib import Path

import pytest
from tests.support.versions import SCALIBR, SIGNS, comparisons

from vedette.instruments.scan.versions import Unreadable, compare

pytestmark = [pytest.mark.corpus, pytest.mark.xdist_group("scalibr")]  # compared once

LEAST = 0.999
LINES = 71818
OTHERWISE = {
    # apk calls each of these invalid: they have no order, and we say that they cannot be read
    "Alpine": {
        "1-r = 1-r0",
        "1-r-0 < 1-r0",
        "1-r-1 < 1-r0",
        "0.r1 < 0r2",
        "0..1..0 < 0..1..1",
        "0...1...0 < 0...1...1",
        "0...1...0.r1 < 0...1...0.r2",
        "0...1...0r1 < 0...1...0r2",
        "0..8 = 0..8",
        "0..8 > 0...8",
        "0.8.21.r2 > 0.8.21.r1",
        "10.2.24.r0 > 10.2.22.r0",
        "0.8.21.r2 < 0.8.21r2",
        "1.2.0A < 1.2.0d",
        "1.2.0D < 1.2.0d",
        "1-r2 > 1-r-1",
        "1 > 1-ruff",
        "1-r0-1 = 1-r-2",
        "1-r0-1 = 1-r0-2",
        "1-ruff2 = 1-ruff1",
        "1-ruff2 = 1--ruff1",
        "1-r0-ruff2 = 1-r0-ruff1",
        "1.2 > 1.2_blah",
        "1.2_svn1 > 1.2_csv2",
        "1.2_cvs1 > 1.2_blah",
        ".1 < 1",
        "1 > .1",
        ".2 > .1",
        "a < b",
        "c > b",
        "c = c",
        "23_foo > 4_beta",
        "1.0 < 1.0bc",
    },
    # as Maven compared before 3.8: a qualifier after a dot was before one after a hyphen, which made circles (MNG-7644, MNG-7714)
    "Maven": {
        "1.0.0-RC16 < 1.0.0.RC8-beta",
        "1.0.0-gradle-rework-beta3 < 1.0.0.RC7-3",
        "2.9.0-1 < 2.9.0.RC1",
        "3.6.2.FL.20090615 < 3.6.2-FL-2009-05-11",
        "6.1.12.rc5 < 6.1.12rc1",
        "1.1.31.sec10 < 1.1.31_noneautotype",
        "1.1.34.sec10 < 1.1.34_noneautotype",
        "1.1.46.sec10 < 1.1.46_noneautotype",
        "1.2.8.sec10_noneautotype < 1.2.8_noneautotype",
        "1.2.31.sec10 < 1.2.31_noneautotype",
        "1.2.48.sec10 < 1.2.48_noneautotype",
        "1.2.50.sec10 < 1.2.50_noneautotype",
        "1.2.54.sec10 < 1.2.54_noneautotype",
        "1.2.57.sec10 < 1.2.57_noneautotype",
        "1.2.60.sec10 < 1.2.60_noneautotype",
        "1.2.67.sec10 < 1.2.67_noneautotype",
        "1.0.0rc0 < 1.0.beta8",
        "1.5.9.RC1 < 1.5.9-RC0",
        "3.5.0-CR-2 < 3.5.0.Beta-1",
        "1.1.0-01-glassfish < 1.1.0.Beta1",
    },
    # Composer spells versions small and knows `stable`, version_compare alone does not; `#` equals 1 and 2
    "Packagist": {
        "v1.9.0-ALPHA.1 = v1.9.0-BETA.1",
        "v1.9.0-BETA.1 < v1.9.0-ALPHA.2",
        "v1.9.0-ALPHA.2 = v1.9.0-BETA.2",
        "5.1.0-stable < 5.1.0-beta2",
        "1.2.3.# = 1.2.3",
        "1.2.3.# = 1.2.3.#",
        "1.2.3.# = 1.2.3.1",
        "1.2.3.#.1 > 1.2.3",
        "1.2.3.#.p3 > 1.2.3",
        "1.2.3.#.beta < 1.2.3",
    },
}


@pytest.fixture(scope="module")
def seen(corpora: Path) -> dict[str, list[tuple[str, bool]]]:
    found = defaultdict(list)
    for path in sorted((corpora / "scan/scalibr-semantic").glob("*.txt")):
        ecosystem = SCALIBR[path.name.partition("-")[0]]
        for one, sign, other in comparisons(path):
            found[ecosystem].append((f"{one} {sign} {other}", _told(ecosystem, one, other) == sign))
    return found


def _told(ecosystem: str, one: str, other: str) -> str:
    try:
        return SIGNS[compare(ecosystem, one, other)]
    except Unreadable:
        return "unreadable"


@pytest.mark.parametrize("ecosystem", SCALIBR.values())
def test_what_we_see_otherwise_is_listed(seen: dict[str, list[tuple[str, bool]]], ecosystem: str) -> None:
    missed = {line for line, same in seen[ecosystem] if not same}
    assert missed == OTHERWISE.get(ecosystem, set())


def test_nearly_all_are_seen_the_same(seen: dict[str, list[tuple[str, bool]]]) -> None:
    lines = [same for some in seen.values() for _, same in some]
    assert len(lines) == LINES
    assert sum(lines) / len(lines) >= LEAST
