"""Every check of sites and domains stands in its page."""

from pathlib import Path

import pytest

from vedette.instruments.scan.dns import registry as dns
from vedette.instruments.scan.site import registry as site

DOCS = Path(__file__).parents[4] / "docs" / "scans"


@pytest.mark.parametrize(
    ("page", "kind", "ids"), [("sites.md", "site", site.checks()), ("dns.md", "dns", dns.checks())]
)
def test_every_check_has_a_row(page: str, kind: str, ids: object) -> None:
    text = (DOCS / page).read_text()
    assert isinstance(ids, type(site.checks()))
    assert [each for each in ids if f"| `{kind}-{each}` |" not in text] == []
