"""Every scanner has its page, its verb and a test in which it is blind; every verb of the registry is typed as it is called."""

import re
from pathlib import Path

import pytest

from vedette.cli import scanning
from vedette.instruments.scan.registry import first_line, scanners
from vedette.instruments.scan.telling.registry import formats

ROOT = Path(__file__).parents[2]
KINDS = sorted(scanners())


@pytest.mark.parametrize("kind", KINDS)
def test_every_scanner_has_a_page_and_a_verb(kind):
    pages = [path for path in (ROOT / "docs/scans").glob("*.md") if path.name not in {"README.md", "ci.md"}]
    assert any(f"vedette scan {kind}" in path.read_text() for path in pages), (
        f"docs/scans: tell of `vedette scan {kind}`"
    )
    assert kind in scanning.APP


@pytest.mark.parametrize("kind", KINDS)
def test_every_scanner_is_blind_in_a_test(kind):
    names = re.compile(rf"(^|_){kind}(_|\.|$)")
    files = [path for path in (ROOT / "tests").glob("*/scan/test_*.py") if names.search(path.name)]
    assert any("def test_blind_" in path.read_text() for path in files), (
        f"tests/integration/scan/test_{kind}.py: blind it, in a test_blind_…"
    )


def test_every_option_and_format_is_told_of():
    page = (ROOT / "docs/scans/README.md").read_text()
    options = [f"--{name.replace('_', '-')}" for name in scanning.Wanted.__dataclass_fields__]
    missing = [word for word in [*options, *(f"`{name}`" for name in formats())] if word not in page]
    assert not missing, f"docs/scans/README.md: {missing}"


@pytest.mark.parametrize("scanner", scanners().values(), ids=KINDS)
def test_every_scanner_explains_itself(scanner):
    assert scanner.kind in KINDS
    assert scanner.label
    assert first_line(scanner.kind).endswith(".")
    assert scanner.about.endswith(".")
    assert all(scanner.options.values())
