"""Risk by CVSS: scores that FIRST and NVD publish for vectors, and what is none."""

import pytest

from vedette.instruments.scan.advisories import cvss, osv
from vedette.instruments.scan.advisories.types import ScoredBy


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),  # CVE-2021-44228
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),  # CVE-2014-0160
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),  # reflected scripts
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),  # example 1 of FIRST's guide
        ("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),  # example 2
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L", 1.6),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),  # CVE-2002-0392, FIRST's own example of 2.0
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),  # CVE-2003-0818
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2),  # CVE-2003-0062
        ("AV:N/AC:M/Au:N/C:N/I:P/A:N", 4.3),
        ("(AV:N/AC:L/Au:N/C:N/I:N/A:N)", 0.0),
    ],
)
def test_published_scores(vector: str, score: float) -> None:
    found = cvss.risk_of(vector)
    assert found is not None
    assert found[0] == score


def test_a_vector_of_4_is_read_as_the_nearest_of_3_and_said_to_be() -> None:
    worst = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    assert cvss.risk_of(worst) == (9.8, ScoredBy.V4_AS_V3)
    assert cvss.risk_of(worst.replace("UI:N", "UI:P").replace("AT:N", "AT:P")) == (7.5, ScoredBy.V4_AS_V3)


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "high",
        "CVSS:3.1/AV:N",
        "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:9/AV:N",
        "AV:N/" * 1000,
    ],
)
def test_what_is_no_vector(vector: str) -> None:
    assert cvss.risk_of(vector) is None


def test_what_nobody_rated_is_not_harmless() -> None:
    assert osv.rated("", "") == (5.0, ScoredBy.NONE)
    assert osv.rated("nonsense", "MODERATE") == (5.5, ScoredBy.WORD)
