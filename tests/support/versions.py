"""Comparisons of versions: lines `A < B` of a file, and which ecosystem each file of google/osv-scalibr is about."""

from collections.abc import Iterator
from pathlib import Path

SCALIBR = {
    "alpine": "Alpine", "cran": "CRAN", "debian": "Debian", "hackage": "Hackage", "maven": "Maven", "nuget": "NuGet",
    "packagist": "Packagist", "pub": "Pub", "pypi": "PyPI", "redhat": "Red Hat", "rubygems": "RubyGems", "semver": "npm",
}  # fmt: skip
SIGNS = {-1: "<", 0: "=", 1: ">"}


def comparisons(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the comparisons of a file: version, sign, version."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text and not text.startswith(("#", "//")):
            one, sign, other = text.split(" ")
            yield one, sign, other
